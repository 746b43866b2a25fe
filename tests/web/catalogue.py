"""The catalogue of the pages: `python -m tests.web.catalogue` writes it again after a change of words."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from idp.errors import CATALOGUE
from idp.people.phones import COUNTRY_CODES

WEB = Path(__file__).parents[2] / "idp" / "web"
TEMPLATE = WEB / "translations" / "messages.pot"
FRENCH = WEB / "translations" / "fr" / "LC_MESSAGES" / "messages.po"

_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"trimmed": "true"}}
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "mark": None,
    "translate": None,
    "translate_plural": (1, 2),
}
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # a file that changes with its words alone


def build_catalogue(language: str | None = None) -> Catalog:
    """Return every sentence of the pages; in French each one is its own translation."""
    catalogue = Catalog(
        locale=language,
        project="preau",
        version="1",
        header_comment="# The sentences of Préau's pages. Written by tests/web/catalogue.py.",
        msgid_bugs_address="",
        last_translator="Préau",
        language_team="Préau",
        fuzzy=False,
        charset="utf-8",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
    )
    found = extract_from_dir(WEB, _METHODS, _OPTIONS, _KEYWORDS)
    for _, _, message, _, _ in found:
        catalogue.add(message, message if language else "")
    for _, words in COUNTRY_CODES:
        catalogue.add(words, words if language else "")
    for error in CATALOGUE:
        for words in (error.title, error.sentences):
            if words:
                catalogue.add(words, words if language else "")
    return catalogue


def render(catalogue: Catalog) -> bytes:
    """Return the file of a catalogue: sorted, without places, so that a change shows only the words that changed."""
    out = BytesIO()
    write_po(out, catalogue, sort_output=True, no_location=True, width=0)
    return out.getvalue()


def main() -> None:
    """Write both files."""
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(render(build_catalogue()))
    FRENCH.write_bytes(render(build_catalogue("fr")))


if __name__ == "__main__":
    main()
