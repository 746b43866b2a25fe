"""OpenID Connect Core 1.0 section 5.3.2."""

import pytest
from joserfc import jwt

from idp.protocol.userinfo import sign_userinfo
from tests.protocol.surroundings import ENT, ISSUER, signing_key


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_signed_response_names_issuer_and_client_and_holds_the_claims(algorithm: str) -> None:
    key = signing_key(algorithm)
    token = jwt.decode(
        sign_userinfo({"sub": "a subject", "given_name": "Joe"}, issuer=ISSUER, client=ENT, key=key),
        key.key,
        algorithms=[algorithm],
    )
    assert token.claims == {"sub": "a subject", "given_name": "Joe", "iss": ISSUER, "aud": "ent"}
    assert (token.header["alg"], token.header["kid"]) == (algorithm, key.kid)


def test_no_claim_stands_in_the_place_of_issuer_or_client() -> None:
    key = signing_key("ES256")
    forged = sign_userinfo({"sub": "s", "iss": "other", "aud": "other"}, issuer=ISSUER, client=ENT, key=key)
    claims = jwt.decode(forged, key.key, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"]) == (ISSUER, "ent")
