"""The logout request of a relying party (OpenID Connect RP-Initiated Logout 1.0 section 2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from idp.protocol.authorization_request import ShownError
from idp.protocol.client import Client
from idp.protocol.id_token_hint import HintRefusedError, read_hint
from idp.protocol.signing_keys import SigningKey

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A request that passed every check."""

    client: Client | None = None
    post_logout_redirect_uri: str = ""
    state: str | None = None
    hinted_sid: str | None = None  # session of a valid id_token_hint

    @property
    def return_uri(self) -> str:
        """Where the browser goes afterwards (section 3); "" when the request names no place."""
        if not self.post_logout_redirect_uri or self.state is None:
            return self.post_logout_redirect_uri
        joint = "&" if urlsplit(self.post_logout_redirect_uri).query else "?"
        return f"{self.post_logout_redirect_uri}{joint}{urlencode({'state': self.state})}"


def check_logout_request(
    params: Sequence[tuple[str, str]],
    *,
    issuer: str,
    keys: Sequence[SigningKey],
    load_client: Callable[[str], Client | None],
) -> LogoutRequest:
    """Return the request, checked: first the hint, then the client, then where to go afterwards.

    Args:
        params: Names and values as sent; of repeated ones the first counts.
        issuer: Ours.
        keys: Every key whose signatures may still be alive.
        load_client: Returns a registered client, or None.

    Raises:
        ShownError: The hint is not an ID token of ours, or the place to go is not registered.
    """
    sent = {name: value for name, value in reversed(params) if value}
    hint, client_id = sent.get("id_token_hint"), sent.get("client_id")
    sid = None
    if hint:
        try:
            claims = read_hint(hint, issuer, keys)
        except HintRefusedError:
            raise _refuse("id-token-hint-invalid", sent, None) from None
        audience, sid = claims.get("aud"), claims.get("sid")
        if not isinstance(audience, str) or (client_id and client_id != audience):
            raise _refuse("id-token-hint-invalid", sent, None)
        client_id = audience
    client = load_client(client_id) if client_id else None
    if hint and client is None:
        raise _refuse("id-token-hint-invalid", sent, None)
    uri = sent.get("post_logout_redirect_uri", "")
    if uri and (client is None or uri not in client.post_logout_redirect_uris):
        raise _refuse("post-logout-redirect-uri-unregistered", sent, client)
    return LogoutRequest(client, uri, sent.get("state"), sid if isinstance(sid, str) else None)


def _refuse(key: str, sent: dict[str, str], client: Client | None) -> ShownError:
    # The hint itself holds claims about a person: it is not shown again.
    shown = {name: "…" if name == "id_token_hint" else value for name, value in sent.items()}
    known = {"post_logout_redirect_uri": "\n".join(client.post_logout_redirect_uris)} if client else {}
    return ShownError(key, sent=shown, registered=known)
