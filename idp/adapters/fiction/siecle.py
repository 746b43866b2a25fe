"""Writes SIECLE's ResponsablesAvecAdresses: for each collège or lycée one file of its guardians, their links and their addresses.

It names no pupil: a link's ELEVE_ID is the ENTEleveStructRattachId of the pupil's AAF record of the same seed. The encoding is
ISO-8859-15, and what it lacks is written as a character reference. The three parts of a file are written side by side and joined at the
end.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from idp.adapters.aaf_writer import escape_xml
from idp.adapters.fiction.aaf2d import eleve_id
from idp.adapters.fiction.export import Export, Format, SiecleFields
from idp.adapters.fiction.files import Shape, Shelf
from idp.adapters.fiction.places import Enrolment, Land, School
from idp.people.population import Adult, Codes, Register, Standing, Tie, record_id, relation_code

_ENCODING = "iso-8859-15"
_PARTS = (("PERSONNES", "personnes"), ("RESPONSABLES", "responsables"), ("ADRESSES", "adresses"))
_PART_NAMES = tuple(part for _, part in _PARTS)
_LEVELS = {Standing.FIRST: "1", Standing.SECOND: "1", Standing.IN_CHARGE: "2", Standing.CALLED: "3"}
_OLD_LEVELS = {Standing.FIRST: "1", Standing.SECOND: "2", Standing.IN_CHARGE: "0", Standing.CALLED: "0"}


class SiecleWriter:
    """Writes one ResponsablesAvecAdresses for each school of second degree that has pupils."""

    def __init__(self, folder: Path, export: Export, land: Land) -> None:
        del land  # a school without pupils has no file
        self._folder = folder
        self._export = export
        self._schools: dict[str, School] = {}
        self._shelf = Shelf(Shape(encoding=_ENCODING), 0, lambda series, _: self._part(series))

    def take(self, enrolments: Sequence[Enrolment]) -> None:
        """Write the guardians, links and addresses of one household's children, for each of their schools."""
        by_school: dict[str, list[Enrolment]] = {}
        for one in enrolments:
            if one.school.degree == 2:
                by_school.setdefault(one.school.uai, []).append(one)
        for own in by_school.values():
            self._write(own)

    def close(self) -> list[Path]:
        """Join the parts of each file and return the files' paths."""
        self._shelf.close()
        return [self._join(school) for school in self._schools.values()]

    def abandon(self) -> None:
        """Close what is open."""
        self._shelf.abandon()

    def _write(self, enrolments: Sequence[Enrolment]) -> None:
        school = enrolments[0].school
        self._schools.setdefault(school.uai, school)
        adults: dict[int, Adult] = {}
        homes: dict[str, Adult] = {}
        for one in enrolments:
            for tie in one.child.ties:
                adults.setdefault(tie.adult.slot, tie.adult)
                self._put(school, "responsables", self._link(one, tie))
        for adult in adults.values():
            home = homes.setdefault(adult.street, adult)
            self._put(school, "personnes", _person(school, adult, home))
        for home in homes.values():
            self._put(school, "adresses", _address(school, home))

    def _put(self, school: School, part: str, text: str) -> None:
        self._shelf.put(f"{school.uai}.{part}", text)

    def _link(self, one: Enrolment, tie: Tie) -> str:
        academy = one.school.town.academy
        first = tie.standing is Standing.FIRST
        called = tie.standing is not Standing.SECOND
        values = {
            "ELEVE_ID": eleve_id(academy, one.child),
            "PERSONNE_ID": _person_id(academy, tie.adult),
        }
        if self._export.siecle_fields is SiecleFields.OLD:
            values |= {
                "RESP_LEGAL": _OLD_LEVELS[tie.standing],
                "CODE_PARENTE": relation_code(tie.role, self._export.codes),
                "RESP_FINANCIER": _flag(first),
                "PERS_PAIMENT": _flag(first),
                "PERS_CONTACT": _flag(called),
            }
        else:
            values |= {
                # Old one-digit codes go with the two legal guardians being 1 and 2.
                "NIVEAU_RESPONSABILITE": (_OLD_LEVELS if self._export.codes is Codes.OLD else _LEVELS)[tie.standing],
                "CODE_PARENTE": relation_code(tie.role, self._export.codes),
                "PAIE_FRAIS_SCOLAIRES": _flag(first),
                "PERCOIT_LES_AIDES": _flag(first),
                "HEBERGE_ELEVE": _flag(tie.standing in {Standing.FIRST, Standing.IN_CHARGE}),
                "A_CONTACTER_EN_PRIORITE": _flag(called),
            }
        return _element("RESPONSABLE_ELEVE", values)

    # --- one file from its parts ----------------------------------------------------------------------------------------------

    def _join(self, school: School) -> Path:
        path = self._path(school)
        with path.open("wb") as whole:
            whole.write(self._head(school).encode(_ENCODING, "xmlcharrefreplace"))
            for tag, part in _PARTS:
                source = self._part(f"{school.uai}.{part}")
                whole.write(f"<{tag}>\n".encode("ascii"))
                with source.open("rb") as written:
                    shutil.copyfileobj(written, whole)
                whole.write(f"</{tag}>\n".encode("ascii"))
                source.unlink()
            whole.write(b"</DONNEES>\n</BEE_RESPONSABLES>\n")
        return path

    def _head(self, school: School) -> str:
        day = self._export.exported_on
        year = day.year if day.month >= 8 else day.year - 1
        return (
            '<?xml version="1.0" encoding="ISO-8859-15"?>\n<BEE_RESPONSABLES VERSION="2.1">\n<PARAMETRES>\n'
            f"<UAJ>{school.uai}</UAJ>\n<ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE>\n"
            f"<DATE_EXPORT>{day:%d/%m/%Y}</DATE_EXPORT>\n<HORODATAGE>{day:%d/%m/%Y} 06:00:00</HORODATAGE>\n"
            "</PARAMETRES>\n<DONNEES>\n"
        )

    def _part(self, series: str) -> Path:
        uai, part = series.split(".")
        return self._path(self._schools[uai]).with_suffix(f".{part}")

    def _path(self, school: School) -> Path:
        folder = self._export.folder_of(self._folder, Format.SIECLE, school.town.academy)
        return folder / f"ResponsablesAvecAdresses_{school.uai}.xml"


