"""A client that is not in the file is held to the rules of those that are."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from idp.protocol.client_metadata import WITHOUT_SECRET
from idp.settings.client_rules import client_faults
from idp.settings.clients import ClientSettings
from idp.settings.hosts import is_loopback
from idp.settings.load import faults_in

_KEY = "clients[0]."
_STANDS_FOR_ITS_SECRET = SecretStr(
    "x" * 64
)  # it is made once nothing is found wrong; 256 bits are long enough for any rule


def settings_of(client_id: str, metadata: Mapping[str, Any], client_secret: SecretStr | None = None) -> ClientSettings:
    """Return the client as if it stood in the file. What is not said in the file is left out: contacts, a logo.

    Args:
        client_id: its name.
        metadata: what it registered, by the names of RFC 7591 section 2.
        client_secret: what proves who it is, where that is wanted.

    Raises:
        pydantic.ValidationError: a value is out of bounds.
    """
    given = {name: value for name, value in metadata.items() if name in ClientSettings.model_fields}
    given["scope"] = tuple(str(metadata["scope"]).split())
    # A library that does not know PKCE has no member to say so. It sends a nonce instead (RFC 9700 section 2.1.1). An operator says it.
    method = metadata["token_endpoint_auth_method"]
    usual = "required" if method == "none" else "if_sent"
    return ClientSettings(client_id=client_id, client_secret=client_secret, **{"pkce": usual, **given})


def metadata_faults(metadata: Mapping[str, Any], test_hosts: tuple[str, ...] | None) -> list[tuple[str, str]]:
    """Return the member and the problem of each thing that is wrong with what a client says of itself, without any value.

    Args:
        metadata: by the names of RFC 7591 section 2.
        test_hosts: hosts that the operator listed as test hosts; None when this is not a test instance.
    """
    has_secret = metadata["token_endpoint_auth_method"] not in WITHOUT_SECRET
    try:
        client = settings_of("x", metadata, _STANDS_FOR_ITS_SECRET if has_secret else None)
    except ValidationError as error:
        return [(fault.key, fault.problem) for fault in faults_in(error)]
    found = [(fault.key.removeprefix(_KEY), fault.problem) for fault in client_faults(0, client, test_hosts)]
    return [_in_its_words(name, problem) for name, problem in found] or _address_inside_faults(client, test_hosts)


def _address_inside_faults(client: ClientSettings, test_hosts: tuple[str, ...] | None) -> list[tuple[str, str]]:
    """The addresses of a client that we call ourselves: in a text that may be a stranger's, none may lead to what runs beside us.

    What a name leads to is asked at each call (`adapters.address_guard`); here the client is told what is plain to see.
    """
    called = (("backchannel_logout_uri", client.backchannel_logout_uri), *client.fetched_uris)
    inside = [name for name, uri in called if is_loopback(urlsplit(uri).hostname or "")]
    return [(name, "must not be this machine") for name in inside] if test_hosts is None else []


def _in_its_words(name: str, problem: str) -> tuple[str, str]:
    if name == "sector_identifier":
        return (
            "redirect_uris",
            "must have one and the same host, which sub is derived for unless subject_type is public or there is a sector_identifier_uri",
        )
    return name, problem
