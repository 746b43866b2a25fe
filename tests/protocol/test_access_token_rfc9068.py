"""RFC 9068 sections 2 and 3."""

from dataclasses import replace
from typing import Any

from joserfc import jwt

from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from tests.protocol.surroundings import ENT, ISSUER, NOW, SECRET, Surroundings, signing_key
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_refresh_token_rfc6749 import RIGHT as RIGHT_REFRESH
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT
from tests.support.relying_party import unverified_claims

READS_ALONE = replace(
    ENT,
    access_token_format="jwt",
    id_token_signed_response_alg="ES256",
    grant_types=("authorization_code", "refresh_token"),
)


def ask(here: Surroundings, params: dict[str, str]) -> dict[str, Any]:
    body = answer_token_request(basic("ent", SECRET), list(params.items()), here).body
    assert body is not None
    return dict(body)


def test_the_token_says_what_the_text_wants_and_nothing_of_the_person_but_sub() -> None:
    body = ask(Surroundings(clients={"ent": READS_ALONE}), RIGHT)
    key = signing_key("ES256")
    token = jwt.decode(body["access_token"], key.key, algorithms=["ES256"])
    assert token.header == {"typ": "at+jwt", "alg": "ES256", "kid": key.kid}
    now = int(NOW.timestamp())
    assert token.claims == {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "a subject",
        "client_id": "ent",
        "scope": "openid profile",
        "iat": now,
        "exp": now + 600,
        "jti": "an access token",
        "auth_time": now - 181,
        "acr": "responsable",
        "amr": ["pwd"],
    }
    assert unverified_claims(body["id_token"])["at_hash"]


def test_a_refreshed_token_tells_the_sign_in_of_long_ago() -> None:
    here = Surroundings(clients={"ent": READS_ALONE})
    claims = unverified_claims(ask(here, RIGHT_REFRESH)["access_token"])
    assert claims["auth_time"] == int(here.refresh_token.auth_time.timestamp())
    assert claims["scope"] == "openid profile offline_access"


def test_other_clients_get_a_token_that_tells_nothing() -> None:
    assert ask(Surroundings(), RIGHT)["access_token"] == "an access token"
