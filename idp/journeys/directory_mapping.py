"""From a record of a directory file to what is kept of it: which attribute is which, and what makes a record unusable.

A record that replaces another (addRequest) is read alone. A modification (modifyRequest) changes only what it gives: what it does not give
stays as it was kept. Two values that are kept are made from several attributes:

- the mobile number is ENTPersonMobileSMS, else the first usable `mobile`. A modification that gives one of them is read alone, since what
  the other one held is not kept; one that gives neither leaves the number;
- the given names are givenName followed by ENTPersonAutresPrenoms; a modification of one leaves the other.
"""

import re
import unicodedata
from datetime import date

from idp.journeys.directory_ports import Entry, GuardianEntry, Kind, LinkEntry, PupilEntry, SchoolEntry, SourceRecord
from idp.people.academies import ACADEMIES, normalise_academy
from idp.people.kinship import is_legal_guardian
from idp.people.phones import parse_directory_mobile

JOINTURE = re.compile(r"[0-9A-Za-z._-]{1,64}")
MOBILE_ATTRIBUTES = ("ENTPersonMobileSMS", "mobile")

_UAI = re.compile(r"[0-9A-Z]{1,16}")
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_LINK_FIELDS = 6
_RELATION = re.compile(r"[0-9]{1,8}")
_LEGAL_LEVEL = re.compile(r"[0-9]{1,4}")
_OLDEST = 1900  # an earlier year of birth is a slip of the pen
# Written invisibly, these turn the order of what follows: a name must look like what it is.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIRST_DEGREE = re.compile(r"ECOLE( .*)? (MATERNELLE|ELEMENTAIRE|PRIMAIRE|PREMIER DEGRE)( .*)?|ECOLE")


class UnusableRecord(ValueError):  # noqa: N818  a fault of the file, not of the program
    """A record that cannot be kept; its text says why, without personal data."""


def read_entry(record: SourceRecord, before: Entry | None, *, fiction: bool) -> Entry:
    """Return what is to be kept of a record.

    Args:
        record: An addRequest or a modifyRequest of one of the kinds of `Kind`.
        before: What is kept now, for a modifyRequest; None for an addRequest.
        fiction: Whether numbers of fiction are mobiles: on test instances only.

    Raises:
        UnusableRecord: Something that must be there is missing, malformed or too long.
    """
    if record.kind == Kind.SCHOOL:
        return _read_school(record, before if isinstance(before, SchoolEntry) else None)
    if record.kind == Kind.GUARDIAN:
        return _read_guardian(record, before if isinstance(before, GuardianEntry) else None, fiction=fiction)
    return _read_pupil(record, before if isinstance(before, PupilEntry) else None)


def read_academy(record: SourceRecord) -> str:
    """Return the academy that a school's record names by its code, else by its name; "" when it names none.

    Raises:
        UnusableRecord: It names something that is no academy.
    """
    code = _first(record, "ENTServAcCodeAcademie")
    name = _first(record, "ENTServAcAcademie")
    if code:
        try:
            return normalise_academy(code)
        except ValueError:
            raise UnusableRecord("ENTServAcCodeAcademie is no code of an academy") from None
    if not name:
        return ""
    wanted = _folded(name)
    found = next((known for known, title in ACADEMIES.items() if _folded(title) == wanted), None)
    if found is None:
        raise UnusableRecord("ENTServAcAcademie is no name of an academy")
    return found


def read_school_jointure(record: SourceRecord) -> str:
    """Return the jointure of the school that a pupil's record names, "" when it names none that can be one."""
    values = record.attributes.get("ENTPersonStructRattach", ())
    return values[0] if values and JOINTURE.fullmatch(values[0]) else ""


def _read_school(record: SourceRecord, before: SchoolEntry | None) -> SchoolEntry:
    uai = before.uai if before else ""
    for name in ("ENTEtablissementUAI", "ENTStructureUAI"):
        uai = _first(record, name).upper() or uai
    if not _UAI.fullmatch(uai):
        raise UnusableRecord("no usable ENTStructureUAI")
    kind = _folded(_first(record, "ENTStructureTypeStruct"))
    return SchoolEntry(
        jointure=record.jointure,
        uai=uai,
        name=_required(record, "ENTStructureNomCourant", before.name if before else "", limit=200),
        degree=_degree(kind) if kind or not before else before.degree,
        town=_text(record, "l", before.town if before else "", limit=100),
        phone=_text(record, "telephoneNumber", before.phone if before else "", limit=32),
    )


def _degree(kind: str) -> int:
    """Return 1 for the types of écoles (maternelle, élémentaire, primaire), 2 for all others: the file is one of second degree."""
    return 1 if _FIRST_DEGREE.fullmatch(kind) else 2


def _read_guardian(record: SourceRecord, before: GuardianEntry | None, *, fiction: bool) -> GuardianEntry:
    return GuardianEntry(
        jointure=record.jointure,
        family_name=_required(record, "sn", before.family_name if before else "", limit=100),
        birth_name=_text(record, "ENTPersonNomPatro", before.birth_name if before else "", limit=100),
        given_names=_given_names(record, before.given_names if before else ()),
        title=_text(record, "personalTitle", before.title if before else "", limit=8),
        mobile=_mobile(record, before.mobile if before else "", fiction=fiction),
    )


