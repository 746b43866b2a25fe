"""Faults of the token endpoint's answer: the ID token, above all."""

import json
from dataclasses import replace

from idp.protocol.client import Client
from idp.sandbox.faults.entry import Answer, Change, Endpoint, Fault, Surroundings
from idp.sandbox.faults.forging import Claims, Forge, open_jwt, replace_claims, seconds_of, with_claims
from idp.sandbox.faults.signed import FOREIGN_CLIENT, Wrong, faults_of, wrong_anywhere

_CORE = "OpenID Connect Core 1.0 section 3.1.3.7, step {}"
_STEPS = {"iss": _CORE.format(2), "aud": _CORE.format(3), "signature": _CORE.format(6)}
HOUR = 3600


def is_readable(client: Client) -> str:
    """Say why an ID token cannot be changed."""
    if client.id_token_encrypted_response_alg:
        return "its ID tokens are encrypted for its own key: nobody here can open one to change it"
    return ""


def in_id_token(forge: Forge) -> Change:
    """Change the ID token of a token response."""

    def change(answer: Answer, here: Surroundings) -> Answer | None:
        told = read_json(answer)
        opened = open_jwt(told["id_token"]) if told and isinstance(told.get("id_token"), str) else None
        forged = forge(opened, here) if opened else None
        return None if told is None or forged is None else write_json(answer, {**told, "id_token": forged})

    return change


def read_json(answer: Answer) -> Claims | None:
    """Return the object of a successful answer; None where there is none."""
    if not 200 <= answer.status < 300 or not answer.content_type.startswith("application/json"):
        return None
    told = json.loads(answer.body)
    return told if isinstance(told, dict) else None


def write_json(answer: Answer, told: Claims) -> Answer:
    """Return the answer with another object."""
    return replace(answer, body=json.dumps(told).encode())


def _two_audiences(claims: Claims, here: Surroundings) -> Claims:
    del here
    return {**claims, "aud": [claims["aud"], FOREIGN_CLIENT], "azp": FOREIGN_CLIENT}


def _expired(claims: Claims, here: Surroundings) -> Claims:
    return {**claims, "iat": seconds_of(here, ago=2 * HOUR), "exp": seconds_of(here, ago=HOUR)}


def _not_yet_valid(claims: Claims, here: Surroundings) -> Claims:
    begins = seconds_of(here, ago=-HOUR)
    return {**claims, "iat": begins, "nbf": begins, "exp": begins + HOUR}


def _wrong_nonce(claims: Claims, here: Surroundings) -> Claims | None:
    del here
    return {**claims, "nonce": "a-nonce-of-another-sign-in"} if "nonce" in claims else None


def _without_id_token(answer: Answer, here: Surroundings) -> Answer | None:
    del here
    told = read_json(answer)
    if told is None or "id_token" not in told:
        return None
    return write_json(answer, {name: value for name, value in told.items() if name != "id_token"})


_WRONGS = (
    *wrong_anywhere(_STEPS.__getitem__),
    Wrong(
        "wrong-azp",
        f"is for this client and another one, and names the other one as azp ({FOREIGN_CLIENT}).",
        "refuses an azp that is not its own client_id, and audiences that it does not trust.",
        "OpenID Connect Core 1.0 section 3.1.3.7, steps 3 to 5",
        with_claims(_two_audiences),
    ),
    Wrong(
        "wrong-nonce",
        "has the nonce of another sign-in.",
        "compares nonce with the one that it sent from this browser, and refuses.",
        _CORE.format(11),
        with_claims(_wrong_nonce),
    ),
    Wrong(
        "without-nonce",
        "has no nonce, although one was sent.",
        "refuses: the ID token may have been made for another sign-in.",
        _CORE.format(11),
        replace_claims(nonce=None),
    ),
    Wrong(
        "wrong-at-hash",
        "has the at_hash of another access token.",
        "hashes the access token that came with it, and refuses.",
        "OpenID Connect Core 1.0 section 3.1.3.8",
        replace_claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    ),
    Wrong(
        "expired",
        "ran out an hour ago.",
        "compares exp with its clock, with a minute or two for clocks that differ, and refuses.",
        _CORE.format(9),
        with_claims(_expired),
    ),
    Wrong(
        "not-yet-valid",
        "was made an hour from now, and is not good before (iat, nbf).",
        "refuses what is not good yet.",
        "RFC 7519 section 4.1.5; OpenID Connect Core 1.0 section 3.1.3.7, step 10",
        with_claims(_not_yet_valid),
    ),
    Wrong(
        "without-exp",
        "has no exp.",
        "refuses: exp is required.",
        "OpenID Connect Core 1.0 section 2",
        replace_claims(exp=None),
    ),
    Wrong(
        "without-sub",
        "names nobody: there is no sub.",
        "refuses: sub is required, and no other claim says who somebody is.",
        "OpenID Connect Core 1.0 section 2",
        replace_claims(sub=None),
    ),
)

FAULTS = (
    *faults_of("id-token", Endpoint.TOKEN, _WRONGS, in_id_token, is_readable),
    Fault(
        "token-without-id-token",
        (Endpoint.TOKEN,),
        "The token response has an access token and no ID token.",
        "refuses: without an ID token nobody has signed in.",
        "OpenID Connect Core 1.0 section 3.1.3.3",
        _without_id_token,
    ),
)
