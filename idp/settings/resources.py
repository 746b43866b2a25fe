"""The servers that access tokens may be for, as an operator writes them under [[resources]]."""

import re
from collections.abc import Collection, Iterator
from typing import Literal

from pydantic import Field

from idp.protocol.resource import find_identifier_fault
from idp.settings.faults import Fault
from idp.settings.values import Group

_OF_EDUCONNECT = "ect.scope."
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3


class ResourceSettings(Group):
    """A server that takes our access tokens, beside our own userinfo (RFC 8707). Clients ask for it by `resources` of theirs."""

    resource: str = Field(
        description="Its identifier: an absolute URI without fragment. Clients send it as `resource`, tokens hold it as `aud`, letter for "
        "letter."
    )
    name: str = Field(
        min_length=1,
        max_length=100,
        description="Its name on the page that asks a person for consent, for example « Cantine ».",
    )
    scope: tuple[str, ...] = Field(
        default=(),
        description="The scopes that there are. A client may ask for those that stand in its own `scope` too.",
    )
    access_token_format: Literal["opaque", "jwt"] = Field(
        default="opaque",
        description="`jwt`: it reads tokens by itself (RFC 9068, signed with RS256). `opaque`: it asks at the introspection endpoint.",
    )
    access_token_seconds: int | None = Field(
        default=None,
        ge=10,
        le=86_400,
        description="Life of its access tokens, in seconds, whoever asks for them. None: that of the client's others.",
    )
    client_id: str = Field(
        default="",
        max_length=200,
        description="The client as which it asks what tokens are: about its own and those for this resource. Empty: none.",
    )
    open_to_registration: bool = Field(
        default=False, description="Whether clients that register by themselves may name it in their `resources`."
    )


def resource_faults(
    resources: tuple[ResourceSettings, ...], *, issuer: str, reserved: Collection[str], clients: Collection[str]
) -> Iterator[Fault]:
    """Yield what is wrong with the resources.

    Args:
        resources: in the order of the file.
        issuer: as tokens name it, which is what our own userinfo is called.
        reserved: scopes that mean something of persons here.
        clients: ids of the clients of the file.
    """
    seen: set[str] = {issuer}
    for position, one in enumerate(resources):
        key = f"resources[{position}]"
        if problem := find_identifier_fault(one.resource):
            yield Fault(f"{key}.resource", problem)
        elif one.resource in seen:
            yield Fault(f"{key}.resource", "is the issuer, or the same as an earlier one")
        seen.add(one.resource)
        for place, scope in enumerate(one.scope):
            if not _SCOPE.fullmatch(scope):
                yield Fault(f"{key}.scope[{place}]", "must be printable ASCII without spaces, quotes and backslashes")
            elif scope in reserved or scope.startswith(_OF_EDUCONNECT):
                yield Fault(f"{key}.scope[{place}]", "is a scope of persons: choose another name")
        if one.client_id and one.client_id not in clients:
            yield Fault(f"{key}.client_id", "is no client of this file")
