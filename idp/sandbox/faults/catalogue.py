"""Every fault, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.sandbox.faults import documents, id_tokens, logout_tokens, redirects, school_claims, transport, userinfo
from idp.sandbox.faults.entry import Fault

CATALOGUE: Mapping[str, Fault] = MappingProxyType(
    {
        fault.name: fault
        for room in (redirects, id_tokens, userinfo, school_claims, transport, documents, logout_tokens)
        for fault in room.FAULTS
    }
)
"""In the order of a sign-in: the way back, the token response, userinfo, any answer, what is published, sign-out."""
