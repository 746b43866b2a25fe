"""The brakes of guarantee 18: how much an import would change of each school, against what is known of it.

A change is a link of a known pupil that is added, removed or given another relation or legal level, and a known mobile number that becomes
another one or none. New pupils with their links, new guardians, and a first number where none was known, change nothing that is known.
A number belongs to every school in which its guardian has a pupil.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.journeys.directory_desk import (
    DirectoryReading,
    DirectoryStore,
    DirectorySurvey,
    StatementKey,
    kept_value,
    statement_key,
)
from idp.journeys.directory_plan import BatchPlan, Rules
from idp.journeys.directory_ports import GuardianEntry, Kind, LinkEntry, LinkRecordEntry, Origin, PupilEntry, StatedLink
from idp.journeys.directory_report import ImportReport, SchoolChanges

LEAST_LINKS = 20
"""Schools with fewer known links are not stopped: one change would be too much."""
_ONE_IN = 20  # 5 %


class ImportStopped(Exception):  # noqa: N818  the name says what happened
    """The import would change too much of a school, and nothing was written.

    Attributes:
        report: What the import would do.
    """

    def __init__(self, sentence: str, report: ImportReport) -> None:
        super().__init__(sentence)
        self.report = report


@dataclass(slots=True)
class Measure:
    """Counts what an import would change, by school, in the report."""

    report: ImportReport
    uais: dict[str, str]  # by a school's jointure; grows with the schools of the files
    jointures: dict[str, set[str]] = field(default_factory=dict)  # of the schools that something changes, by UAI

    def school(self, jointure: str) -> SchoolChanges:
        """Return what changes of a school, to be added to."""
        uai = self.uais.get(jointure, jointure)
        self.jointures.setdefault(uai, set()).add(jointure)
        return self.report.school(uai)

    def add(self, reading: DirectoryReading, plan: BatchPlan, rules: Rules) -> None:
        """Count one batch."""
        if plan.kind is Kind.PUPIL:
            self._add_pupils(reading, plan, rules)
        elif plan.kind is Kind.GUARDIAN:
            self._add_guardians(reading, plan, rules)
        elif plan.kind is Kind.LINK:
            self._add_links(reading, plan, rules)

    def add_leavers(self, survey: DirectorySurvey, rules: Rules, origins: Mapping[Origin, set[Kind]]) -> None:
        """Count what a full export no longer holds, by what kinds of records it holds of each origin."""
        for origin, kinds in origins.items():
            for gone in survey.measure_leavers(rules.academy, origin):
                school = self.school(gone.school_jointure)
                if Kind.PUPIL in kinds:
                    school.pupils_absent += gone.pupils
                    school.links_removed += gone.links
                if Kind.GUARDIAN in kinds:
                    school.phones_changed += gone.phones

    def compare(self, store: DirectoryStore, academy: str) -> None:
        """Put what is known of each changed school beside what changes."""
        for uai, jointures in self.jointures.items():
            for known in store.measure_schools(academy, sorted(jointures)).values():
                self.report.schools[uai].known_links += known.links
                self.report.schools[uai].known_phones += known.phones

    def _add_pupils(self, reading: DirectoryReading, plan: BatchPlan, rules: Rules) -> None:
        touched = [entry.jointure for entry, _, _ in plan.saved if isinstance(entry, PupilEntry)]
        known = [one for one in (*touched, *plan.gone) if one in plan.states and plan.states[one].present]
        before = reading.load_entries(plan.kind, rules.academy, plan.origin, known) if known else {}
        for entry, _, _ in plan.saved:
            former = before.get(entry.jointure) if isinstance(entry, PupilEntry) else None
            if isinstance(entry, PupilEntry) and isinstance(former, PupilEntry):
                school = self.school(former.school_jointure)
                school.pupils_modified += 1
                _compare_links(former.links, entry.links, school)
            elif isinstance(entry, PupilEntry):
                self.school(entry.school_jointure).pupils_added += 1
        for jointure in plan.gone:
            former = before.get(jointure)
            if isinstance(former, PupilEntry):
                school = self.school(former.school_jointure)
                school.pupils_absent += 1
                school.links_removed += len(former.links)

    def _add_guardians(self, reading: DirectoryReading, plan: BatchPlan, rules: Rules) -> None:
        saved = {entry.jointure: entry for entry, _, _ in plan.saved if isinstance(entry, GuardianEntry)}
        known = [one for one in (*saved, *plan.gone) if one in plan.states and plan.states[one].present]
        if not known:
            return
        before = reading.load_entries(plan.kind, rules.academy, plan.origin, known)
        schools = reading.load_schools_of_guardians(rules.academy, plan.origin, known)
        for jointure, former in before.items():
            if not isinstance(former, GuardianEntry):
                continue
            entry = saved.get(jointure)
            phone = bool(former.mobile) and (entry is None or entry.mobile != former.mobile)
            for one in schools.get(jointure, ()):
                school = self.school(one)
                school.phones_changed += phone
                if entry is None:
                    school.links_removed += 1
                else:
                    _compare_statements(former.links, entry.links, school)

    def _add_links(self, reading: DirectoryReading, plan: BatchPlan, rules: Rules) -> None:
        saved = (statement_key(entry) for entry, _, _ in plan.saved if isinstance(entry, LinkRecordEntry))
        changed = [key for key in saved if key in plan.statements]
        guardians = sorted({key.guardian_jointure for key in (*changed, *plan.withdrawn) if not key.pupil_uai})
        schools = reading.load_schools_of_guardians(rules.academy, plan.origin, guardians) if guardians else {}
        for key in changed:
            for school in self._schools_of(key, schools):
                school.links_changed += 1
        for key in plan.withdrawn:
            for school in self._schools_of(key, schools):
                school.links_removed += 1

    def _schools_of(self, key: StatementKey, schools: Mapping[str, set[str]]) -> Iterator[SchoolChanges]:
        """Yield the school that a stated link names, or those where its guardian has pupils: SIECLE's file names none."""
        if not key.pupil_uai:
            yield from map(self.school, schools.get(key.guardian_jointure, ()))
            return
        known = {one for one, uai in self.uais.items() if uai == key.pupil_uai}
        self.jointures.setdefault(key.pupil_uai, set()).update(known)
        yield self.report.school(key.pupil_uai)


