"""The catalogues of the pages: `make translations` writes them again after a change of words.

French sentences are the keys. Those of the other languages are written by hand into their `messages.po`; the `messages.mo` beside it is
what a page reads, and is kept in the repository: a working copy, the wheel and the image have it without a step of their own.
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from idp.errors import CATALOGUE
from idp.people.phones import COUNTRY_CODES

WEB = Path(__file__).parents[2] / "idp" / "web"
HANDOUT = WEB.parent / "guide"
TEMPLATE = WEB / "translations" / "messages.pot"
FRENCH = WEB / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
TRANSLATED = ("facile", "en")
"""Catalogues written by hand."""

_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"trimmed": "true"}}
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "mark": None,
    "translate": None,
    "translate_plural": (1, 2),
}
_LOCALES = {"fr": "fr", "facile": "fr", "en": "en"}  # whose plural rule is meant
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # a file that changes with its words alone


def source(language: str) -> Path:
    """Return the file that translations of a language are written in."""
    return WEB / "translations" / language / "LC_MESSAGES" / "messages.po"


def build_catalogue(language: str | None = None) -> Catalog:
    """Return every sentence of the pages; in French each one is its own translation, elsewhere the one that was written."""
    catalogue = _empty(language)
    rooms = (WEB, HANDOUT)
    messages = [found[2] for room in rooms for found in extract_from_dir(room, _METHODS, _OPTIONS, _KEYWORDS)]
    messages += [words for _, words in COUNTRY_CODES]
    messages += [words for error in CATALOGUE for words in (error.title, error.sentences) if words]
    written = read(language) if language in TRANSLATED else None
    for message in messages:
        if written is None:
            catalogue.add(message, message if language else "")
            continue
        found = written.get(message)
        catalogue.add(message, found.string if found else "", flags=found.flags if found else ())
    return catalogue


def read(language: str) -> Catalog:
    """Return the translations as they were written; none where there is no file yet."""
    path = source(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=_LOCALES[language])


def render(catalogue: Catalog) -> bytes:
    """Return the file of a catalogue: sorted, without places, so that a change shows only the words that changed."""
    out = BytesIO()
    write_po(out, catalogue, sort_output=True, no_location=True, width=0)
    return out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return what pages read: the sentences that are translated and not in doubt."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main(languages: list[str]) -> None:
    """Write the list of sentences and French; with names of languages, their catalogues too."""
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(render(build_catalogue()))
    FRENCH.write_bytes(render(build_catalogue("fr")))
    for language in languages:
        catalogue = build_catalogue(language)
        source(language).parent.mkdir(parents=True, exist_ok=True)
        source(language).write_bytes(render(catalogue))
        source(language).with_suffix(".mo").write_bytes(compiled(catalogue))


def _empty(language: str | None) -> Catalog:
    return Catalog(
        locale=_LOCALES.get(language or ""),
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


if __name__ == "__main__":
    main(sys.argv[1:])
