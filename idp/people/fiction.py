"""The families and schools of the demo. None of them exists, and nothing here can be taken for somebody's.

- Mobile numbers are 06 39 98 xx xx and landlines 04 65 71 xx xx, which ARCEP keeps for fiction.
- A fictional INE is `FICTIF-` and four to nine digits: a real one has eleven letters and digits and no hyphen.
- A fictional UAI is `999`, four digits and the letter I (of the demo), O or Q: there is no département 999, and the check letter of a
  real UAI is none of the three.
- Schools, streets and towns are invented; the postal code 99901 is nobody's, since codes that begin with 99 are for places abroad.

The academy's code is a real one (8, Grenoble), because ENTs refuse others.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

ACADEMY = "8"
EXPORTED_ON = date(2026, 9, 1)
"""The day that the demo's files bear: the same files are written each time."""

_FICTIONAL_INE = re.compile(r"FICTIF-[0-9]{4,9}")
_FICTIONAL_UAI = re.compile(r"999[0-9]{4}[IOQ]")
_INE = re.compile(r"(?=.*[0-9])[0-9A-Z]{10,11}")  # with or without its last character, a check


def is_fictional_ine(text: str) -> bool:
    """Tell whether an INE has the form kept for fiction."""
    return _FICTIONAL_INE.fullmatch(text) is not None


def is_fictional_uai(text: str) -> bool:
    """Tell whether a UAI has the form kept for fiction."""
    return _FICTIONAL_UAI.fullmatch(text) is not None


def is_plausible_ine(text: str) -> bool:
    """Tell whether a text could be a real INE, in any case and spacing."""
    return _INE.fullmatch("".join(text.split()).upper()) is not None


@dataclass(frozen=True, slots=True)
class FictionalSchool:
    """A school of the demo."""

    jointure: str
    uai: str
    name: str
    type_name: str  # ENTStructureTypeStruct
    street: str
    postal_code: str
    town: str
    phone: str


@dataclass(frozen=True, slots=True)
class FictionalGuardian:
    """An adult whom a school of the demo knows. `mobile` is as a secretary would write it, "" for none."""

    jointure: str
    title: str
    family_name: str
    birth_name: str
    given_names: tuple[str, ...]
    mobile: str
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class FictionalLink:
    """What one adult is to a pupil: codes of ENTElevePersRelEleve."""

    guardian: FictionalGuardian
    relation: str  # 10 mother, 20 father, 39 another relative, 50 tutor
    legal_level: str  # 1 legal guardian, 3 somebody to be called


@dataclass(frozen=True, slots=True)
class FictionalPupil:
    """A pupil of the demo."""

    jointure: str
    ine: str
    title: str
    family_name: str
    given_name: str
    birth_date: date
    school: FictionalSchool
    level: str
    class_name: str
    links: tuple[FictionalLink, ...]

    @property
    def rattach_id(self) -> str:
        """The pupil's id in the school's own software: ENTEleveStructRattachId, and SIECLE's ELEVE_ID."""
        return f"73{self.jointure[2:]}"


@dataclass(frozen=True, slots=True)
class FictionalFamily:
    """Pupils who share a home, a parent or a story. The adults are those of their links."""

    story: str
    pupils: tuple[FictionalPupil, ...]

    @property
    def guardians(self) -> tuple[FictionalGuardian, ...]:
        """The adults, each once."""
        return tuple(dict.fromkeys(link.guardian for pupil in self.pupils for link in pupil.links))


COLLEGE = FictionalSchool(
    "9901",
    "9990001I",
    "Collège des Marronniers",
    "COLLEGE",
    "1 place de la Craie",
    "99901",
    "Val-Préau",
    "04 65 71 00 01",
)
LYCEE = FictionalSchool(
    "9902",
    "9990002I",
    "Lycée du Préau-Neuf",
    "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE",
    "2 allée des Encriers",
    "99901",
    "Val-Préau",
    "04 65 71 00 02",
)


def schools_of(families: Iterable[FictionalFamily]) -> tuple[FictionalSchool, ...]:
    """Return the schools of these families' pupils, each once."""
    return tuple(dict.fromkeys(pupil.school for family in families for pupil in family.pupils))


_CLASSES = {
    "6EME": COLLEGE,
    "5EME": COLLEGE,
    "4EME": COLLEGE,
    "3EME": COLLEGE,
    "2NDE": LYCEE,
    "1ERE": LYCEE,
    "TERM": LYCEE,
}