def _person(school: School, adult: Adult, home: Adult) -> str:
    academy = school.town.academy
    values = {
        "LC_CIVILITE": "MME" if adult.woman else "M.",
        "LL_CIVILITE": "MADAME" if adult.woman else "MONSIEUR",
        "NOM_DE_FAMILLE": adult.birth_name,
        "NOM_USAGE": adult.family_name if adult.family_name != adult.birth_name else "",
        "PRENOM": adult.given_names[0],
        "TEL_PERSONNEL": _international(adult.landline),
        "TEL_PORTABLE": _international(adult.mobile),
        "ACCEPTE_SMS": _flag(bool(adult.mobile)),
        "TEL_PROFESSIONNEL": "",
        "MEL": adult.mail,
        "COMMUNICATION_ADRESSE": "0",
        "ADRESSE_ID": _address_id(academy, home),
        "CODE_PROFESSION": "",
    }
    return _element("PERSONNE", values, f' PERSONNE_ID="{_person_id(academy, adult)}"')


def _address(school: School, home: Adult) -> str:
    town = school.town
    values = {
        "LIGNE1_ADRESSE": home.street,
        "CODE_POSTAL": town.postal_code,
        "LIBELLE_POSTAL": town.name,
        "LL_PAYS": "FRANCE",
    }
    return _element("ADRESSE", values, f' ADRESSE_ID="{_address_id(town.academy, home)}"')


def _element(tag: str, values: Mapping[str, str], attributes: str = "") -> str:
    fields = "".join([f"<{name}>{escape_xml(value)}</{name}>" for name, value in values.items() if value])
    return f"<{tag}{attributes}>{fields}</{tag}>\n"


def _person_id(academy: str, adult: Adult) -> str:
    return record_id(Register.PERSONNE_ID, academy, adult.household, adult.slot)


def _address_id(academy: str, home: Adult) -> str:
    return record_id(Register.ADRESSE_ID, academy, home.household, home.slot)


def _flag(holds: bool) -> str:
    return "1" if holds else "0"


def _international(written: str) -> str:
    """Return a French number as SIECLE writes it, with +33 for its zero; "" for none."""
    digits = "".join(sign for sign in written if sign.isdigit())
    if not digits:
        return ""
    return f"+33{digits.removeprefix('33')}" if written.startswith("+33") else f"+33{digits[1:]}"
