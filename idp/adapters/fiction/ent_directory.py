"""Writes the copy of the directory that the sample ENT reads: legal guardians with their `FrEduCtRefId`, and their pupils."""

import json
from collections.abc import Sequence
from pathlib import Path

from idp.adapters.fiction.aaf import Dialect, Group
from idp.adapters.fiction.places import Enrolment, School


class EntDirectoryWriter:
    """Gathers what AAF files say and writes it at the end: for exports of at most `MAX_ENT_PUPILS`, since it is kept in memory."""

    def __init__(self, path: Path, dialects: Sequence[Dialect]) -> None:
        self._path = path
        self._dialects = dialects
        self._schools: dict[str, School] = {}
        self._guardians: dict[str, dict[str, object]] = {}

    def take(self, enrolments: Sequence[Enrolment]) -> None:
        """Note one household's children and their legal guardians."""
        for one in enrolments:
            dialect = next((own for own in self._dialects if one.school.degree in own.file_format.degrees), None)
            if dialect is not None:
                self._note(one, dialect)

    def close(self) -> list[Path]:
        """Write the file and return its path."""
        schools = [
            {"uai": one.uai, "name": one.name, "academy": f"{int(one.town.academy):02}", "town": one.town.name}
            for one in self._schools.values()
        ]
        text = json.dumps(
            {"schools": schools, "guardians": list(self._guardians.values())}, ensure_ascii=False, indent=2
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        return [self._path]

    def abandon(self) -> None:
        """Nothing is open."""

    def _note(self, one: Enrolment, dialect: Dialect) -> None:
        school, child = one.school, one.child
        self._schools.setdefault(school.uai, school)
        entry = {
            "family_name": child.family_name,
            "given_name": child.given_names[0],
            "class": one.class_name,
            "school": school.name,
            "uai": school.uai,
        }
        group = Group(school.town.academy, (one,))
        legal = {tie.adult.slot for tie in child.ties if tie.standing.legal}
        for adult in group.adults():
            if adult.slot in legal:
                reference = f"{{AAF}}{int(group.academy):02}||{dialect.guardian_id(group.academy, adult)}"
                known = self._guardians.setdefault(
                    reference,
                    {
                        "ref_id": reference,
                        "family_name": adult.family_name,
                        "given_name": adult.given_names[0],
                        "children": [],
                    },
                )
                children = known["children"]
                if isinstance(children, list):
                    children.append(entry)
