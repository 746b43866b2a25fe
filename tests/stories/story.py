"""One story: a parent activates her account and signs in at an ENT, which checks all of its ID token."""

import secrets
from typing import Any

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.testing.preau import Account, Preau
from tests.support.relying_party import RelyingParty, answer_in

FAMILIES = (
    "never-activated",
    "hyphenated-name",
    "one-letter-name",
    "twins",
    "step-parent",
    "tutor",
    "born-on-29-february",
)
REDIRECT_URI = "http://localhost:3000/retour"


def tell(preau: Preau, family: str) -> None:
    """Walk through the whole story.

    Raises:
        AssertionError: A page, an answer or a token is not as it has to be.
    """
    account = preau.activate(family)
    claims = sign_in(preau, account)
    assert claims["sub"]


def sign_in(preau: Preau, account: Account) -> dict[str, Any]:
    """Sign in with a browser of one's own and return the ID token's claims (OpenID Connect Core section 3.1.3.7)."""
    ent = RelyingParty(preau.base, "our-ent", "a-secret-of-16-characters", REDIRECT_URI)
    with ent.http:
        state, nonce = secrets.token_urlsafe(), secrets.token_urlsafe()
        answer = answer_in(preau.sign_in(ent.authorization_uri(state=state, nonce=nonce), account))
        assert (answer["state"], answer["iss"]) == (state, preau.issuer)
        told = ent.exchange(answer["code"])
        assert told.status_code == 200, told.text
        token = jwt.decode(told.json()["id_token"], _load_keys(ent.http, preau.discovery_url), algorithms=["RS256"])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": preau.issuer},
        aud={"essential": True, "value": ent.client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(token.claims)
    return token.claims


def _load_keys(http: requests.Session, discovery_url: str) -> KeySet:
    jwks_uri = http.get(discovery_url, timeout=20).json()["jwks_uri"]
    return KeySet.import_key_set(http.get(jwks_uri, timeout=20).json())
