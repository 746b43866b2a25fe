"""Writes tables (CSV) of pupils and of guardians, one of each for each school, with headers like those that ONDE's exports have.

Separated by `;`. UTF-8 with its mark, or Windows-1252: there a letter that the encoding lacks loses its accent, or is written as the
letter that stands for it. No official layout is known, and the usual headers say nothing of the law: the last two columns of a
guardians' table do.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from idp.adapters.fiction.export import CsvEncoding, Export, Format
from idp.adapters.fiction.files import Shape, Shelf
from idp.adapters.fiction.places import Enrolment, Land, School
from idp.people.population import Role, Tie, fictional_ine

PUPIL_HEADERS = (
    "UAI",
    "Nom élève",
    "Nom d'usage élève",
    "Prénom élève",
    "Né(e) le",
    "Sexe",
    "INE",
    "Niveau",
    "Libellé classe",
)
GUARDIAN_HEADERS = (
    "UAI",
    "Civilité Responsable",
    "Nom responsable",
    "Nom usage responsable",
    "Prénom responsable",
    "Adresse responsable",
    "CP responsable",
    "Commune responsable",
    "Téléphone domicile",
    "Téléphone travail",
    "Téléphone portable",
    "Courriel",
    "Nom de famille enfant",
    "Prénom enfant",
    "Classes enfants",
    "Lien de parenté",
    "Représentant légal",
)
_RELATIONS = {
    Role.MOTHER: "MERE",
    Role.FATHER: "PERE",
    Role.SIBLING: "FRATRIE",
    Role.GRANDPARENT: "ASCENDANT",
    Role.RELATIVE: "AUTRE MEMBRE DE LA FAMILLE",
    Role.EDUCATOR: "EDUCATEUR",
    Role.FOSTER_PARENT: "ASS. FAMIL.",
    Role.TUTOR: "TUTEUR",
    Role.CHILD_WELFARE: "AIDE SOCIALE A L'ENFANCE",
    Role.OTHER: "AUTRE LIEN",
}
# Letters that no decomposition brings back to one of Windows-1252.
_STAND_INS: Mapping[str, str] = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i"}


class TableWriter:
    """Writes eleves_UAI.csv and responsables_UAI.csv; a guardian has one line for each child."""

    def __init__(self, folder: Path, export: Export, land: Land) -> None:
        self._folder = folder
        self._export = export
        self._land = land
        self._legacy = export.csv_encoding is CsvEncoding.WINDOWS_1252
        encoding = "cp1252" if self._legacy else "utf-8-sig"
        self._pupils = self._shelf(PUPIL_HEADERS, encoding)
        self._guardians = self._shelf(GUARDIAN_HEADERS, encoding)

    def take(self, enrolments: Sequence[Enrolment]) -> None:
        """Write the lines of one household's children and of who answers for them."""
        for one in enrolments:
            self._put(self._pupils, "eleves", one.school, _pupil_row(one))
            for tie in one.child.ties:
                self._put(self._guardians, "responsables", one.school, _guardian_row(one, tie))

    def close(self) -> list[Path]:
        """End the files and return their paths."""
        return sorted([*self._pupils.close(), *self._guardians.close()])

    def abandon(self) -> None:
        """Close what is open."""
        self._pupils.abandon()
        self._guardians.abandon()

    def _shelf(self, headers: Sequence[str], encoding: str) -> Shelf:
        return Shelf(
            Shape(head=self._line(headers), encoding=encoding, newline=""), 0, lambda series, _: self._path(series)
        )

    def _put(self, shelf: Shelf, table: str, school: School, row: Sequence[str]) -> None:
        shelf.put(f"{school.town.academy}/{table}_{school.uai}", self._line(row))

    def _line(self, row: Sequence[str]) -> str:
        cells: list[str] = [_windows_1252(cell) for cell in row] if self._legacy else list(row)
        line = StringIO()
        csv.writer(line, delimiter=";").writerow(cells)
        return line.getvalue()

    def _path(self, series: str) -> Path:
        academy, stem = series.split("/")
        return self._export.folder_of(self._folder, Format.CSV, academy) / f"{stem}.csv"


def _pupil_row(one: Enrolment) -> tuple[str, ...]:
    child = one.child
    return (
        one.school.uai,
        child.family_name,
        "",
        child.given_names[0],
        f"{child.birth_date:%d/%m/%Y}",
        "F" if child.girl else "M",
        fictional_ine(child.household, child.slot),
        child.level.name,
        one.class_name,
    )


def _guardian_row(one: Enrolment, tie: Tie) -> tuple[str, ...]:
    adult, child, town = tie.adult, one.child, one.school.town
    return (
        one.school.uai,
        "MME" if adult.woman else "M.",
        adult.birth_name,
        adult.family_name if adult.family_name != adult.birth_name else "",
        adult.given_names[0],
        adult.street,
        town.postal_code,
        town.name,
        adult.landline,
        "",
        adult.mobile,
        adult.mail,
        child.family_name,
        child.given_names[0],
        one.class_name,
        _RELATIONS[tie.role],
        "O" if tie.standing.legal else "N",
    )


def _windows_1252(text: str) -> str:
    """Return a text that Windows-1252 can write, as near to the given one as it can be."""
    return "".join(_nearest(sign) for sign in text)


def _nearest(sign: str) -> str:
    for candidate in (sign, _STAND_INS.get(sign), unicodedata.normalize("NFKD", sign)[0]):
        if candidate is not None and _fits(candidate):
            return candidate
    return "?"


def _fits(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
