"""What a directory file gives, and what is kept of it. What the import asks of the database is in `directory_desk`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias


class Operation(StrEnum):
    """What a record of a directory file asks for."""

    ADD = "addRequest"
    MODIFY = "modifyRequest"
    DELETE = "deleteRequest"


class Kind(StrEnum):
    """The records that signing in needs. Schools and persons have AAF's categorieStructure or categoriePersonne."""

    SCHOOL = "EtabEducNat"
    PUPIL = "Eleve"
    GUARDIAN = "PersRelEleve"
    LINK = "ResponsableEleve"
    """A link that is a record of its own: RESPONSABLE_ELEVE of SIECLE, and the child of a row of a guardians' CSV."""


class Origin(StrEnum):
    """What kind of file a record comes from. Its id means something only among records of one academy and one origin."""

    AAF_2D = "aaf2d"
    """AAF of second degree (collèges and lycées)."""
    AAF_1D = "aaf1d"
    """AAF of first degree (écoles): other attribute names."""
    SIECLE = "siecle"
    """SIECLE's ResponsablesAvecAdresses: guardians and links, no pupil."""
    CSV = "csv"
    """A spreadsheet's table of pupils or of guardians."""


class PupilKey(StrEnum):
    """How a link that the pupil's own record does not state names its pupil."""

    JOINTURE = "jointure"
    """The pupil's record id, among records of the same origin (AAF of first degree, link on the guardian)."""
    RATTACH = "rattach"
    """The ELEVE_ID of SIECLE, which the pupil's AAF record gives as ENTEleveStructRattachId."""
    NAMES = "names"
    """Family name and first name, folded; two pupils of one school that share them are homonyms, and no link is made."""


# --- what a directory file gives ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One request of a directory file, as it was written."""

    file: str  # name, without its folder
    line: int  # where the request begins, from 1
    operation: Operation
    kind: str  # a value of `Kind`, or another category
    jointure: str  # ENTPersonJointure or ENTStructureJointure
    attributes: Mapping[str, tuple[str, ...]]  # an attribute given without a value is there with ()
    origin: Origin = Origin.AAF_2D


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """Something in a file that cannot be used. Holds no personal data but the record's own id."""

    file: str
    line: int
    reason: str
    jointure: str = ""
    ends_file: bool = False  # nothing after this line was read


class RejectedFile(Exception):  # noqa: N818  the name says what happened
    """A file of which nothing may be used; its text is one sentence that names the file."""


# --- what the database keeps ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SchoolEntry:
    """A school, as its record says."""

    jointure: str
    uai: str
    name: str
    degree: int  # 1 or 2
    town: str
    phone: str


@dataclass(frozen=True, slots=True)
class StatedLink:
    """A link that a guardian's side states: it waits until the pupil that it names is known."""

    pupil_key: PupilKey
    pupil_value: str  # a jointure, an ELEVE_ID, or `people.names.fold_name` of both names joined by "|"
    pupil_uai: str  # the only school where that pupil is looked for; "" for any of the academy
    relation: str
    legal_level: str
    legal: bool


@dataclass(frozen=True, slots=True)
class GuardianEntry:
    """A guardian, as her or his record says."""

    jointure: str
    family_name: str
    birth_name: str
    given_names: tuple[str, ...]
    title: str
    mobile: str  # E.164, "" for none
    links: tuple[StatedLink, ...] = ()  # what this record itself states; () where links are stated elsewhere


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """One value of ENTElevePersRelEleve."""

    guardian_jointure: str
    relation: str
    legal_level: str
    legal: bool


@dataclass(frozen=True, slots=True)
class PupilEntry:
    """A pupil with the links to guardians, as the pupil's record says."""

    jointure: str
    school_jointure: str
    family_name: str
    given_name: str
    birth_date: date
    ine: str
    level: str
    class_name: str
    links: tuple[LinkEntry, ...]  # by guardian_jointure, each guardian once
    rattach_id: str = ""  # ENTEleveStructRattachId: what SIECLE calls ELEVE_ID


@dataclass(frozen=True, slots=True)
class LinkRecordEntry:
    """A link that is a record of its own, beside its guardian's record and its pupil's."""

    guardian_jointure: str
    link: StatedLink


Entry: TypeAlias = SchoolEntry | GuardianEntry | PupilEntry | LinkRecordEntry
