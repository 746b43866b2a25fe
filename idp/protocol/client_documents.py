"""What clients keep at addresses of their own, for us to fetch (OpenID Connect Core 1.0 sections 6.2 and 8.1, RFC 7591 section 2)."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """What stood at an address.

    Attributes:
        body: At most as much as we read.
        media_type: Of the body, in lower case and without parameters; "" where it was not said.
    """

    body: bytes
    media_type: str = ""


class DocumentUnavailableError(Exception):
    """It was not fetched. The message says why and goes on after "it": neither address nor answer is quoted."""


Fetch = Callable[[str], Document]
"""Returns what stands at an address, without its fragment; raises `DocumentUnavailableError`."""


def fetch_nothing(address: str) -> Document:
    """Refuse to fetch: what stands in where nothing is to be fetched.

    Raises:
        DocumentUnavailableError: Always.
    """
    del address
    raise DocumentUnavailableError("is not fetched here")
