"""Writes fictional families as AAF files, and the copy of them that an ENT would hold.

The files have the names, the comment, the DOCTYPE and the attributes of AAF-VE second degree, and no attribute besides: an ENT's import may
refuse a whole file for one that it does not know.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path

from idp.journeys.directory_ports import Kind, Operation, SourceRecord
from idp.people.academies import academy_name
from idp.people.fiction import (
    ACADEMY,
    EXPORTED_ON,
    FictionalFamily,
    FictionalGuardian,
    FictionalPupil,
    FictionalSchool,
    schools_of,
)

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- versionAF="AAF-VE1803" -->
<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">
<ficAlimMENESR>
"""
TAIL = "</ficAlimMENESR>\n"
# Characters that XML 1.0 (section 2.2) cannot hold in any way.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\"'\r]|" + _UNWRITABLE.pattern)
_ACADEMY_CODE = f"{int(ACADEMY):02}"


def write_aaf(families: Sequence[FictionalFamily], directory: Path, *, exported_on: date = EXPORTED_ON) -> list[Path]:
    """Write the files of these families' schools: three for each school, as a full export has them.

    A guardian with pupils in two schools is in both schools' files, as in a real export.

    Args:
        families: Who is in the files.
        directory: Where to; made when it is not there.
        exported_on: The day in the files' names.

    Returns:
        The files, schools first in their order, then by kind.

    Raises:
        OSError: They cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for school in schools_of(families):
        pupils = [pupil for family in families for pupil in family.pupils if pupil.school == school]
        guardians = dict.fromkeys(link.guardian for pupil in pupils for link in pupil.links)
        stem = f"ENT_{school.uai}_Complet_{exported_on:%Y%m%d}"
        contents: dict[Kind, Iterable[tuple[str, Mapping[str, Sequence[str]]]]] = {
            Kind.PUPIL: ((pupil.jointure, _pupil_attributes(pupil)) for pupil in pupils),
            Kind.GUARDIAN: ((guardian.jointure, _guardian_attributes(guardian, school)) for guardian in guardians),
            Kind.SCHOOL: [(school.jointure, _school_attributes(school, pupils))],
        }
        for kind, records in contents.items():
            path = directory / f"{stem}_{kind.value}_0000.xml"
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.write(HEAD)
                for jointure, attributes in records:
                    file.write(render_request(Operation.ADD, kind, jointure, attributes))
                file.write(TAIL)
            paths.append(path)
    return paths


def write_ent_directory(families: Sequence[FictionalFamily], path: Path) -> None:
    """Write what an ENT knows of these families: legal guardians with their `FrEduCtRefId`, and their pupils.

    Raises:
        OSError: It cannot be written.
    """
    schools = [
        {"uai": school.uai, "name": school.name, "academy": _ACADEMY_CODE, "town": school.town}
        for school in schools_of(families)
    ]
    children: dict[FictionalGuardian, list[dict[str, str]]] = {}
    for pupil in (pupil for family in families for pupil in family.pupils):
        for link in pupil.links:
            if link.legal_level == "1":
                children.setdefault(link.guardian, []).append(_child(pupil))
    guardians = [
        {
            "ref_id": f"{{AAF}}{_ACADEMY_CODE}||{guardian.jointure}",
            "family_name": guardian.family_name,
            "given_name": guardian.given_names[0],
            "children": own,
        }
        for guardian, own in children.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schools": schools, "guardians": guardians}, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def write_records(path: Path, records: Iterable[SourceRecord]) -> None:
    """Write records as one file, one after the other.

    Raises:
        OSError: It cannot be written.
        ValueError: A value holds a character that XML cannot hold.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEAD)
        for record in records:
            file.write(render_request(record.operation, record.kind, record.jointure, record.attributes))
        file.write(TAIL)


def render_request(operation: Operation, kind: str, jointure: str, attributes: Mapping[str, Sequence[str]]) -> str:
    """Return one request as XML, with the line feed that ends it.

    Args:
        operation: What it asks for. A deletion bears no attributes.
        kind: A value of `Kind`, or another category.
        jointure: The record's id.
        attributes: Values by name; an empty one is left out, and a name without any is written with an empty value.

    Raises:
        ValueError: A value holds a character that XML cannot hold.
    """
    category = "categorieStructure" if kind == Kind.SCHOOL else "categoriePersonne"
    lines = [
        f"<{operation}>",
        f'<operationalAttributes><attr name="{category}"><value>{escape_xml(kind)}</value></attr></operationalAttributes>',
        f"<identifier><id>{escape_xml(jointure)}</id></identifier>",
    ]
    if operation is Operation.ADD:
        lines.append("<attributes>")
        lines += [f"{_opening(name)}{_values(values)}</attr>" for name, values in attributes.items()]
        lines.append("</attributes>")
    elif operation is Operation.MODIFY:
        lines.append("<modifications>")
        lines += [
            f'<modification name="{escape_xml(name)}" operation="replace">{_values(values)}</modification>'
            for name, values in attributes.items()
        ]
        lines.append("</modifications>")
    lines.append(f"</{operation}>\n")
    return "\n".join(lines)


