"""French as it is set on a page: translations, then no-break spaces.

The spaces that must not break are put in on what comes out of the catalogue and before values are filled in.
"""

from functools import lru_cache
from typing import Protocol, cast

from flask import g
from flask_babel import get_domain
from markupsafe import Markup

from idp.journeys.typography import set_french

typographic = lru_cache(maxsize=2048)(set_french)
"""Sentences of the catalogue, a few hundred: the same ones on every page."""


class _Translations(Protocol):
    def ugettext(self, _msgid: str, /) -> str: ...

    def ungettext(self, _singular: str, _plural: str, _n: int, /) -> str: ...


def _translations() -> _Translations:
    """Return the catalogue of the request's language, chosen once: a page asks for two dozen sentences."""
    if "translations" not in g:
        g.translations = get_domain().get_translations()
    return cast(_Translations, g.translations)


def look_up(msgid: str) -> str:
    """Return the sentence in the language of the request, values not filled in yet."""
    # Not Flask-Babel's own gettext: it fills values in itself, before the spaces could be put in.
    return typographic(_translations().ugettext(msgid))


def look_up_plural(singular: str, plural: str, n: int) -> str:
    """Return the sentence that agrees with `n`, values not filled in yet."""
    return typographic(_translations().ungettext(singular, plural, n))


def say_on_page(msgid: str, **values: object) -> Markup:
    """Return a sentence for a template: the words are ours and stay as they are, the values are escaped.

    In the place of Jinja's own `_`, which looks its parts up anew for each of two dozen sentences.
    """
    text = Markup(look_up(msgid))  # noqa: S704  a sentence of the catalogue
    return text % values if values else text


def translate(msgid: str, **values: str | int) -> str:
    """Return a sentence in the language of the request, values filled in.

    Args:
        msgid: The French sentence, with ``%(name)s`` where a value goes.
        values: The values. Without any, a lone ``%`` stays as it is.
    """
    text = look_up(msgid)
    return text % values if values else text


def translate_plural(singular: str, plural: str, n: int, **values: str | int) -> str:
    """Return the sentence that agrees with `n`, which is also the value ``%(n)s``."""
    return look_up_plural(singular, plural, n) % {"n": n, **values}


def mark(msgid: str) -> str:
    """Return `msgid` as it is: tells the extraction that it belongs in the catalogue and is translated where it is used."""
    return msgid
