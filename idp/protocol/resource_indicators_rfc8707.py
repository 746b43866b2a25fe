"""Resource indicators (RFC 8707): a client says for which server it wants a token, and the token is good there alone.

A grant may be for several servers, a token is for one (section 2.2 leaves that to us): what one server is shown, it cannot show to another.
"""

from collections.abc import Sequence

from idp.protocol.authorization_request import Draft, Problem
from idp.protocol.client import Client
from idp.protocol.client_endpoint import RequestRefusedError
from idp.protocol.resource import Resource, Resources, find_identifier_fault

_NOT_THIS_CLIENTS = "resource is none that this client may ask for."


def check_resource(draft: Draft) -> Problem:
    """Section 2.1: each is one that this client may ask for. What of the scope is meant for servers that it did not name is dropped."""
    client, resources = draft.known_client(), draft.rules.resources
    asked = _each_once(draft.params.get("resource", ()))
    targets = []
    for identifier in asked:
        if fault := find_identifier_fault(identifier):
            return "invalid_target", f"resource {fault}."
        if identifier == resources.issuer:
            continue
        target = resources.load_for(client, identifier)
        if target is None:
            return "invalid_target", _NOT_THIS_CLIENTS
        targets.append(target)
    draft.found |= {"resources": asked, "scope": resources.narrow_to_all(draft.found["scope"], targets)}
    return None


def choose_granted(
    asked: Sequence[str], granted: Sequence[str], client: Client, resources: Resources
) -> Resource | None:
    """Return the server that a token of a code or a refresh token is for (section 2.2); None for our own userinfo.

    Userinfo is always granted: `openid`, which every grant holds, is what opens it.

    Args:
        asked: Values of `resource` in the token request.
        granted: Those of the authorization request.
        client: Who asks; what it may not ask for any more, it gets no more.
        resources: Those that there are.

    Raises:
        RequestRefusedError: `invalid_target`.
    """
    identifier = _read_one(asked)
    if identifier is None:
        granted = granted or (resources.issuer,)
        if len(granted) > 1:
            raise _refuse("Several resources were granted, and a token is for one: name it as resource.")
        identifier = granted[0]
    elif identifier != resources.issuer and identifier not in granted:
        raise _refuse("resource is none that was granted.")
    if identifier == resources.issuer:
        return None
    return _load(identifier, client, resources)


def choose_of_client(asked: Sequence[str], client: Client, resources: Resources) -> Resource:
    """Return the server that a token for the client itself is for: the one that it names, or the only one that it may ask for.

    Args:
        asked: Values of `resource` in the token request.
        client: Who asks.
        resources: Those that there are.

    Raises:
        RequestRefusedError: `invalid_target`.
    """
    identifier = _read_one(asked)
    if identifier is None:
        if len(client.resources) != 1:
            raise _refuse("resource is missing: this client must name the one that the token is for.")
        identifier = client.resources[0]
    return _load(identifier, client, resources)


def _load(identifier: str, client: Client, resources: Resources) -> Resource:
    target = resources.load_for(client, identifier)
    if target is None:
        raise _refuse(_NOT_THIS_CLIENTS)
    return target


def _read_one(asked: Sequence[str]) -> str | None:
    """Return the resource that a token request names, None where it names none."""
    named = _each_once(asked)
    if len(named) > 1:
        raise _refuse("A token is for one resource: ask for one at a time.")
    if named and (fault := find_identifier_fault(named[0])):
        raise _refuse(f"resource {fault}.")
    return named[0] if named else None


def _each_once(values: Sequence[str]) -> tuple[str, ...]:
    """Return values without repetitions; an empty one is one that was not sent (RFC 6749 section 3.1)."""
    return tuple(dict.fromkeys(one for one in values if one))


def _refuse(description: str) -> RequestRefusedError:
    return RequestRefusedError("invalid_target", description)
