"""What first and second degree of AAF share: the same records and requests, with other names for some attributes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from idp.journeys.directory_mapping.shared import (
    JOINTURE,
    NAME_LIMIT,
    TITLE_LIMIT,
    UnusableRecord,
    birth_date,
    clean,
    first,
    folded,
    given_names,
    mobile,
    required,
    text,
)
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    Kind,
    LinkEntry,
    PupilEntry,
    PupilKey,
    SchoolEntry,
    SourceRecord,
    StatedLink,
)
from idp.people.academies import ACADEMIES, normalise_academy
from idp.people.kinship import is_legal_guardian

INE = "ENTEleveINE"
SCHOOL_OF_PUPIL = "ENTPersonStructRattach"

_UAI = re.compile(r"[0-9A-Z]{1,16}")
_FIRST_DEGREE = re.compile(r"ECOLE( .*)? (MATERNELLE|ELEMENTAIRE|PRIMAIRE|PREMIER DEGRE)( .*)?|ECOLE")
_OTHER_NAMES = "ENTPersonAutresPrenoms"

LinkParts: TypeAlias = tuple[str, str, str]
"""Of a link: the id of whom it names, the relation, the legal level; checked."""


@dataclass(frozen=True, slots=True)
class AafNames:
    """The attributes that the two degrees name differently, and how they write a link."""

    family_name: str
    given_name: str
    title: str
    mobiles: tuple[str, ...]  # the first usable number is the guardian's mobile
    other_phones: tuple[str, ...]  # not kept
    level: tuple[str, str]  # the second one where the first is missing or too long to be kept
    classes: str
    guardians_of_pupil: str  # the links on the pupil's record
    pupils_of_guardian: str  # the links on the guardian's record, "" where no such attribute exists
    town: str
    degree: int | None  # None: as ENTStructureTypeStruct says
    read_link: Callable[[str, str, str], LinkParts]  # of an attribute's name, "guardian" or "pupil", and one value


def read_entry(record: SourceRecord, before: Entry | None, names: AafNames, *, fiction: bool) -> Entry:
    """Return what is to be kept of an AAF record; see the package's `read_entry`."""
    if record.kind == Kind.GUARDIAN:
        return _read_guardian(record, before if isinstance(before, GuardianEntry) else None, names, fiction=fiction)
    if record.kind == Kind.PUPIL:
        return _read_pupil(record, before if isinstance(before, PupilEntry) else None, names)
    if record.kind == Kind.SCHOOL:
        return _read_school(record, before if isinstance(before, SchoolEntry) else None, names)
    raise UnusableRecord("a kind of record that is not kept")


def read_academy(record: SourceRecord) -> str:
    """Return the academy of a school's record; see the package's `read_academy`."""
    code = first(record, "ENTServAcCodeAcademie")
    name = first(record, "ENTServAcAcademie")
    if code:
        try:
            return normalise_academy(code)
        except ValueError:
            raise UnusableRecord("ENTServAcCodeAcademie is no code of an academy") from None
    if not name:
        return ""
    wanted = folded(name)
    found = next((known for known, its_name in ACADEMIES.items() if folded(its_name) == wanted), None)
    if found is None:
        raise UnusableRecord("ENTServAcAcademie is no name of an academy")
    return found


# --- schools ----------------------------------------------------------------------------------------------------------------------


def _read_school(record: SourceRecord, before: SchoolEntry | None, names: AafNames) -> SchoolEntry:
    uai = before.uai if before else ""
    for name in ("ENTEtablissementUAI", "ENTStructureUAI"):
        uai = first(record, name).upper() or uai
    if not _UAI.fullmatch(uai):
        raise UnusableRecord("no usable ENTStructureUAI")
    return SchoolEntry(
        jointure=record.jointure,
        uai=uai,
        name=required(record, "ENTStructureNomCourant", before.name if before else "", limit=200),
        degree=names.degree or _degree(record, before),
        town=text(record, names.town, before.town if before else "", limit=100),
        phone=text(record, "telephoneNumber", before.phone if before else "", limit=32),
    )


def _degree(record: SourceRecord, before: SchoolEntry | None) -> int:
    """Return 1 for the types of écoles (maternelle, élémentaire, primaire), 2 for all others: the file is one of second degree."""
    kind = folded(first(record, "ENTStructureTypeStruct"))
    if before and not kind:
        return before.degree
    return 1 if _FIRST_DEGREE.fullmatch(kind) else 2


# --- guardians --------------------------------------------------------------------------------------------------------------------


