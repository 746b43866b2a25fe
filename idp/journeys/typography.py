"""French as it is set, on a page and in a mail.

Sources are written with plain spaces; those that must not break are put in before values are filled in, so that a name, a number or an
address is never touched.
"""

import re

NO_BREAK_SPACE = "\u00a0"
"""U+00A0: the font has no U+202F."""

_BEFORE_HIGH_SIGNS = re.compile(r" (?=[:;!?»](?:[\s.,)<]|$))")
_AFTER_OPENING_QUOTE = re.compile(r"(?<=«) ")
_INSIDE_PHONE_NUMBER = re.compile(r"(?<=\b\d\d) (?=\d\d\b)")


def set_french(text: str) -> str:
    """Return `text` with U+00A0 before ``: ; ! ?``, inside « » and between the pairs of a phone number."""
    for place in (_BEFORE_HIGH_SIGNS, _AFTER_OPENING_QUOTE, _INSIDE_PHONE_NUMBER):
        text = place.sub(NO_BREAK_SPACE, text)
    return text
