"""A spreadsheet's table, of pupils or of guardians: its columns and what is kept of a row.

No official layout is known. A header is compared in squashed form: small letters and digits alone, without accents; the names that each
column may have are `PUPIL_COLUMNS` and `GUARDIAN_COLUMNS`. A record's attributes bear the column's own name, the first of its line below.

A table says nothing of the law unless a column does: without one, whoever is in a table of guardians is taken for a legal guardian. That is
a guess, and so is the relation of one who gives none (90, another link).
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from idp.journeys.directory_mapping.shared import (
    JOINTURE,
    NAME_LIMIT,
    OTHER_LINK,
    UnusableRecord,
    birth_date,
    check_link,
    first,
    folded,
    given_names,
    make_day,
    mobile,
    required,
    text,
    title,
)
from idp.journeys.directory_ports import (
    GuardianEntry,
    Kind,
    LinkRecordEntry,
    PupilEntry,
    PupilKey,
    SourceRecord,
    StatedLink,
)
from idp.people.kinship import is_legal_guardian
from idp.people.names import fold_name

UAI = "UAI"
INE = "INE"
PUPIL_FAMILY = "Nom élève"
PUPIL_GIVEN = "Prénom élève"
PUPIL_USAGE = "Nom d'usage élève"
BIRTH_DATE = "Date de naissance"
LEVEL = "Niveau"
CLASS = "Classe"
TITLE = "Civilité responsable"
FAMILY = "Nom responsable"
USAGE = "Nom d'usage responsable"
GIVEN = "Prénom responsable"
MOBILE = "Téléphone portable"
HOME_PHONE = "Téléphone domicile"
WORK_PHONE = "Téléphone travail"
RELATION = "Lien de parenté"
LEGAL = "Représentant légal"
GUARDIAN_ID = "guardian"
"""No column: the derived id of the row's guardian, which a link's record carries."""
PHONES = (MOBILE, HOME_PHONE, WORK_PHONE)

_SCHOOL_COLUMNS = {UAI: ("rne", "codeuai", "coderne", "uaietablissement", "uaiecole", "codeetablissement")}
PUPIL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    PUPIL_FAMILY: (
        "nom",
        "nomdefamille",
        "nomdefamilleeleve",
        "nomdenaissance",
        "nompatronymique",
        "nomdefamilledeleleve",
    ),
    PUPIL_USAGE: ("nomdusage", "nomusage", "nomusageeleve"),
    PUPIL_GIVEN: ("prenom", "prenom1", "premierprenom", "prenomusuel", "prenomdeleleve", "prenomusueleleve"),
    BIRTH_DATE: ("neele", "nee", "datenaissance", "datedenaissanceeleve", "datenaissanceeleve", "nele"),
    INE: ("ineeleve", "numeroine", "ndine", "identifiantnational", "identifiantnationaleleve"),
    LEVEL: ("niveaueleve", "mef", "niveauscolaire"),
    CLASS: ("classeeleve", "libelleclasse", "division", "codeclasse", "nomclasse"),
    **_SCHOOL_COLUMNS,
}
"""Column, and the squashed headers that mean it besides its own name."""
GUARDIAN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    TITLE: ("civilite", "civ", "civiliteresponsablelegal"),
    FAMILY: (
        "nom",
        "nomdefamille",
        "nomdefamilleresponsable",
        "nomdenaissanceresponsable",
        "nomresponsablelegal",
        "nomparent",
    ),
    USAGE: ("nomdusage", "nomusage", "nomusageresponsable"),
    GIVEN: ("prenom", "prenomresponsablelegal", "prenomparent"),
    MOBILE: ("portable", "mobile", "telephonemobile", "telportable", "telmobile", "telephone", "tel"),
    HOME_PHONE: ("telephonepersonnel", "teldomicile", "telpersonnel"),
    WORK_PHONE: ("telephoneprofessionnel", "teltravail", "telprofessionnel"),
    RELATION: ("lien", "parente", "lienparente", "lienavecleleve", "lienaveclenfant"),
    LEGAL: ("legal", "responsablelegal", "autoriteparentale", "representantlegaldeleleve"),
    PUPIL_FAMILY: ("nomdefamilleenfant", "nomenfant", "nomdelenfant", "nomdefamilleeleve", "nomdefamilledelenfant"),
    PUPIL_GIVEN: ("prenomenfant", "prenomdelenfant", "prenomsenfant"),
    CLASS: ("classesenfants", "classeenfant", "classesenfant", "classeeleve", "libelleclasse"),
    **_SCHOOL_COLUMNS,
}

_RELATIONS = {
    "MERE": "10",
    "PERE": "20",
    "FRATRIE": "37",
    "ASCENDANT": "38",
    "AUTRE MEMBRE DE LA FAMILLE": "39",
    "EDUCATEUR": "41",
    "ASS FAMIL": "42",
    "ASSISTANT FAMILIAL": "42",
    "TUTEUR": "50",
    "TUTRICE": "50",
    "AIDE SOCIALE A L ENFANCE": "51",
    "ELEVE": "70",
    "AUTRE LIEN": "90",
    "AUTRE": "90",
}
_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00)?$")
_YES = frozenset({"O", "OUI", "1", "X", "VRAI", "TRUE"})
_NO = frozenset({"", "N", "NON", "0", "2", "3", "FAUX", "FALSE"})


def squash(header: str) -> str:
    """Return a header in small letters and digits alone, without accents: « Né(e) le » is ``neele``."""
    apart = unicodedata.normalize("NFKD", header).casefold()
    return re.sub(r"[^a-z0-9]", "", apart)


def parse_day(written: str) -> date | None:
    """Read a date as spreadsheets write it: d/m/yyyy (or with dots or hyphens) or yyyy-mm-dd, with or without midnight."""
    day = _MIDNIGHT.sub("", written)
    parts = _DAY.fullmatch(day)
    if parts:
        return make_day(parts[3], parts[2], parts[1])
    parts = _ISO_DAY.fullmatch(day)
    return make_day(parts[1], parts[2], parts[3]) if parts else None


def read_entry(record: SourceRecord, *, fiction: bool) -> PupilEntry | GuardianEntry | LinkRecordEntry:
    """Return what is to be kept of a row; see the package's `read_entry`."""
    if record.kind == Kind.PUPIL:
        return _read_pupil(record)
    if record.kind == Kind.GUARDIAN:
        return _read_guardian(record, fiction=fiction)
    if record.kind == Kind.LINK:
        return _read_link(record)
    raise UnusableRecord("a kind of record that a table does not have")


