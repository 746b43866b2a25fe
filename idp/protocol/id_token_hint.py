"""`id_token_hint`: an ID token that we issued, shown to us again.

OpenID Connect Core 1.0 section 3.1.2.1, OpenID Connect RP-Initiated Logout 1.0 section 2.
"""

from collections.abc import Mapping, Sequence

from joserfc.errors import JoseError

from idp.protocol.authorization_request import Draft, Problem
from idp.protocol.signing_keys import SigningKey, verify_jwt


class HintRefusedError(Exception):
    """It is no ID token of ours."""


def read_hint(hint: str, issuer: str, keys: Sequence[SigningKey]) -> Mapping[str, object]:
    """Return the claims of an ID token that we signed. It may have expired: the person may have been away for hours.

    Args:
        hint: As sent.
        issuer: Ours.
        keys: Every key whose signatures may still be alive.

    Raises:
        HintRefusedError: It is none.
    """
    try:
        token = verify_jwt(hint, keys)
    except (JoseError, ValueError):
        raise HintRefusedError from None
    # ID tokens alone carry no `typ` of their own, and end: another kind of token that we signed is no hint.
    if token.header.get("typ", "JWT") != "JWT" or "exp" not in token.claims or token.claims.get("iss") != issuer:
        raise HintRefusedError
    return token.claims


def check_id_token_hint(draft: Draft) -> Problem:
    """Let the person be the one of the hint alone (OpenID Connect Core 1.0 section 3.1.2.1)."""
    hint = draft.one("id_token_hint")
    if not hint:
        return None
    try:
        claims = read_hint(hint, draft.rules.issuer, draft.rules.load_keys())
    except HintRefusedError:
        return "invalid_request", "id_token_hint must be an ID token of this issuer."
    subject = claims.get("sub")
    # A subject is a person's name for one client.
    if claims.get("aud") != draft.known_client().client_id or not isinstance(subject, str):
        return "invalid_request", "id_token_hint must be an ID token that was issued to this client."
    draft.narrow_subjects((subject,))
    return None
