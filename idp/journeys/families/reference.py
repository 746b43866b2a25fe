"""docs/reference/families.md, written from the document's classes so that it cannot be wrong."""

import sys
from collections.abc import Iterator

from idp.journeys.families.document import FamiliesDocument, Member, Rule, is_required, rules_of
from idp.journeys.families.reading import show

_HEAD = """# Families documents

Written by `python -m idp.journeys.families.reference` (`make docs`) from `idp/journeys/families/document.py`; do not edit it here.

One TOML document says which schools, families and accounts a test instance has, which clients, and what goes wrong there. `preau families
check` says all that is wrong with it, each with its line, the value and what would be right; `preau families load` takes it in, and so does
`[families]` of the [settings](settings.md) at each start. Documents that come with the package: [named cases](cases.md). How to: [describe
your own families](../how-to/describe-families.md). As JSON, `POST /sandbox/v1/families` takes the same members.

**Fictional only.** A phone that is not of 06 39 98 xx xx, a UAI that is not `999`, four digits and I, O or Q, an INE that is not `FICTIF-`
and digits, and an e-mail address that does not end in `.example` are refused by name.

**Only what could be.** Records go in as an import takes them, accounts as an activation leaves them. An account is refused whose guardian
could not have activated it: no phone, no legal link that stands, somebody else with the same names and phone.

**Twice is once.** A second load changes nothing. An account that is there is left as it is, whatever its person did since;
`POST /sandbox/v1/reset` brings every account and every contest back to the document.

**Faults wait from the load on.** A fault that is armed already, used up or disarmed, is left as it is by a second load; under the same
`key`, another one takes its place. A reset arms each again, with all its times. On an instance without the control API nothing strikes:
none is armed, and the load says so.

**One record for each academy and degree.** A guardian has a record where a pupil of hers is, as in the files of real academies, and so a
`FrEduCtRefId` for each that she proved.

**One document for both programs.** `preau franceconnect-simulator --families FILE` reads the tables `franceconnect` of the same document:
whoever is `linked` there comes back under the subject that her account was linked with. It may be a folder of documents too.
"""
_KINDS = {
    "text": "text",
    "texts": "list of texts",
    "number": "whole number",
    "times": 'whole number or `"always"`',
    "seconds": "number",
    "flag": "true or false",
    "date": "date",
    "raw": "tables",
}
_MANY = 12  # values that a table of the page still holds


def render_reference() -> str:
    """Return the page, in Markdown."""
    return "\n".join([_HEAD, *_sections(FamiliesDocument, "", "At the top")])


def _sections(kind: type[Member], path: str, title: str) -> Iterator[str]:
    yield f"## {title}\n\n{(kind.__doc__ or '').strip()}\n\n{_table(kind)}"
    for name, rule, _ in rules_of(kind):
        if rule.of is not None:
            below = f"{path}.{name}".removeprefix(".")
            yield from _sections(rule.of, below, f"[[{below}]]" if rule.kind == "tables" else f"[{below}]")


def _table(kind: type[Member]) -> str:
    rows = "".join(
        f"| `{name}` | {_kind(rule)} | {'**required**' if is_required(one) else _default(rule, one.default)} | {rule.about} |\n"
        for name, rule, one in rules_of(kind)
    )
    return f"| member | type | default | meaning |\n|---|---|---|---|\n{rows}"


def _kind(rule: Rule) -> str:
    if rule.among and len(rule.among) <= _MANY:
        return " or ".join(f"`{show(one)}`" for one in rule.among)
    if rule.of is not None:
        return "table" if rule.kind == "table" else "list of tables"
    return _KINDS[rule.kind]


def _default(rule: Rule, value: object) -> str:
    return (
        "none" if value in (None, "", ()) else f"`{show(value)}`" if rule.kind != "flag" else f"`{str(value).lower()}`"
    )


if __name__ == "__main__":
    sys.stdout.write(render_reference())