def _given_names(record: SourceRecord, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return every first name once. Some schools write several in one value, or begin the others with the first one again."""
    first, *others = before or ("",)
    if "givenName" in record.attributes:
        first = _first(record, "givenName")
    if "ENTPersonAutresPrenoms" in record.attributes:
        others = [_clean("ENTPersonAutresPrenoms", value) for value in record.attributes["ENTPersonAutresPrenoms"]]
    if not first:
        raise UnusableRecord("no givenName")
    kept: dict[str, str] = {}
    for name in ",".join((first, *others)).split(","):
        if name.strip():
            kept.setdefault(_folded(name) or name, name.strip())
    if len(", ".join(kept.values())) > 300:
        raise UnusableRecord("the first names are longer than 300 characters")
    return tuple(kept.values())


def _mobile(record: SourceRecord, before: str, *, fiction: bool) -> str:
    if not any(name in record.attributes for name in MOBILE_ATTRIBUTES):
        return before
    for name in MOBILE_ATTRIBUTES:
        for value in record.attributes.get(name, ()):
            number = parse_directory_mobile(value, fiction=fiction)
            if number is not None:
                return number.e164
    return ""


def _read_pupil(record: SourceRecord, before: PupilEntry | None) -> PupilEntry:
    school = _required(record, "ENTPersonStructRattach", before.school_jointure if before else "", limit=64)
    if not JOINTURE.fullmatch(school):
        raise UnusableRecord("ENTPersonStructRattach is malformed")
    return PupilEntry(
        jointure=record.jointure,
        school_jointure=school,
        family_name=_required(record, "sn", before.family_name if before else "", limit=100),
        given_name=_required(record, "givenName", before.given_name if before else "", limit=100),
        birth_date=_birth_date(record, before.birth_date if before else None),
        ine=_text(record, "ENTEleveINE", before.ine if before else "", limit=16),
        level=_level(record, before.level if before else ""),
        class_name=_class_name(record, before.class_name if before else "", school),
        links=_links(record, before.links if before else ()),
    )


def _birth_date(record: SourceRecord, before: date | None) -> date:
    if "ENTPersonDateNaissance" not in record.attributes and before is not None:
        return before
    text = _first(record, "ENTPersonDateNaissance")
    if not text:
        raise UnusableRecord("no birth date (ENTPersonDateNaissance)")
    parts = _DAY.fullmatch(text)
    try:
        day = date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
    except ValueError:
        day = None
    if day is None or day.year < _OLDEST:
        raise UnusableRecord("ENTPersonDateNaissance is no date dd/mm/yyyy")
    return day


def _level(record: SourceRecord, before: str) -> str:
    """Return the level of ENTEleveNivFormation where it is a short one, else the code ENTEleveMEF."""
    if not any(name in record.attributes for name in ("ENTEleveNivFormation", "ENTEleveMEF")):
        return before
    level = _text(record, "ENTEleveNivFormation", "", limit=None)
    return level if 0 < len(level) <= 16 else _text(record, "ENTEleveMEF", "", limit=16)


def _class_name(record: SourceRecord, before: str, school: str) -> str:
    """Return the code after the `$` of ENTEleveClasses, the pupil's own school first."""
    if "ENTEleveClasses" not in record.attributes:
        return before
    pairs = [value.split("$", 1) for value in record.attributes["ENTEleveClasses"] if "$" in value]
    pairs.sort(key=lambda pair: pair[0].strip() != school)
    name = _clean("ENTEleveClasses", pairs[0][1]) if pairs else ""
    if len(name) > 64:
        raise UnusableRecord("ENTEleveClasses is longer than 64 characters")
    return name


def _links(record: SourceRecord, before: tuple[LinkEntry, ...]) -> tuple[LinkEntry, ...]:
    if "ENTElevePersRelEleve" not in record.attributes:
        return before
    links: dict[str, LinkEntry] = {}
    for value in record.attributes["ENTElevePersRelEleve"]:
        link = _link(value)
        if links.setdefault(link.guardian_jointure, link) != link:
            raise UnusableRecord("ENTElevePersRelEleve gives two different links to one guardian")
    return tuple(links[guardian] for guardian in sorted(links))


def _link(value: str) -> LinkEntry:
    fields = [field.strip() for field in value.split("$")]
    if len(fields) != _LINK_FIELDS:
        raise UnusableRecord(f"ENTElevePersRelEleve has {len(fields)} fields instead of {_LINK_FIELDS}")
    guardian, relation, _, legal_level, _, _ = fields
    tests = (
        (JOINTURE, guardian, "guardian"),
        (_RELATION, relation, "relation"),
        (_LEGAL_LEVEL, legal_level, "legal level"),
    )
    for pattern, field, title in tests:
        if not pattern.fullmatch(field):
            raise UnusableRecord(f"ENTElevePersRelEleve has no usable {title}")
    return LinkEntry(guardian, relation, legal_level, is_legal_guardian(relation, legal_level))


def _first(record: SourceRecord, name: str) -> str:
    values = record.attributes.get(name, ())
    return _clean(name, values[0]) if values else ""


def _text(record: SourceRecord, name: str, before: str, *, limit: int | None) -> str:
    text = _first(record, name) if name in record.attributes else before
    if limit is not None and len(text) > limit:
        raise UnusableRecord(f"{name} is longer than {limit} characters")
    return text


def _required(record: SourceRecord, name: str, before: str, *, limit: int) -> str:
    text = _text(record, name, before, limit=limit)
    if not text:
        raise UnusableRecord(f"no {name}")
    return text


def _clean(name: str, value: str) -> str:
    """Return a value in composed Unicode (NFC) with single spaces.

    Raises:
        UnusableRecord: It holds a control character, or one that turns the order of the others.
    """
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if any(unicodedata.category(sign) == "Cc" or sign in _BIDI_CONTROLS for sign in text):
        raise UnusableRecord(f"{name} holds a control character")
    return text


def _folded(text: str) -> str:
    """Return a text in capitals without accents, with single spaces for hyphens and the like."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]+", " ", plain).upper().split())
