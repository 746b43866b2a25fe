"""The directory records that a document means, as the files of an academy would bring them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from idp.journeys.directory_ports import Kind, Operation, Origin, SourceRecord
from idp.journeys.families.document import (
    RELATIONS,
    FamiliesDocument,
    Family,
    Guardian,
    Link,
    Path,
    Pupil,
    School,
    When,
    line_of,
)
from idp.people.academies import academy_name
from idp.people.phones import parse_directory_mobile
from idp.people.records import Guardian as KnownGuardian

ByAcademy: TypeAlias = dict[str, list[tuple[Path, SourceRecord]]]
"""Records with the place that each comes from, by the academy whose files bring them."""

_TYPES = {1: "ECOLE PRIMAIRE", 2: "COLLEGE"}
_CONTRACTS = {"public": "PU", "private": "PR"}
_LEGAL, _CALLED = "1$1$1$1", "0$3$1$0"  # who pays, legal level, to be called, is paid


@dataclass(frozen=True, slots=True)
class GuardianRecord:
    """A guardian as one academy's file of one degree writes her.

    Attributes:
        owner: Who she is.
        later: Whether it came after the accounts were activated.
    """

    owner: Guardian
    at: Path
    academy: str
    degree: int
    jointure: str
    family_name: str
    birth_name: str
    given_names: tuple[str, ...]
    phone: str
    later: bool

    def as_known(self, number: int) -> KnownGuardian:
        """Return the record as the database would give it."""
        return KnownGuardian(
            id=number,
            academy=self.academy,
            jointure=self.jointure,
            family_name=self.family_name,
            birth_name=self.birth_name,
            given_names=self.given_names,
            mobile=parse_directory_mobile(self.phone, fiction=True),
            origin=origin_of(self.degree).value,
            title=self.owner.title,
        )


def origin_of(degree: int) -> Origin:
    """Return what kind of file brings the records of a degree."""
    return Origin.AAF_1D if degree == 1 else Origin.AAF_2D


def guardian_records(document: FamiliesDocument, family: Family, guardian: Guardian) -> list[GuardianRecord]:
    """Return a guardian's records: one where each of her pupils is, and those that the document adds."""
    places: dict[tuple[str, int], bool] = {}
    for pupil, _ in links_of(family, guardian):
        school = document.school(pupil.school)
        if school is not None:
            place = (school.academy, school.degree)
            places[place] = places.get(place, True) and pupil.when == When.LATER
    given = {(one.academy, one.degree): one for one in guardian.records}
    found = []
    for academy, degree in sorted({**dict.fromkeys(given, False), **places}):
        record = given.get((academy, degree))
        found.append(
            GuardianRecord(
                owner=guardian,
                at=record.at if record else guardian.at,
                academy=academy,
                degree=degree,
                jointure=(record.jointure if record else "") or make_id(family.key, guardian.key, academy, str(degree)),
                family_name=(record.family_name if record else "") or guardian.family_name,
                birth_name=(record.birth_name if record else "") or guardian.birth_name,
                given_names=(record.given_names if record else ()) or guardian.given_names,
                phone=(record.phone if record else "") or guardian.phone,
                later=places.get((academy, degree), False),
            )
        )
    return found


def links_of(family: Family, guardian: Guardian) -> Iterator[tuple[Pupil, Link]]:
    """Yield the pupils to whom a guardian has a link, with the link."""
    for pupil in family.pupils:
        for link in pupil.guardians:
            if link.guardian == guardian.key:
                yield pupil, link


def pupil_id(family: Family, pupil: Pupil) -> str:
    """Return the jointure of a pupil."""
    return make_id(family.key, pupil.key)


def school_id(school: School) -> str:
    """Return the jointure of a school."""
    return school.uai if school.listed else make_id("school", school.academy, school.key)


def make_id(*keys: str) -> str:
    """Return an id of nine digits, the same for the same keys; those of the demo and of generated directories have other lengths."""
    digest = hashlib.sha256("\n".join(keys).encode()).digest()
    return f"9{int.from_bytes(digest[:8]) % 10**8:08}"


def records_before(documents: Sequence[FamiliesDocument], *, leavers: bool) -> ByAcademy:
    """Return what the files held when the accounts were activated.

    Args:
        documents: Documents without faults.
        leavers: Whether pupils who have left since are among it.
    """
    whens = {When.ALWAYS.value, *([When.LEFT.value] if leavers else [])}
    found: ByAcademy = {}
    for document in documents:
        _Writer(document, found).write(whens, later=False)
    return found


def records_after(documents: Sequence[FamiliesDocument]) -> ByAcademy:
    """Return what imports brought since: pupils who came, and those who left."""
    found: ByAcademy = {}
    for document in documents:
        writer = _Writer(document, found)
        writer.write({When.LATER.value}, later=True)
        for family, pupil in document.pupils():
            if pupil.when == When.LEFT:
                writer.remove(family, pupil)
    return found


