"""What may not stand inside a relying party's table, though each value is right in itself."""

from collections.abc import Collection
from urllib.parse import urlsplit

from idp.protocol.client_keys import import_key_set, import_public_key
from idp.protocol.encryption_rfc7516 import find_encryption_key
from idp.protocol.front_channel_logout import is_where_codes_go
from idp.settings.clients import ClientSettings
from idp.settings.faults import Fault
from idp.settings.hosts import is_loopback, is_test_host, split_web_address

OFFLINE_ACCESS = "offline_access"  # OpenID Connect Core 1.0 section 11
_SHORTEST_SECRET = 16  # characters; a secret is chosen by a machine, never by a person


def client_faults(position: int, client: ClientSettings, test_hosts: tuple[str, ...] | None) -> list[Fault]:
    """Return what is wrong inside one client.

    Args:
        position: of the client in the file, from 0.
        client: the client.
        test_hosts: hosts that the operator listed as test hosts; None when this is not a test instance.
    """
    key = f"clients[{position}]"
    found = [
        *(_secret_faults(key, client) or _key_faults(key, client) or _encryption_faults(key, client)),
        *_uri_faults(key, client, test_hosts),
        *_logout_faults(key, client),
    ]
    found += _grant_faults(key, client)
    if OFFLINE_ACCESS in client.scope and "refresh_token" not in client.grant_types:
        found.append(Fault(f"{key}.grant_types", f"must hold refresh_token, because scope holds {OFFLINE_ACCESS}"))
    if client.pkce != "required" and client.is_public:
        found.append(
            Fault(
                f"{key}.pkce",
                f"may be {client.pkce} for a confidential client only (token_endpoint_auth_method is none)",
            )
        )
    if client.pkce == "unsafe_optional" and test_hosts is None:
        found.append(Fault(f"{key}.pkce", "may be unsafe_optional on a test instance only (test_instance = true)"))
    return found


def _grant_faults(key: str, client: ClientSettings) -> list[Fault]:
    found = []
    if "authorization_code" in client.grant_types:
        if "openid" not in client.scope:
            found.append(Fault(f"{key}.scope", "must hold openid"))
        if not client.redirect_uris:
            problem = "must hold something" if "redirect_uris" in client.model_fields_set else "is missing"
            found.append(Fault(f"{key}.redirect_uris", problem))
    else:
        if "refresh_token" in client.grant_types:
            found.append(Fault(f"{key}.grant_types", "must hold authorization_code, which brings refresh tokens"))
        if client.redirect_uris:
            found.append(Fault(f"{key}.redirect_uris", "must be absent: grant_types does not hold authorization_code"))
    if "client_credentials" in client.grant_types:
        if client.is_public:
            problem = "may hold client_credentials for a confidential client only (token_endpoint_auth_method is none)"
            found.append(Fault(f"{key}.grant_types", problem))
        if not client.resources:
            found.append(Fault(f"{key}.resources", "must hold something, because grant_types holds client_credentials"))
    return found


def unknown_resource_faults(position: int, client: ClientSettings, resources: Collection[str]) -> list[Fault]:
    """Return a fault for each resource of a client that nobody registered.

    Args:
        position: of the client in the file, from 0.
        client: the client.
        resources: identifiers of those that there are.
    """
    return [
        Fault(f"clients[{position}].resources[{place}]", "is the identifier of none of [[resources]]")
        for place, identifier in enumerate(client.resources)
        if identifier not in resources
    ]


def duplicate_faults(clients: tuple[ClientSettings, ...]) -> list[Fault]:
    """Return a fault for each client whose client_id an earlier one has."""
    ids = [client.client_id for client in clients]
    return [
        Fault(f"clients[{position}].client_id", "is the same as an earlier client's")
        for position, client_id in enumerate(ids)
        if client_id in ids[:position]
    ]


def _secret_faults(key: str, client: ClientSettings) -> list[Fault]:
    if client.token_endpoint_auth_method == "private_key_jwt":  # noqa: S105  the name of a method
        return (
            [Fault(f"{key}.client_secret", "must be absent: token_endpoint_auth_method is private_key_jwt")]
            if client.client_secret
            else []
        )
    if client.is_public:
        return (
            [Fault(f"{key}.client_secret", "must be absent: token_endpoint_auth_method is none")]
            if client.client_secret
            else []
        )
    if client.client_secret is None:
        return [Fault(f"{key}.client_secret", 'is missing: give one, or set token_endpoint_auth_method = "none"')]
    if len(client.client_secret.get_secret_value()) < _SHORTEST_SECRET:
        return [Fault(f"{key}.client_secret", f"must have at least {_SHORTEST_SECRET} characters")]
    return []