def _read_guardian(
    record: SourceRecord, before: GuardianEntry | None, names: AafNames, *, fiction: bool
) -> GuardianEntry:
    return GuardianEntry(
        jointure=record.jointure,
        family_name=required(record, names.family_name, before.family_name if before else "", limit=NAME_LIMIT),
        birth_name=text(record, "ENTPersonNomPatro", before.birth_name if before else "", limit=NAME_LIMIT),
        given_names=_given_names(record, before.given_names if before else (), names),
        title=text(record, names.title, before.title if before else "", limit=TITLE_LIMIT),
        mobile=_mobile(record, before.mobile if before else "", names, fiction=fiction),
        links=_stated_links(record, before.links if before else (), names),
    )


def _given_names(record: SourceRecord, before: tuple[str, ...], names: AafNames) -> tuple[str, ...]:
    main, *others = before or ("",)
    if names.given_name in record.attributes:
        main = first(record, names.given_name)
    if _OTHER_NAMES in record.attributes:
        others = [clean(_OTHER_NAMES, value) for value in record.attributes[_OTHER_NAMES]]
    if not main.strip(", "):
        raise UnusableRecord(f"no {names.given_name}")
    return given_names((main, *others))


def _mobile(record: SourceRecord, before: str, names: AafNames, *, fiction: bool) -> str:
    if before and not any(name in record.attributes for name in names.mobiles):
        return before
    return mobile(record, names.mobiles, fiction=fiction)


def _stated_links(record: SourceRecord, before: tuple[StatedLink, ...], names: AafNames) -> tuple[StatedLink, ...]:
    name = names.pupils_of_guardian
    if not name or name not in record.attributes:
        return before
    links = _read_links(name, "pupil", record.attributes[name], names)
    return tuple(
        StatedLink(PupilKey.JOINTURE, pupil, "", relation, level, is_legal_guardian(relation, level))
        for pupil, relation, level in links
    )


# --- pupils -----------------------------------------------------------------------------------------------------------------------


def _read_pupil(record: SourceRecord, before: PupilEntry | None, names: AafNames) -> PupilEntry:
    school = required(record, SCHOOL_OF_PUPIL, before.school_jointure if before else "", limit=64)
    if not JOINTURE.fullmatch(school):
        raise UnusableRecord(f"{SCHOOL_OF_PUPIL} is malformed")
    return PupilEntry(
        jointure=record.jointure,
        school_jointure=school,
        family_name=required(record, names.family_name, before.family_name if before else "", limit=NAME_LIMIT),
        given_name=required(record, names.given_name, before.given_name if before else "", limit=NAME_LIMIT),
        birth_date=birth_date(record, "ENTPersonDateNaissance", before.birth_date if before else None),
        ine=text(record, INE, before.ine if before else "", limit=16),
        level=_level(record, before.level if before else "", names),
        class_name=_class_name(record, before.class_name if before else "", school, names),
        links=_links(record, before.links if before else (), names),
        rattach_id=text(record, "ENTEleveStructRattachId", before.rattach_id if before else "", limit=64),
    )


def _level(record: SourceRecord, before: str, names: AafNames) -> str:
    main, other = names.level
    if main not in record.attributes and other not in record.attributes:
        return before
    level = first(record, main)
    return level if 0 < len(level) <= 16 else text(record, other, limit=16)


def _class_name(record: SourceRecord, before: str, school: str, names: AafNames) -> str:
    """Return the code after the `$` (<school>$<class>), the pupil's own school first; what has no `$` is a class of the first degree."""
    values = record.attributes.get(names.classes)
    if values is None:
        return before
    pairs = [value.split("$", 1) for value in values if "$" in value]
    if not pairs:
        pairs = [["", value] for value in values] if names.degree == 1 else [["", ""]]
    elif len(pairs) > 1:
        pairs.sort(key=lambda pair: pair[0].strip() != school)
    name = clean(names.classes, pairs[0][1]) if pairs else ""
    if len(name) > 64:
        raise UnusableRecord(f"{names.classes} is longer than 64 characters")
    return name


def _links(record: SourceRecord, before: tuple[LinkEntry, ...], names: AafNames) -> tuple[LinkEntry, ...]:
    name = names.guardians_of_pupil
    if name not in record.attributes:
        return before
    links = _read_links(name, "guardian", record.attributes[name], names)
    return tuple(
        LinkEntry(guardian, relation, level, is_legal_guardian(relation, level)) for guardian, relation, level in links
    )


def _read_links(name: str, who: str, values: tuple[str, ...], names: AafNames) -> list[LinkParts]:
    """Return the links of an attribute, each person once, in the order of their ids."""
    links: dict[str, LinkParts] = {}
    for value in values:
        link = names.read_link(name, who, value)
        if links.setdefault(link[0], link) != link:
            raise UnusableRecord(f"{name} gives two different links to one {who}")
    return [links[person] for person in sorted(links)]
