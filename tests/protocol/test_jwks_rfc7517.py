"""RFC 7517 sections 4 and 5, RFC 7518 section 6."""

from idp.protocol.jwks_rfc7517 import to_jwks
from tests.protocol.surroundings import signing_key

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_each_key_has_its_kid_its_use_and_its_one_algorithm_and_nothing_private() -> None:
    keys = to_jwks([signing_key("RS256"), signing_key("ES256")])["keys"]
    assert [(key["kid"], key["use"], key["alg"]) for key in keys] == [
        ("RS256-0", "sig", "RS256"),
        ("ES256-0", "sig", "ES256"),
    ]
    assert not any(PRIVATE & key.keys() for key in keys)
