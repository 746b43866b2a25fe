"""What « Mon compte » says at the top of a page once something was done, and how it writes dates."""

from collections.abc import Mapping
from datetime import datetime

from idp.journeys import local_time
from idp.journeys.account_answers import AccountNotice
from idp.web.french import mark, translate
from idp.web.languages import current_language
from idp.web.words import NoticeWords

_NOTICES: Mapping[AccountNotice, tuple[str, str, str]] = {
    AccountNotice.PROVED: ("reussi", mark("C'est bien vous."), mark("Vous pouvez continuer.")),
}


def say_account_notice(asked: str) -> NoticeWords | None:
    """Return the words of a notice, None for what is none.

    Args:
        asked: Value of the `avis` parameter.
    """
    if asked not in {one.value for one in AccountNotice}:
        return None
    kind, first, rest = _NOTICES[AccountNotice(asked)]
    return NoticeWords(kind, translate(first), translate(rest) if rest else "")


def say_date(local: datetime) -> str:
    """Return a day in words: « 29 novembre 2026 ».

    Args:
        local: The moment, on the clocks of the person (`journeys.local_time`).
    """
    return local_time.say_date(local.date(), current_language().code)
