"""The catalogues of the pages: what a French sentence is in each language.

Easy French (« Facile à lire ») is a catalogue of its own and no locale that anybody registered: so gettext of the standard library reads
them, not Babel. Sentences are written with plain spaces; how they are set is put in here, before values are filled in, so that a name or a
number is never touched.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from idp.journeys.typography import set_french

FRENCH = "fr"

_BETWEEN_SENTENCES = re.compile(r"(?<=[.?!]) (?=[A-ZÀÂÉÈÊÎÔ«%])")


typographic = lru_cache(maxsize=2048)(set_french)
"""Sentences of the catalogue, a few hundred: the same ones on every page."""


@lru_cache(maxsize=2048)
def one_by_one(text: str) -> str:
    """Return `text` as easy French is set: each sentence on its own line, which the style sheet keeps."""
    return typographic(_BETWEEN_SENTENCES.sub("\n", text))


def _as_it_is(text: str) -> str:
    return text


_SETTERS: dict[str, Callable[[str], str]] = {FRENCH: typographic, "facile": one_by_one, "en": _as_it_is}


class _French(NullTranslations):
    """The sources themselves, with the plural of French: nought and one are singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if n < 2 else msgid2


class Catalogue:
    """The sentences of one language, set and ready for their values.

    Args:
        translations: Gives the sentence in place of the French one.
        set_in_type: Puts in what this language's typography wants.
    """

    def __init__(self, translations: NullTranslations, set_in_type: Callable[[str], str]) -> None:
        self._translations = translations
        self._set = set_in_type
        self._ready: dict[str, str] = {}

    def look_up(self, msgid: str) -> str:
        """Return the sentence."""
        ready = self._ready.get(msgid)
        if ready is None:
            ready = self._ready[msgid] = self._set(self._translations.gettext(msgid))
        return ready

    def look_up_plural(self, singular: str, plural: str, n: int) -> str:
        """Return the sentence that agrees with `n`."""
        return self._set(self._translations.ngettext(singular, plural, n))


@cache
def load_catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language, read when it is first asked for: nobody who reads French waits for the others.

    Args:
        language: One of the codes of `idp.web.languages.LANGUAGES`.
    """
    if language == FRENCH:
        return Catalogue(_French(), _SETTERS[FRENCH])
    compiled = files("idp.web") / "translations" / language / "LC_MESSAGES" / "messages.mo"
    with compiled.open("rb") as file:
        return Catalogue(GNUTranslations(file), _SETTERS[language])