def _read_pupil(record: SourceRecord) -> PupilEntry:
    uai = first(record, UAI)
    if not JOINTURE.fullmatch(uai):
        raise UnusableRecord("no UAI: neither a column nor the file's name gives the school")
    # Not the usage name: a guardians' table names the child by this one.
    family_name = text(record, PUPIL_FAMILY, limit=NAME_LIMIT) or text(record, PUPIL_USAGE, limit=NAME_LIMIT)
    if not family_name:
        raise UnusableRecord(f"no {PUPIL_FAMILY}")
    return PupilEntry(
        jointure=record.jointure,
        school_jointure=uai,
        family_name=family_name,
        given_name=required(record, PUPIL_GIVEN, limit=NAME_LIMIT),
        birth_date=birth_date(record, BIRTH_DATE, parse=parse_day),
        ine="".join(text(record, INE, limit=16).split()),
        level=text(record, LEVEL, limit=16),
        class_name=text(record, CLASS, limit=64),
        links=(),
    )


def _read_guardian(record: SourceRecord, *, fiction: bool) -> GuardianEntry:
    birth_name = text(record, FAMILY, limit=NAME_LIMIT)
    usage_name = text(record, USAGE, limit=NAME_LIMIT)
    names = given_names([required(record, GIVEN, limit=NAME_LIMIT)])
    if not (birth_name or usage_name):
        raise UnusableRecord(f"no {FAMILY}")
    if not names:
        raise UnusableRecord(f"no {GIVEN}")
    return GuardianEntry(
        jointure=record.jointure,
        family_name=usage_name or birth_name,
        birth_name=birth_name if usage_name else "",
        given_names=names,
        title=title(record, TITLE),
        mobile=mobile(record, (MOBILE,), fiction=fiction),
    )


def _read_link(record: SourceRecord) -> LinkRecordEntry:
    family, given = (fold_name(required(record, name, limit=NAME_LIMIT)) for name in (PUPIL_FAMILY, PUPIL_GIVEN))
    if not family or not given:
        raise UnusableRecord(f"{PUPIL_FAMILY} or {PUPIL_GIVEN} holds no letter")
    relation, level = _relation(record), _legal_level(record)
    guardian = first(record, GUARDIAN_ID)
    check_link("the row", "guardian", guardian, relation, level)
    legal = is_legal_guardian(relation, level)
    uai = text(record, UAI, limit=16)
    return LinkRecordEntry(guardian, StatedLink(PupilKey.NAMES, f"{family}|{given}", uai, relation, level, legal))


def _relation(record: SourceRecord) -> str:
    written = folded(first(record, RELATION))
    if written.isascii() and written.isdigit():
        return written
    return _RELATIONS.get(written, OTHER_LINK)


def _legal_level(record: SourceRecord) -> str:
    if LEGAL not in record.attributes:
        return "1"
    written = folded(first(record, LEGAL))
    if written in _YES:
        return "1"
    if written in _NO:
        return written if written in {"2", "3"} else "0"
    raise UnusableRecord(f"{LEGAL} says neither yes nor no")
