"""Languages of the pages that a client may ask for: `ui_locales` (OpenID Connect Core 1.0 section 3.1.2.1), in RFC 5646's tags."""

from collections.abc import Iterable

UI_LOCALES = ("fr", "fr-x-facile", "en")
"""What the pages speak, `ui_locales_supported` of discovery. Easy French is private use (RFC 5646 section 2.2.7): no registry names it."""


def choose_ui_locale(wanted: Iterable[str]) -> str | None:
    """Return the first language wanted that the pages speak, None when they speak none: that is no error.

    Each tag is shortened from its end until one of ours remains (RFC 4647 section 3.4, lookup): `en-GB` is served in English.

    Args:
        wanted: Tags in the order of preference, in any case of letters.
    """
    for tag in wanted:
        parts = tag.lower().split("-")
        while parts:
            shortened = "-".join(parts)
            if shortened in UI_LOCALES:
                return shortened
            parts.pop()
            if parts and len(parts[-1]) == 1:  # a singleton says nothing without what followed it
                parts.pop()
    return None
