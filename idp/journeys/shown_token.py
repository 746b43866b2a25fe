"""A token of either kind that somebody shows."""

from collections.abc import Callable
from typing import TypeVar

Access = TypeVar("Access")
Refresh = TypeVar("Refresh")


def look_up(
    hint: str, access_token: Callable[[], Access | None], refresh_token: Callable[[], Refresh | None]
) -> Access | Refresh | None:
    """Return what is found, the hinted kind looked for first (RFC 7009 section 2.1, RFC 7662 section 2.1).

    Args:
        hint: ``refresh_token`` or anything else, which then means an access token.
        access_token: Looks among access tokens.
        refresh_token: Looks among refresh tokens.
    """
    if hint == "refresh_token":
        return refresh_token() or access_token()
    return access_token() or refresh_token()
