"""OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 10.1, RFC 7515 section 4.1.4."""

import base64
import hashlib
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.protocol.jwks_rfc7517 import to_jwks
from tests.protocol.surroundings import ENT, ISSUER, NOW, Surroundings, signing_key
from tests.protocol.test_token_endpoint_rfc6749 import ask


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_it_holds_the_claims_of_the_text_and_no_other_and_verifies_with_the_published_keys(algorithm: str) -> None:
    here = Surroundings(clients={"ent": replace(ENT, id_token_signed_response_alg=algorithm)})
    answer = ask(here).body
    published = KeySet.import_key_set(to_jwks([signing_key("RS256"), signing_key("ES256")]))
    token = jwt.decode(answer["id_token"], published, algorithms=[algorithm])
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert token.header == {"alg": algorithm, "kid": f"{algorithm}-0", "typ": "JWT"}
    assert token.claims == {
        "iss": ISSUER,
        "sub": "a subject",
        "aud": "ent",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "auth_time": int(NOW.timestamp()) - 181,
        "nonce": "a nonce",
        "acr": "responsable",
        "amr": ["pwd"],
        "sid": "a session",
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }


def test_without_a_nonce_there_is_none() -> None:
    here = Surroundings()
    here.code = replace(here.code, nonce=None)
    claims = jwt.decode(ask(here).body["id_token"], signing_key("RS256").key).claims
    assert "nonce" not in claims


def test_claims_of_the_person_come_in_where_the_surroundings_give_them() -> None:
    here = Surroundings(person={"sub": "a subject", "sid": "s", "given_name": "Joe"})
    assert jwt.decode(ask(here).body["id_token"], signing_key("RS256").key).claims["given_name"] == "Joe"