def _adult(
    number: int,
    title: str,
    family_name: str,
    given_names: str,
    *,
    phone: int | None,
    birth_name: str = "",
    born: date | None = None,
) -> FictionalGuardian:
    mobile = "" if phone is None else f"06 39 98 00 {phone:02}"
    names = tuple(given_names.split(", "))
    return FictionalGuardian(f"71000{number:02}", title, family_name, birth_name or family_name, names, mobile, born)


def _pupil(
    number: int, title: str, family_name: str, given_name: str, born: date, place: str, links: Sequence[FictionalLink]
) -> FictionalPupil:
    """Return a pupil; `place` is the level and the class's letter or number, for example « 5EME B »."""
    level, group = place.split()
    return FictionalPupil(
        jointure=f"72000{number:02}",
        ine=f"FICTIF-{number:04}",
        title=title,
        family_name=family_name,
        given_name=given_name,
        birth_date=born,
        school=_CLASSES[level],
        level=level,
        class_name=f"{level} {group}",
        links=tuple(links),
    )


def _mother(guardian: FictionalGuardian) -> FictionalLink:
    return FictionalLink(guardian, "10", "1")


def _father(guardian: FictionalGuardian) -> FictionalLink:
    return FictionalLink(guardian, "20", "1")


JOE = _adult(1, "M.", "DUPONT", "Joe", phone=1)
ANGELA = _adult(2, "Mme", "DUBOIS", "Angela, Claire, Louise", phone=2, born=date(1962, 8, 24))
MARIE_HELENE = _adult(3, "Mme", "MARTIN", "Marie-Hélène", phone=3, birth_name="LE GOFF")
KARIM = _adult(4, "M.", "BENALI", "Karim", phone=4)
_JEAN_BAPTISTE = _adult(5, "M.", "DUPONT DE LA ROCHEFOUCAULD", "Jean-Baptiste, Marie", phone=5)
_MAI = _adult(6, "Mme", "NGUYỄN", "Thị Mai", phone=6)
_FRANCOIS = _adult(7, "M.", "D'HÉROUVILLE", "François, Noël", phone=7)
_ELIF = _adult(8, "Mme", "D'HÉROUVILLE", "Elif", phone=8, birth_name="ÇELİK")
_FATOU = _adult(9, "Mme", "DIALLO", "Fatou", phone=9)
_OUSMANE = _adult(10, "M.", "DIALLO", "Ousmane", phone=10)
_PIOTR = _adult(11, "M.", "WIŚNIEWSKI", "Piotr", phone=None)
_PAUL_FATHER = _adult(12, "M.", "GARNIER", "Paul", phone=11, born=date(1961, 5, 2))
_PAUL_SON = _adult(13, "M.", "GARNIER", "Paul", phone=11, born=date(1988, 2, 17))
_JOAO = _adult(14, "M.", "DOS SANTOS FERREIRA", "João, Miguel", phone=12)
_EVE = _adult(15, "Mme", "L'HELGOUALC'H", "Ève", phone=13, birth_name="KERZAËL")
_YANN = _adult(16, "M.", "L'HELGOUALC'H", "Yann", phone=14)
_MOHAMMED = _adult(17, "M.", "EL AMRANI", "Mohammed", phone=15)
_KHADIJA = _adult(18, "Mme", "EL AMRANI", "Khadija", phone=16, birth_name="BENNANI")
_CEDRIC = _adult(19, "M.", "LECŒUR", "Cédric", phone=17)
_SOLANGE = _adult(20, "Mme", "MÜLLER", "Solange", phone=18)
_ANNE_SOPHIE = _adult(21, "Mme", "PETIT", "Anne-Sophie", phone=19)
_JULIE = _adult(22, "Mme", "ROUX", "Julie", phone=20)

