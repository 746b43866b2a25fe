"""The words of a page in the language of its reader. The sources are French: each French sentence is the key of its translations."""

from markupsafe import Markup

from idp.web.languages import current_catalogue


def look_up(msgid: str) -> str:
    """Return the sentence in the language of the request, values not filled in yet."""
    return current_catalogue().look_up(msgid)


def look_up_plural(singular: str, plural: str, n: int) -> str:
    """Return the sentence that agrees with `n`, values not filled in yet."""
    return current_catalogue().look_up_plural(singular, plural, n)


def say_on_page(msgid: str, **values: object) -> Markup:
    """Return a sentence for a template: the words are ours and stay as they are, the values are escaped."""
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
