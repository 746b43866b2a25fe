"""docs/reference/cases.md, written from the library so that no case is missing."""

import sys

from idp.adapters.case_library import case_names, load_case
from idp.journeys.families.document import FamiliesDocument
from idp.journeys.families.reading import read_document

_HEAD = """# Named cases

Written by `python -m idp.adapters.case_library.reference` (`make docs`) from `idp/adapters/case_library/`; do not edit it here.

Each case is a [families document](families.md) that comes with the package. `preau families show NAME` prints it; `[families] cases` of the
[settings](settings.md) takes cases in at each start, `["all"]` every one. Each has a test that walks its story through the pages
(`tests/journeys/test_cases.py`). A password that is given is the same everywhere: `Cartable-Bleu-42`; at FranceConnect's simulator
it is `123`.

"""


def render_cases() -> str:
    """Return the page, in Markdown."""
    return _HEAD + "\n".join(_section(read_document(load_case(name), name)) for name in case_names())


def _section(case: FamiliesDocument) -> str:
    return (
        f"## {case.name}\n\n**{case.title}.** {case.about}\n\nSeen from outside: {case.effect}\n\n"
        f"| who | phone | signs in as | pupils |\n|---|---|---|---|\n{_people(case)}"
    )


def _people(case: FamiliesDocument) -> str:
    rows = ""
    for family, guardian in case.guardians():
        ways = [guardian.account.identifiant] if guardian.account and guardian.account.password else []
        ways += [f"`{guardian.franceconnect.login}` at FranceConnect"] if guardian.franceconnect else []
        pupils = [
            f"{pupil.given_name} {pupil.family_name}, {pupil.birth_date:%d/%m/%Y}"
            for pupil in family.pupils
            if guardian.key in [link.guardian for link in pupil.guardians]
        ]
        name = f"{guardian.given_names[0]} {guardian.family_name}"
        rows += (
            f"| {name} | {guardian.phone} | {', '.join(ways) or 'not activated'} | {'; '.join(pupils) or 'none'} |\n"
        )
    return rows


if __name__ == "__main__":
    sys.stdout.write(render_cases())