FAMILIES = (
    FictionalFamily(
        "a father with a pupil in each of the two schools",
        (
            _pupil(1, "Mlle", "DUPONT", "Léa", date(2012, 4, 12), "2NDE 3", [_father(JOE)]),
            _pupil(2, "M.", "DUPONT", "Tom", date(2014, 9, 3), "5EME B", [_father(JOE)]),
        ),
    ),
    FictionalFamily(
        "a mother with three first names",
        (_pupil(3, "Mlle", "DUBOIS", "Zoé", date(2013, 1, 30), "4EME A", [_mother(ANGELA)]),),
    ),
    FictionalFamily(
        "separated parents; the mother uses another name than her own",
        (_pupil(4, "Mlle", "BENALI", "Inès", date(2011, 12, 1), "2NDE 1", [_mother(MARIE_HELENE), _father(KARIM)]),),
    ),
    FictionalFamily(
        "long names with particles",
        (
            _pupil(
                5,
                "M.",
                "DUPONT DE LA ROCHEFOUCAULD",
                "Charles-Édouard",
                date(2013, 6, 21),
                "4EME B",
                [_father(_JEAN_BAPTISTE)],
            ),
            _pupil(
                6, "Mlle", "DUPONT DE LA ROCHEFOUCAULD", "Anne", date(2015, 3, 8), "6EME A", [_father(_JEAN_BAPTISTE)]
            ),
        ),
    ),
    FictionalFamily(
        "a name whose accents no French keyboard has",
        (_pupil(7, "Mlle", "NGUYỄN", "Linh", date(2014, 11, 19), "6EME B", [_mother(_MAI)]),),
    ),
    FictionalFamily(
        "three siblings, two parents, an apostrophe and a cedilla",
        (
            _pupil(
                8, "Mlle", "D'HÉROUVILLE", "Maëlle", date(2010, 2, 5), "1ERE 2", [_father(_FRANCOIS), _mother(_ELIF)]
            ),
            _pupil(
                9, "Mlle", "D'HÉROUVILLE", "Anaïs", date(2012, 7, 14), "3EME A", [_father(_FRANCOIS), _mother(_ELIF)]
            ),
            _pupil(10, "M.", "D'HÉROUVILLE", "Loïc", date(2012, 7, 14), "3EME B", [_father(_FRANCOIS), _mother(_ELIF)]),
        ),
    ),
    FictionalFamily(
        "an uncle who may be called, and is no legal guardian",
        (
            _pupil(
                11,
                "Mlle",
                "DIALLO",
                "Aminata",
                date(2013, 10, 27),
                "4EME A",
                [_mother(_FATOU), FictionalLink(_OUSMANE, "39", "3")],
            ),
        ),
    ),
    FictionalFamily(
        "a father whose mobile number the school does not know",
        (_pupil(12, "Mlle", "WIŚNIEWSKA", "Zofia", date(2011, 8, 9), "2NDE 3", [_father(_PIOTR)]),),
    ),
    FictionalFamily(
        "father and son with the same names and the same phone",
        (
            _pupil(13, "M.", "GARNIER", "Hugo", date(2009, 4, 23), "TERM 1", [_father(_PAUL_FATHER)]),
            _pupil(14, "Mlle", "GARNIER", "Jade", date(2015, 1, 11), "6EME A", [_father(_PAUL_SON)]),
        ),
    ),
    FictionalFamily(
        "a family name of three words",
        (_pupil(15, "Mlle", "DOS SANTOS FERREIRA", "Inês", date(2014, 5, 30), "5EME A", [_father(_JOAO)]),),
    ),
    FictionalFamily(
        "siblings in two schools, both parents",
        (
            _pupil(16, "M.", "L'HELGOUALC'H", "Gwénolé", date(2010, 12, 24), "1ERE 1", [_mother(_EVE), _father(_YANN)]),
            _pupil(
                17, "Mlle", "L'HELGOUALC'H", "Nolwenn", date(2014, 8, 18), "5EME B", [_mother(_EVE), _father(_YANN)]
            ),
        ),
    ),
    FictionalFamily(
        "a mother with a birth name, a name that directories write in several ways",
        (
            _pupil(
                18, "M.", "EL AMRANI", "Youssef", date(2009, 9, 6), "TERM 1", [_father(_MOHAMMED), _mother(_KHADIJA)]
            ),
            _pupil(
                19, "Mlle", "EL AMRANI", "Sara", date(2013, 3, 15), "4EME B", [_father(_MOHAMMED), _mother(_KHADIJA)]
            ),
        ),
    ),
    FictionalFamily(
        "a ligature and a diaeresis",
        (_pupil(20, "Mlle", "LECŒUR", "Zoë", date(2015, 6, 2), "6EME B", [_father(_CEDRIC)]),),
    ),
    FictionalFamily(
        "a tutor",
        (_pupil(21, "M.", "SCHMITT", "Kévin", date(2010, 1, 20), "1ERE 2", [FictionalLink(_SOLANGE, "50", "1")]),),
    ),
    FictionalFamily(
        "two mothers, and a pupil with both names",
        (
            _pupil(
                22, "Mlle", "PETIT-ROUX", "Lou", date(2013, 12, 12), "4EME B", [_mother(_ANNE_SOPHIE), _mother(_JULIE)]
            ),
        ),
    ),
)
"""The demo's families; the first three are those of the documentation."""