def _key_faults(key: str, client: ClientSettings) -> list[Fault]:
    members = client.jwks.get("keys", [])
    if client.jwks_uri:
        # RFC 7591 section 2: never both.
        return [Fault(f"{key}.jwks", "must be absent: jwks_uri says where the keys are")] if client.jwks else []
    if not client.jwks and not client.must_sign:
        return []
    if set(client.jwks) != {"keys"} or not members:
        return [Fault(f"{key}.jwks", "must be a JWK set with its public keys: { keys = [...] }")]
    found = []
    for position, member in enumerate(members):
        try:
            import_public_key(member)
        except ValueError as error:
            found.append(Fault(f"{key}.jwks.keys[{position}]", str(error)))
    if client.must_sign and all(member.get("use") == "enc" for member in members):
        found.append(Fault(f"{key}.jwks", "must hold a key that signs: all of these are for encryption"))
    names = [member.get("kid") for member in members]
    if len(members) > 1 and (None in names or len(set(names)) < len(names)):
        found.append(Fault(f"{key}.jwks", "must name each key by a kid of its own, because there are several"))
    return found


def _encryption_faults(key: str, client: ClientSettings) -> list[Fault]:
    if client.jwks_uri:  # which keys there are is seen when one is needed
        return []
    found = []
    keys = import_key_set(client.jwks.get("keys", ())).encryption
    for name in ("id_token_encrypted_response_alg", "userinfo_encrypted_response_alg"):
        asked = getattr(client, name)
        if asked and find_encryption_key(keys, asked) is None:
            kind = "an RSA key" if asked.startswith("RSA") else "an EC key"
            found.append(Fault(f"{key}.{name}", f'needs {kind} in jwks with "use": "enc"'))
    return found


def _uri_faults(key: str, client: ClientSettings, test_hosts: tuple[str, ...] | None) -> list[Fault]:
    listed = [
        (f"{key}.{name}[{position}]", uri)
        for name, uris in (
            ("redirect_uris", client.redirect_uris),
            ("post_logout_redirect_uris", client.post_logout_redirect_uris),
        )
        for position, uri in enumerate(uris)
    ]
    listed += [
        (f"{key}.{name}", uri)
        for name in (
            "home_uri",
            "logo_uri",
            "policy_uri",
            "tos_uri",
            "backchannel_logout_uri",
            "frontchannel_logout_uri",
        )
        if (uri := getattr(client, name))
    ]
    found = [Fault(name, problem) for name, uri in listed if (problem := uri_problem(uri, test_hosts))]
    found += [
        Fault(f"{key}.{name}", problem)
        for name, uri in client.fetched_uris
        if (problem := uri_problem(uri, test_hosts, plain_to_loopback=False))
    ]
    if client.sector_identifier and client.sector_identifier_uri:
        found.append(Fault(f"{key}.sector_identifier", "must be absent: sector_identifier_uri says the sector"))
    for name in ("redirect_uris", "post_logout_redirect_uris", "request_uris"):
        uris: tuple[str, ...] = getattr(client, name)
        if len(set(uris)) < len(uris):
            found.append(Fault(f"{key}.{name}", "holds the same address twice"))
    in_frame = client.frontchannel_logout_uri
    if not found and in_frame and not is_where_codes_go(in_frame, client.redirect_uris):
        found.append(
            Fault(f"{key}.frontchannel_logout_uri", "must have the scheme, host and port of one of redirect_uris")
        )
    # OpenID Connect Core 1.0 section 8.1: several hosts and no sector would give one person several subjects.
    hosts = set() if found else {urlsplit(uri).hostname for uri in client.redirect_uris}
    if client.subject_type == "pairwise" and not client.sector and len(hosts) > 1:
        found.append(
            Fault(
                f"{key}.sector_identifier",
                "is missing: the redirect URIs have several hosts, and sub is derived for one",
            )
        )
    return found


def _logout_faults(key: str, client: ClientSettings) -> list[Fault]:
    return [
        Fault(f"{key}.{channel}_logout_session_required", f"is for a client with {channel}_logout_uri only")
        for channel in ("backchannel", "frontchannel")
        if getattr(client, f"{channel}_logout_session_required") and not getattr(client, f"{channel}_logout_uri")
    ]


def uri_problem(uri: str, test_hosts: tuple[str, ...] | None, *, plain_to_loopback: bool = True) -> str:
    """Return what keeps a client from registering this address, or "".

    Args:
        uri: the address.
        test_hosts: hosts that the operator listed as test hosts; None when this is not a test instance.
        plain_to_loopback: whether plain http to this machine will do on every instance: a browser's machine is not ours.
    """
    try:
        parts = split_web_address(uri)
    except ValueError as error:
        return str(error)
    host = parts.hostname or ""
    plain_allowed = plain_to_loopback and is_loopback(host) if test_hosts is None else is_test_host(host, test_hosts)
    if parts.scheme == "http" and not plain_allowed:
        where = (
            "this machine and, on a test instance, for test hosts"
            if plain_to_loopback
            else "test hosts, on a test instance"
        )
        return f"must start with https:// (plain http is for {where})"
    return ""
