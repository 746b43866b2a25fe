"""RFC 7517 sections 4 and 5, RFC 7518 section 6, RFC 8037 section 2."""

import pytest
from joserfc.jwk import JWKRegistry

from idp.protocol.jwks_rfc7517 import to_jwks
from idp.protocol.signing_keys import ALGORITHMS, SigningKey
from tests.protocol.surroundings import signing_key

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
KIND = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}


def test_each_key_has_its_kid_its_use_and_its_one_algorithm_and_nothing_private() -> None:
    keys = to_jwks([signing_key(one) for one in ALGORITHMS])["keys"]
    assert [(key["kid"], key["use"], key["alg"], key["kty"]) for key in keys] == [
        (f"{one}-0", "sig", one, KIND[one]) for one in ALGORITHMS
    ]
    assert not any(PRIVATE & key.keys() for key in keys)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_which_the_public_half_is_left_is_published_as_before(algorithm: str) -> None:
    whole = signing_key(algorithm)
    half = SigningKey(whole.kid, algorithm, JWKRegistry.import_key(whole.key.as_dict(private=False)))
    assert to_jwks([half]) == to_jwks([whole])
