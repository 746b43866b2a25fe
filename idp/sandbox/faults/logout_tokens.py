"""Faults of the logout tokens that we send (OpenID Connect Back-Channel Logout 1.0 section 2.6)."""

from dataclasses import replace

from idp.protocol.back_channel_logout import EVENT
from idp.protocol.client import Client
from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Surroundings
from idp.sandbox.faults.forging import Claims, Forge, open_jwt, replace_claims, seconds_of, with_claims
from idp.sandbox.faults.id_tokens import HOUR
from idp.sandbox.faults.signed import Wrong, faults_of, wrong_anywhere

_TEXT = "OpenID Connect Back-Channel Logout 1.0 section 2.6, step {}"
_STEPS = {"iss": _TEXT.format(4), "aud": _TEXT.format(4), "signature": _TEXT.format(2)}


def is_told(client: Client) -> str:
    """Say why no logout token goes to a client."""
    return "" if client.backchannel_logout_uri else "it has no backchannel_logout_uri to send a logout token to"


def in_logout_token(forge: Forge) -> Change:
    """Change the token."""

    def change(answer: Answer, here: Surroundings) -> Answer | None:
        opened = open_jwt(answer.body.decode())
        forged = forge(opened, here) if opened else None
        return None if forged is None else replace(answer, body=forged.encode())

    return change


def _expired(claims: Claims, here: Surroundings) -> Claims:
    return {**claims, "iat": seconds_of(here, ago=2 * HOUR), "exp": seconds_of(here, ago=HOUR)}


def _about_nobody(claims: Claims, here: Surroundings) -> Claims:
    del here
    return {name: value for name, value in claims.items() if name not in {"sub", "sid"}}


def _foreign_session(claims: Claims, here: Surroundings) -> Claims:
    del here
    return {name: value for name, value in claims.items() if name != "sub"} | {"sid": "a-session-of-another-browser"}


def _twice(answer: Answer, here: Surroundings) -> Answer:
    del here
    return replace(answer, repeats=2)


_REFUSES = "refuses with 400, and ends no session"
_WRONGS = (
    *wrong_anywhere(_STEPS.__getitem__),
    Wrong(
        "expired", "ran out an hour ago.", f"{_REFUSES}: an old one may have been lying about.", _TEXT.format(4),
        with_claims(_expired),
    ),
    Wrong(
        "without-jti", "has no jti.", f"{_REFUSES}: without one, nobody notices that it comes again.",
        "OpenID Connect Back-Channel Logout 1.0 section 2.4", replace_claims(jti=None),
    ),
    Wrong(
        "with-nonce", "has a nonce, as an ID token has.", f"{_REFUSES}: it could be taken for an ID token.",
        _TEXT.format(7), replace_claims(nonce="a-nonce"),
    ),
    Wrong(
        "without-events", "has no events, as an ID token has none.", f"{_REFUSES}.", _TEXT.format(6),
        replace_claims(events=None),
    ),
    Wrong(
        "wrong-events", "tells of another event than a logout.", f"{_REFUSES}.", _TEXT.format(6),
        replace_claims(events={EVENT.replace("backchannel-logout", "something-else"): {}}),
    ),
    Wrong(
        "about-nobody", "names neither a person nor a session: no sub, no sid.", f"{_REFUSES}, least of all everybody's.",
        _TEXT.format(5), with_claims(_about_nobody),
    ),
    Wrong(
        "foreign-sid", "names a session that the client does not know, and no person.",
        "ends no session, whether it answers 200 (there is nothing left to end) or 400.",
        "OpenID Connect Back-Channel Logout 1.0 sections 2.6, step 11, and 2.7", with_claims(_foreign_session),
    ),
)  # fmt: skip

FAULTS = (
    *faults_of("logout-token", Endpoint.LOGOUT_TOKEN, _WRONGS, in_logout_token, is_told),
    Fault(
        "logout-token-twice",
        (Endpoint.LOGOUT_TOKEN,),
        "The same logout token, with the same jti, is sent twice.",
        "ends the session with the first one, and may refuse the second with 400.",
        _TEXT.format(8),
        _twice,
        is_told,
    ),
)