def check_brakes(report: ImportReport) -> None:
    """Stop an import that would change too much of a school.

    Raises:
        ImportStopped: More than 5 % of the phones or of the links of a school with at least twenty known links.
    """
    too_much = [
        f"{uai}: {school.links} of {school.known_links} links, {school.phones_changed} of {school.known_phones} phones"
        for uai, school in sorted(report.schools.items())
        if school.known_links >= LEAST_LINKS
        and (school.links * _ONE_IN > school.known_links or school.phones_changed * _ONE_IN > school.known_phones)
    ]
    if too_much:
        raise ImportStopped(
            f"This import would change more than 5 % of a school's links or phones, and nothing was written. {'; '.join(too_much)}."
            " Look at the files; when they are right, import them again with --confirm-changes.",
            report,
        )


def _compare_links(before: Sequence[LinkEntry], after: Sequence[LinkEntry], school: SchoolChanges) -> None:
    _compare(
        {link.guardian_jointure: link for link in before}, {link.guardian_jointure: link for link in after}, school
    )


def _compare_statements(before: Sequence[StatedLink], after: Sequence[StatedLink], school: SchoolChanges) -> None:
    _compare(
        {(link.pupil_key, kept_value(link)): link.legal for link in before},
        {(link.pupil_key, kept_value(link)): link.legal for link in after},
        school,
    )


def _compare(before: Mapping[Any, object], after: Mapping[Any, object], school: SchoolChanges) -> None:
    school.links_added += len(after.keys() - before.keys())
    school.links_removed += len(before.keys() - after.keys())
    school.links_changed += sum(before[key] != after[key] for key in before.keys() & after.keys())