@lru_cache(maxsize=256)
def _opening(name: str) -> str:
    return f'<attr name="{escape_xml(name)}">'


def _values(values: Sequence[str]) -> str:
    if len(values) == 1:  # nearly always: worth not making a list for
        return f"<value>{escape_xml(values[0])}</value>" if values[0] else "<value/>"
    return "".join([f"<value>{escape_xml(value)}</value>" for value in values if value]) or "<value/>"


def escape_xml(text: str) -> str:
    """Return a text as XML holds it, in an element or between quotation marks.

    Raises:
        ValueError: It holds a character that XML cannot hold.
    """
    if text.isalnum() or not _SPECIAL.search(text):
        return text
    if _UNWRITABLE.search(text):
        raise ValueError("XML cannot hold this character")
    # A carriage return that is written as it is would be read as a line feed (XML 1.0 section 2.11).
    return escape(text).replace("\r", "&#13;")


def _school_attributes(school: FictionalSchool, pupils: Sequence[FictionalPupil]) -> dict[str, Sequence[str]]:
    classes = sorted({pupil.class_name for pupil in pupils})
    return {
        "ENTStructureJointure": [school.jointure],
        "ENTStructureUAI": [school.uai],
        "ENTEtablissementUAI": [school.uai],
        "ENTStructureNomCourant": [school.name],
        "ENTStructureTypeStruct": [school.type_name],
        "ENTEtablissementContrat": ["PU"],
        "street": [school.street],
        "postalCode": [school.postal_code],
        "l": [school.town],
        "telephoneNumber": [school.phone],
        "ENTServAcAcademie": [academy_name(ACADEMY).upper()],
        "ENTServAcCodeAcademie": [_ACADEMY_CODE],
        "ENTStructureClasses": classes,
        "ENTStructureGroupes": [],
    }


def _guardian_attributes(guardian: FictionalGuardian, school: FictionalSchool) -> dict[str, Sequence[str]]:
    return {
        "ENTPersonJointure": [guardian.jointure],
        "ENTPersonDateNaissance": [_day(guardian.birth_date)],
        "ENTPersonNomPatro": [guardian.birth_name],
        "sn": [guardian.family_name],
        "givenName": [guardian.given_names[0]],
        "ENTPersonAutresPrenoms": guardian.given_names[1:],
        "personalTitle": [guardian.title],
        "homePhone": [],
        "telephoneNumber": [],
        "mobile": [guardian.mobile],
        "ENTPersonMobileSMS": [guardian.mobile],
        "mail": [],
        "ENTPersonAdresse": [],
        "ENTPersonCodePostal": [school.postal_code],
        "ENTPersonVille": [school.town],
        "ENTPersonPays": ["FRANCE"],
        "ENTPersonAdresseDiffusion": ["N"],
    }


def _pupil_attributes(pupil: FictionalPupil) -> dict[str, Sequence[str]]:
    school = pupil.school
    # The two that are not called for have nothing to pay either: id, relation, pays, legal, to be called, paid.
    links = [
        f"{link.guardian.jointure}${link.relation}${int(link.legal_level == '1')}${link.legal_level}$1$0"
        for link in pupil.links
    ]
    return {
        "ENTPersonJointure": [pupil.jointure],
        "ENTEleveINE": [pupil.ine],
        "ENTEleveStructRattachId": [pupil.rattach_id],
        "ENTPersonDateNaissance": [_day(pupil.birth_date)],
        "ENTPersonNomPatro": [pupil.family_name],
        "sn": [pupil.family_name],
        "givenName": [pupil.given_name],
        "ENTPersonAutresPrenoms": [],
        "personalTitle": [pupil.title],
        "ENTElevePersRelEleve": links,
        "ENTEleveStatutEleve": ["SCOLAIRE"],
        "ENTEleveNivFormation": [pupil.level],
        "ENTPersonStructRattach": [school.jointure],
        "ENTEleveClasses": [f"{school.jointure}${pupil.class_name}"],
        "ENTEleveGroupes": [],
    }


def _child(pupil: FictionalPupil) -> dict[str, str]:
    return {
        "family_name": pupil.family_name,
        "given_name": pupil.given_name,
        "class": pupil.class_name,
        "school": pupil.school.name,
        "uai": pupil.school.uai,
    }


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
