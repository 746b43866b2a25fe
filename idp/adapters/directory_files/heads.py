"""What a file is, by its first bytes; its name says the rest: school, kind of records, full export or changes."""

import re
from dataclasses import dataclass

from idp.adapters.directory_files.tables import recognise_table
from idp.journeys.directory_ports import Kind, Origin

FILE_KIND = re.compile(
    r"(?:^|[_/!])(Eleve|PersRelEleve|EtabEducNat|PersEducNat|MefEducNat|MatiereEducNat)_([0-9]{4})\.", re.IGNORECASE
)
FILE_KINDS = {
    kind.lower(): kind
    for kind in ("Eleve", "PersRelEleve", "EtabEducNat", "PersEducNat", "MefEducNat", "MatiereEducNat")
}

_AAF_ROOT = re.compile(r"<ficAlimMENESR[\s>/]")
_SIECLE_ROOT = re.compile(r"<BEE_RESPONSABLES[\s>/]")
_CATEGORY = re.compile(r'name="categorie[A-Za-z]+"\s*>\s*<value>\s*([A-Za-z]+)')
_FIRST_DEGREE = re.compile(
    r'name="(?:ENTPerson(?:Nom|Prenom|Civilite|Mail|Classes|Groupes|TelPerso)|ENTEleve(?:AutoriteParentale|Niveau|Cycle)'
    r'|ENTPersRelEleve\w+|ENTStructure(?:Adresse|Email)|ENTEcole\w+)"'
)
_SECOND_DEGREE = re.compile(
    r'name="(?:sn|givenName|personalTitle|mail|mobile|homePhone|ENTPersonMobileSMS|ENTElevePersRelEleve[12]?|ENTEleveClasses'
    r'|ENTEleve(?:MEF|NivFormation|Regime)|ENTEtablissement\w+|street|postalCode|l)"'
)
_FULL = re.compile(r"(?:^|_)complet", re.IGNORECASE)
_CHANGES = re.compile(r"(?:^|_)(?:delta|incr|partiel|maj)", re.IGNORECASE)
_UAI = re.compile(r"(?:^|[^0-9A-Za-z])([0-9]{7}[A-Za-z])(?![0-9A-Za-z])")
_UAJ = re.compile(r"<UAJ>\s*([0-9]{7}[A-Z])\s*</UAJ>")
_RANKS = {Kind.SCHOOL: 0, Kind.PUPIL: 1, Kind.GUARDIAN: 2}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Head:
    """What the first bytes and the name say.

    Attributes:
        format: None when it is no directory file.
        fault: Then, why.
        sure: Whether the degree of an AAF file was seen; a file of deletions alone does not show it.
        full: As `DirectoryFile.full`.
        uai: As `DirectoryFile.uai`.
        rank: As `DirectoryFile.rank`.
    """

    format: Origin | None
    fault: str = ""
    sure: bool = True
    full: bool | None = True
    uai: str = ""
    rank: int = 3


def read_head(name: str, head: bytes) -> Head:
    """Tell what a file is.

    Args:
        name: Without its folder.
        head: Its first bytes.
    """
    if not head:
        return Head(None, "is empty")
    text = _decode(head)
    if _AAF_ROOT.search(text):
        return _read_aaf_head(name, text)
    if _SIECLE_ROOT.search(text):
        found = _UAJ.search(text)
        return Head(Origin.SIECLE, uai=found[1] if found else _uai_in(name))
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return Head(
            None,
            "is XML of another kind: neither AAF (ficAlimMENESR) nor SIECLE's ResponsablesAvecAdresses (BEE_RESPONSABLES)",
        )
    if "\x00" in text:
        return Head(None, "is no text: neither AAF, nor SIECLE's ResponsablesAvecAdresses, nor a CSV")
    kind, fault = recognise_table(head)
    if kind is None:
        return Head(None, fault)
    return Head(Origin.CSV, uai=_uai_in(name), rank=1 if kind is Kind.PUPIL else 3)


def _read_aaf_head(name: str, text: str) -> Head:
    first, second = len(_FIRST_DEGREE.findall(text)), len(_SECOND_DEGREE.findall(text))
    degree = Origin.AAF_1D if first > second else Origin.AAF_2D
    named = FILE_KIND.search(name)
    category = _CATEGORY.search(text)
    kind = FILE_KINDS[named[1].lower()] if named else (category[1] if category else "")
    full = True if _FULL.search(name) else (False if _CHANGES.search(name) else None)
    rank = _RANKS[Kind(kind)] if kind in _RANKS else 3
    return Head(degree, sure=first != second, full=full, uai=_uai_in(name), rank=rank)


def _decode(head: bytes) -> str:
    """Return text in which names can be looked for: those are ASCII in every encoding that has no mark of its own."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    for start, encoding in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):
        if head.startswith(start):
            return head.decode(encoding, "replace")
    return head.decode("latin-1")


def _uai_in(name: str) -> str:
    found = _UAI.search(name)
    return found[1].upper() if found else ""
