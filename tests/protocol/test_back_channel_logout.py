"""OpenID Connect Back-Channel Logout 1.0 sections 2.4, 2.8 and 4."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt

from idp.protocol.back_channel_logout import EVENT, RpAnswer, mint_logout_token, read_answer
from idp.protocol.rp_initiated_logout import check_logout_request
from tests.protocol.surroundings import ENT, ISSUER, NOW, Surroundings, signing_key


def mint(algorithm: str = "RS256", **changes: Any) -> jwt.Token:
    """Return a logout token, its signature verified."""
    client = replace(ENT, id_token_signed_response_alg=algorithm)
    key = signing_key(algorithm)
    facts = {"subject": "a subject", "session_id": "a session", "jti": "told once", "now": NOW, **changes}
    return jwt.decode(mint_logout_token(client, issuer=ISSUER, key=key, **facts), key.key, algorithms=[algorithm])


def test_it_has_every_claim_of_the_text_and_no_other() -> None:
    issued_at = int(NOW.timestamp())
    assert mint().claims == {
        "iss": ISSUER,
        "sub": "a subject",
        "aud": "ent",
        "iat": issued_at,
        "exp": issued_at + 120,
        "jti": "told once",
        "sid": "a session",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


def test_it_never_holds_a_nonce() -> None:
    assert "nonce" not in mint().claims


def test_its_kind_is_in_its_header() -> None:
    assert mint().header == {"alg": "RS256", "kid": "RS256-0", "typ": "logout+jwt"}


def test_it_is_signed_as_the_client_s_id_tokens_are() -> None:
    assert mint("ES256").header == {"alg": "ES256", "kid": "ES256-0", "typ": "logout+jwt"}


def test_somebody_who_is_not_known_any_more_is_named_by_the_session_alone() -> None:
    claims = mint(subject=None).claims
    assert ("sub" in claims, claims["sid"]) == (False, "a session")


def test_another_try_is_another_token_of_the_same_session() -> None:
    first, second = mint().claims, mint(jti="told later", now=NOW + timedelta(seconds=40)).claims
    assert {name for name in first if first[name] != second[name]} == {"iat", "exp", "jti"}
    assert second["iat"] - first["iat"] == second["exp"] - first["exp"] == 40


def test_it_is_no_id_token_hint() -> None:
    token = mint_logout_token(
        ENT, issuer=ISSUER, subject="a subject", session_id="a session", jti="told once", now=NOW, key=signing_key("RS256")
    )  # fmt: skip
    with pytest.raises(Exception, match="id-token-hint-invalid"):
        check_logout_request(
            [("id_token_hint", token)], issuer=ISSUER, keys=[signing_key("RS256")], load_client=Surroundings().load_client
        )  # fmt: skip


def test_the_event_has_an_empty_object_as_its_value() -> None:
    assert mint().claims["events"][EVENT] == {}


@pytest.mark.parametrize("status", [200, 204])
def test_a_logout_that_succeeded_is_answered_200_and_frameworks_make_it_204(status: int) -> None:
    assert read_answer(status) is RpAnswer.DONE


def test_a_logout_that_is_invalid_or_failed_is_answered_400() -> None:
    assert read_answer(400) is RpAnswer.REFUSED


@pytest.mark.parametrize(
    "status", [201, 202, 206, 301, 302, 303, 307, 401, 403, 404, 405, 429, 500, 501, 502, 503, 504]
)
def test_no_other_answer_says_that_it_is_done(status: int) -> None:
    assert read_answer(status) is RpAnswer.UNCLEAR