class _Writer:
    """Writes the records of one document beside those of others."""

    def __init__(self, document: FamiliesDocument, found: ByAcademy) -> None:
        self._document = document
        self._found = found

    def write(self, whens: set[str], *, later: bool) -> None:
        document = self._document
        for school in document.schools:
            if school.listed and not later:
                self._school(school)
        for family, guardian in document.guardians():
            for record in guardian_records(document, family, guardian):
                if record.later == later:
                    self._guardian(record)
        for family, pupil in document.pupils():
            if pupil.when in whens:
                self._pupil(family, pupil)

    def remove(self, family: Family, pupil: Pupil) -> None:
        school = self._school_of(pupil)
        place = (school.academy, school.degree)
        self._add(Kind.PUPIL, place, pupil_id(family, pupil), {}, pupil.at, Operation.DELETE)

    def _add(
        self,
        kind: Kind,
        place: tuple[str, int],
        jointure: str,
        attributes: Mapping[str, Sequence[str]],
        at: Path,
        operation: Operation = Operation.ADD,
    ) -> None:
        academy, degree = place
        values = {name: tuple(given) for name, given in attributes.items()}
        line = line_of(self._document.lines, at)
        record = SourceRecord(self._document.name, line, operation, kind.value, jointure, values, origin_of(degree))
        if kind is not Kind.SCHOOL or not self._is_there(academy, jointure):
            self._found.setdefault(academy, []).append((at, record))

    def _is_there(self, academy: str, jointure: str) -> bool:
        """Tell whether another document brought a school already."""
        known = self._found.get(academy, ())
        return any(record.kind == Kind.SCHOOL and record.jointure == jointure for _, record in known)

    def _school(self, school: School) -> None:
        self._add(
            Kind.SCHOOL,
            (school.academy, school.degree),
            school_id(school),
            {
                "ENTStructureUAI": (school.uai,),
                "ENTStructureNomCourant": (school.name,),
                "ENTStructureTypeStruct": (_TYPES[school.degree],),
                "ENTEtablissementContrat": (_CONTRACTS[school.sector],),
                "l": (school.town,),
                "ENTEcoleCommune": (school.town,),
                "ENTServAcAcademie": (academy_name(school.academy),),
                "ENTServAcCodeAcademie": (f"{int(school.academy):02}",),
            },
            school.at,
        )

    def _guardian(self, record: GuardianRecord) -> None:
        words = _WORDS[record.degree]
        self._add(
            Kind.GUARDIAN,
            (record.academy, record.degree),
            record.jointure,
            {
                words["family"]: (record.family_name,),
                "ENTPersonNomPatro": (record.birth_name,),
                words["given"]: record.given_names[:1],
                "ENTPersonAutresPrenoms": record.given_names[1:],
                words["title"]: (record.owner.title,),
                words["mobile"]: (record.phone,),
            },
            record.at,
        )

    def _pupil(self, family: Family, pupil: Pupil) -> None:
        school = self._school_of(pupil)
        words = _WORDS[school.degree]
        adults = {one.key: one for one in family.guardians}
        self._add(
            Kind.PUPIL,
            (school.academy, school.degree),
            pupil_id(family, pupil),
            {
                "ENTEleveINE": (pupil.ine or f"FICTIF-{make_id('ine', family.key, pupil.key)}",),
                "ENTPersonDateNaissance": (f"{pupil.birth_date:%d/%m/%Y}",),
                words["family"]: (pupil.family_name,),
                words["given"]: (pupil.given_name,),
                words["level"]: (pupil.level,),
                "ENTPersonStructRattach": (school_id(school),),
                words["classes"]: (f"{school_id(school)}${pupil.class_name}",) if pupil.class_name else (),
                words["guardians"]: [
                    f"{self._id_at(school, family, adults[link.guardian])}${RELATIONS[link.relation]}${_LEGAL if link.legal else _CALLED}"
                    for link in pupil.guardians
                ],
            },
            pupil.at,
        )

    def _school_of(self, pupil: Pupil) -> School:
        school = self._document.school(pupil.school)
        if school is None:
            raise ValueError("a document with faults was not to come here")
        return school

    def _id_at(self, school: School, family: Family, guardian: Guardian) -> str:
        place = (school.academy, school.degree)
        return next(
            record.jointure
            for record in guardian_records(self._document, family, guardian)
            if (record.academy, record.degree) == place
        )


_WORDS = {
    1: {
        "family": "ENTPersonNom",
        "given": "ENTPersonPrenom",
        "title": "ENTPersonCivilite",
        "mobile": "ENTPersRelEleveTelMobile",
        "level": "ENTEleveNiveau",
        "classes": "ENTPersonClasses",
        "guardians": "ENTEleveAutoriteParentale",
    },
    2: {
        "family": "sn",
        "given": "givenName",
        "title": "personalTitle",
        "mobile": "ENTPersonMobileSMS",
        "level": "ENTEleveNivFormation",
        "classes": "ENTEleveClasses",
        "guardians": "ENTElevePersRelEleve",
    },
}
"""Attributes that the two degrees name differently (docs/reference/directory-formats.md)."""
