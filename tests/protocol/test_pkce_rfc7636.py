"""RFC 7636 (proof key for code exchange) from challenge to verifier, as RFC 9700 section 2.1.1 narrows it: S256 alone."""

from dataclasses import replace

import pytest

from tests.protocol.surroundings import TABLET, Surroundings
from tests.protocol.test_authorization_request_rfc6749 import check, refused
from tests.protocol.test_token_endpoint_rfc6749 import ask, assert_refused
from tests.support.relying_party import challenge

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def issued(code_challenge: str | None) -> Surroundings:
    """Return surroundings whose code was asked for with this challenge."""
    here = Surroundings()
    here.code = replace(here.code, code_challenge=code_challenge)
    return here


def test_the_verifier_of_appendix_b_redeems_the_code_of_its_challenge() -> None:
    asked = check(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert asked.code_challenge == CHALLENGE
    assert ask(issued(asked.code_challenge), code_verifier=VERIFIER).status == 200


def test_section_4_1_a_verifier_has_43_to_128_unreserved_characters() -> None:
    for verifier in ("a" * 43, "Z9-._~" * 21 + "ab"):
        assert ask(issued(challenge(verifier)), code_verifier=verifier).status == 200
    for verifier in ("a" * 42, "a" * 129, "é" * 43, "a" * 42 + " ", "a" * 42 + "+", "a" * 42 + "\n"):
        assert_refused(ask(issued(CHALLENGE), code_verifier=verifier), "invalid_request", "code_verifier")


@pytest.mark.parametrize(
    "wrong", [CHALLENGE[:-1], f"{CHALLENGE}A", f"{CHALLENGE[:-1]}=", f"{CHALLENGE[:-1]}+", f"{CHALLENGE}\n", VERIFIER * 3]
)  # fmt: skip
def test_section_4_2_a_challenge_is_the_base64url_form_of_a_sha_256(wrong: str) -> None:
    assert "SHA-256" in refused(code_challenge=wrong).description


@pytest.mark.parametrize("method", ["plain", "s256", "S512", "", None])
def test_section_4_3_no_method_but_s256_and_none_means_plain(method: str | None) -> None:
    refusal = refused(code_challenge=VERIFIER, code_challenge_method=method)
    assert (refusal.error, "S256" in refusal.description) == ("invalid_request", True)


def test_section_4_4_1_a_public_client_without_a_challenge_is_refused() -> None:
    refusal = refused(client_id=TABLET.client_id, code_challenge=None, code_challenge_method=None)
    assert (refusal.error, "PKCE" in refusal.description) == ("invalid_request", True)


def test_section_4_6_another_verifier_is_an_invalid_grant_and_kills_nothing() -> None:
    here = issued(CHALLENGE)
    for verifier in (VERIFIER[::-1], CHALLENGE):
        assert_refused(ask(here, code_verifier=verifier), "invalid_grant")
    assert (here.revoked, here.spent_for) == (0, [])
    assert ask(here, code_verifier=VERIFIER).status == 200


def test_rfc_9700_2_1_1_a_verifier_counts_only_where_there_was_a_challenge_and_a_challenge_wants_its_verifier() -> None:
    assert_refused(ask(issued(None), code_verifier=VERIFIER), "invalid_request", "code_verifier")
    assert_refused(ask(issued(CHALLENGE), code_verifier=None), "invalid_request", "code_verifier")
