"""The servers that access tokens are for (RFC 8707 section 2; RFC 9068 section 3 names them in `aud`)."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from idp.protocol.client import Client

_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")  # RFC 3986 section 4.3
_LONGEST = 300  # characters


@dataclass(frozen=True, slots=True)
class Resource:
    """A server that takes our access tokens. Built from settings; never changes while a request runs."""

    resource: str  # its identifier, which is `aud`
    name: str
    scope: tuple[str, ...] = ()  # what there is to ask for
    access_token_format: str = "opaque"  # noqa: S105  the name of a format; or "jwt" (RFC 9068)
    access_token_lifetime: int | None = None  # seconds; None: as long as those for userinfo
    client_id: str = ""  # of the client that may ask what tokens for it are; "" = none


class Resources:
    """Every resource that an operator registered. Beside them stands our own userinfo, whose identifier is the issuer.

    Args:
        issuer: Ours, as tokens name it.
        registered: In the order of the settings.
    """

    def __init__(self, issuer: str, registered: Iterable[Resource] = ()) -> None:
        self.issuer = issuer
        self._by_identifier = {one.resource: one for one in registered}
        self._elsewhere = frozenset(scope for one in self._by_identifier.values() for scope in one.scope)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that there is at one of them, each once."""
        return tuple(dict.fromkeys(scope for one in self._by_identifier.values() for scope in one.scope))

    def load(self, identifier: str) -> Resource | None:
        """Return a resource by its identifier, letter for letter."""
        return self._by_identifier.get(identifier)

    def load_for(self, client: Client, identifier: str) -> Resource | None:
        """Return a resource that this client may ask for; None for one that it may not, and for one that is not there."""
        return self.load(identifier) if identifier in client.resources else None

    def narrow(self, scope: Iterable[str], target: Resource | None) -> tuple[str, ...]:
        """Return what of a scope a token says at one server (RFC 8707 section 2.2): what that server can make sense of.

        Args:
            scope: What was granted.
            target: The server; None for our own userinfo.
        """
        if target is None:
            return tuple(one for one in scope if one not in self._elsewhere)
        return tuple(one for one in scope if one in target.scope)

    def narrow_to_all(self, scope: Collection[str], targets: Collection[Resource]) -> tuple[str, ...]:
        """Return what of a scope there is at userinfo or at one of these servers, in its order."""
        kept = {one for target in (None, *targets) for one in self.narrow(scope, target)}
        return tuple(one for one in scope if one in kept)


def find_identifier_fault(identifier: str) -> str:
    """Return what keeps a text from being the identifier of a resource (RFC 8707 section 2), or ""."""
    if "#" in identifier:
        return "must have no fragment (#)"
    if len(identifier) > _LONGEST or not _ABSOLUTE_URI.fullmatch(identifier):
        return f"must be an absolute URI of at most {_LONGEST} characters"
    return ""
