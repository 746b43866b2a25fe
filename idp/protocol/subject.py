"""Subject identifiers (OpenID Connect Core 1.0 section 8)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from idp.protocol.client import Client

SUBJECT_TYPES = ("pairwise", "public")
"""What a client may choose itself (OpenID Connect Dynamic Client Registration 1.0 section 2); the first where it says nothing."""


def sector_of(client: Client) -> str:
    """Return the host that a client's pairwise subjects are derived for (OpenID Connect Core 1.0 section 8.1)."""
    host = urlsplit(client.redirect_uris[0]).hostname if client.redirect_uris else None
    return client.sector_identifier or host or client.client_id


def subject_of(client: Client, *, seed: str, aaf_key: str | None, keyed_hash: Callable[[str, str], str]) -> str:
    """Return the `sub` of an account for a client.

    Args:
        client: The client that is told.
        seed: The account's own random value, told to nobody.
        aaf_key: The key of the account's first guardian record, for clients with ``subject_type = "aaf"``; without one the subject is
            pairwise.
        keyed_hash: Takes a purpose and a value.
    """
    if client.subject_type == "aaf" and aaf_key:
        return aaf_key
    if client.subject_type == "public":
        return keyed_hash("public-subject", seed)
    return keyed_hash("pairwise-subject", f"{sector_of(client)}\n{seed}")
