"""Writes AAF of either degree: a file of pupils, one of guardians and one of schools for each school, split where they are long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from idp.adapters.aaf_writer import HEAD, TAIL, render_request
from idp.adapters.fiction.changes import Change, draw_change
from idp.adapters.fiction.draw import Draw
from idp.adapters.fiction.export import Export, Format
from idp.adapters.fiction.files import Shape, Shelf
from idp.adapters.fiction.places import Enrolment, Land, School
from idp.journeys.directory_ports import Kind, Operation
from idp.people.population import Adult

Attributes = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """The children of one household whose records are in one academy's files of one degree."""

    academy: str
    enrolments: tuple[Enrolment, ...]

    def adults(self, school: School | None = None) -> list[Adult]:
        """Return who answers for these children, or for those at one school, each once."""
        children = (one.child for one in self.enrolments if school is None or one.school.uai == school.uai)
        found = {tie.adult.slot: tie.adult for child in children for tie in child.ties}
        return list(found.values())

    def schools(self) -> list[School]:
        """Return these children's schools, each once."""
        return list({one.school.uai: one.school for one in self.enrolments}.values())


class Dialect(Protocol):
    """How one degree writes its records."""

    file_format: Format
    phone_attributes: frozenset[str]
    school_attributes: frozenset[str]
    """Of a pupil's record, those that say which school and class it is."""

    def pupil_id(self, academy: str, enrolment: Enrolment) -> str:
        """Return the jointure of a pupil."""

    def guardian_id(self, academy: str, adult: Adult) -> str:
        """Return the jointure of a guardian."""

    def pupil(self, group: Group, enrolment: Enrolment) -> Attributes:
        """Return a pupil's attributes."""

    def guardian(self, group: Group, adult: Adult) -> Attributes:
        """Return a guardian's attributes."""

    def school(self, school: School) -> Attributes:
        """Return a school's attributes."""

    @property
    def pupil_links(self) -> frozenset[str]:
        """The attribute of a pupil that states links, if it does."""

    @property
    def guardian_links(self) -> frozenset[str]:
        """The attribute of a guardian that states links, if it does."""


