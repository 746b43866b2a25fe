"""Addresses that a browser loads to sign out of relying parties (OpenID Connect Front-Channel Logout 1.0)."""

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

from idp.protocol.client import Client
from idp.protocol.origin_rfc6454 import origin_of


def front_channel_address(client: Client, *, issuer: str, session_id: str) -> str:
    """Return what the frame of a client loads (section 2): its registered address, with `iss` and `sid` where it requires them.

    The query that the address has is kept.

    Args:
        client: With a `frontchannel_logout_uri`.
        issuer: Ours.
        session_id: The `sid` of the client's ID tokens.
    """
    if not client.frontchannel_logout_session_required:
        return client.frontchannel_logout_uri
    joint = "&" if urlsplit(client.frontchannel_logout_uri).query else "?"
    return f"{client.frontchannel_logout_uri}{joint}{urlencode({'iss': issuer, 'sid': session_id})}"


def is_where_codes_go(uri: str, redirect_uris: Iterable[str]) -> bool:
    """Tell whether scheme, host and port of `uri` are those of a redirect URI (section 2): no other place's cookies are ended there."""
    return origin_of(uri) in {origin_of(one) for one in redirect_uris}