class AafWriter:
    """Writes the full export of one degree, and its delta when one is asked for."""

    def __init__(self, folder: Path, export: Export, land: Land, dialect: Dialect) -> None:
        self._dialect = dialect
        self._land = land
        self._degrees = dialect.file_format.degrees
        self._full = _Files(folder, export, dialect.file_format, delta=False)
        self._delta = _Files(folder, export, dialect.file_format, delta=True) if export.delta else None
        self._draw = Draw(export.seed)
        for school in land.schools(sorted(self._degrees)):
            text = render_request(Operation.ADD, Kind.SCHOOL, school.jointure, dialect.school(school))
            for files in self._all_files():
                files.put(school, Kind.SCHOOL, text)

    def take(self, enrolments: Sequence[Enrolment]) -> None:
        """Write the records of one household's children and of who answers for them."""
        by_academy: dict[str, list[Enrolment]] = {}
        for one in enrolments:
            if one.school.degree in self._degrees:
                by_academy.setdefault(one.school.town.academy, []).append(one)
        for academy, own in by_academy.items():
            group = Group(academy, tuple(own))
            self._write(group)
            if self._delta is not None:
                self._write_change(group, self._delta)

    def close(self) -> list[Path]:
        """End the files and return their paths."""
        return [path for files in self._all_files() for path in files.close()]

    def abandon(self) -> None:
        """Close what is open."""
        for files in self._all_files():
            files.abandon()

    def _all_files(self) -> "list[_Files]":
        return [self._full] if self._delta is None else [self._full, self._delta]

    def _write(self, group: Group) -> None:
        dialect = self._dialect
        for one in group.enrolments:
            jointure = dialect.pupil_id(group.academy, one)
            text = render_request(Operation.ADD, Kind.PUPIL, jointure, dialect.pupil(group, one))
            self._full.put(one.school, Kind.PUPIL, text)
        texts: dict[int, str] = {}
        for school in group.schools():
            for adult in group.adults(school):
                if adult.slot not in texts:
                    jointure = dialect.guardian_id(group.academy, adult)
                    texts[adult.slot] = render_request(
                        Operation.ADD, Kind.GUARDIAN, jointure, dialect.guardian(group, adult)
                    )
                self._full.put(school, Kind.GUARDIAN, texts[adult.slot])

    # --- what changed ---------------------------------------------------------------------------------------------------------

    def _write_change(self, group: Group, files: "_Files") -> None:
        self._draw.begin(group.enrolments[0].child.household, f"changes {group.academy}")
        change = draw_change(self._draw, [one.child for one in group.enrolments])
        if change is None:
            return
        if change.moved is not None:
            self._write_move(group, change.moved, files)
        elif change.deleted is None and change.corrected is not None:
            self._modify_guardian(group, change.corrected, self._dialect.phone_attributes, files)
        else:
            self._write_links(group, change, files)

    def _write_move(self, group: Group, slot: int, files: "_Files") -> None:
        moved = self._land.move(next(one for one in group.enrolments if one.child.slot == slot))
        if moved is not None:
            self._modify_pupil(group, moved, self._dialect.school_attributes, files)

    def _write_links(self, group: Group, change: Change, files: "_Files") -> None:
        """Write the children whose links are fewer, or the guardians whose links are, and the guardian who left."""
        dialect = self._dialect
        after = {child.slot: child for child in change.children}
        now = Group(group.academy, tuple(replace(one, child=after[one.child.slot]) for one in group.enrolments))
        if dialect.pupil_links:
            for before, one in zip(group.enrolments, now.enrolments, strict=True):
                if one.child.ties != before.child.ties:
                    self._modify_pupil(now, one, dialect.pupil_links, files)
        if change.deleted is not None:
            jointure = dialect.guardian_id(group.academy, change.deleted)
            text = render_request(Operation.DELETE, Kind.GUARDIAN, jointure, {})
            for school in _schools_of(group, change.deleted):
                files.put(school, Kind.GUARDIAN, text)
        elif change.unlinked is not None and dialect.guardian_links:
            schools = _schools_of(group, change.unlinked)
            self._modify_guardian(now, change.unlinked, dialect.guardian_links, files, schools)

    def _modify_pupil(self, group: Group, one: Enrolment, names: frozenset[str], files: "_Files") -> None:
        attributes = _only(self._dialect.pupil(group, one), names)
        jointure = self._dialect.pupil_id(group.academy, one)
        files.put(one.school, Kind.PUPIL, render_request(Operation.MODIFY, Kind.PUPIL, jointure, attributes))

    def _modify_guardian(
        self,
        group: Group,
        adult: Adult,
        names: frozenset[str],
        files: "_Files",
        schools: Sequence[School] = (),
    ) -> None:
        attributes = _only(self._dialect.guardian(group, adult), names)
        jointure = self._dialect.guardian_id(group.academy, adult)
        text = render_request(Operation.MODIFY, Kind.GUARDIAN, jointure, attributes)
        for school in schools or _schools_of(group, adult):
            files.put(school, Kind.GUARDIAN, text)


def _schools_of(group: Group, adult: Adult) -> list[School]:
    return [school for school in group.schools() if any(adult.slot == other.slot for other in group.adults(school))]


def _only(attributes: Attributes, names: frozenset[str]) -> Attributes:
    return {name: values for name, values in attributes.items() if name in names}


class _Files:
    """The files of an export, full or delta, of one degree: ENT_9990001O_Complet_20260901_Eleve_0000.xml and its like."""

    def __init__(self, folder: Path, export: Export, file_format: Format, *, delta: bool) -> None:
        day = export.exported_on + timedelta(days=1) if delta else export.exported_on
        self._middle = f"{'Delta' if delta else 'Complet'}_{day:%Y%m%d}"
        self._folder_of: Callable[[str], Path] = lambda academy: export.folder_of(
            folder, file_format, academy, delta=delta
        )
        self._shelf = Shelf(Shape(HEAD, TAIL), export.split, self._path)

    def put(self, school: School, kind: Kind, text: str) -> None:
        """Write a record into a school's file of its kind."""
        self._shelf.put(f"{school.town.academy}/ENT_{school.uai}_{self._middle}_{kind.value}", text)

    def close(self) -> list[Path]:
        return self._shelf.close()

    def abandon(self) -> None:
        self._shelf.abandon()

    def _path(self, series: str, number: int) -> Path:
        academy, stem = series.split("/")
        return self._folder_of(academy) / f"{stem}_{number:04}.xml"
