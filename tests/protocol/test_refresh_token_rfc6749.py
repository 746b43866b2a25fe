"""RFC 6749 section 6, RFC 9700 section 4.14.2, OpenID Connect Core 1.0 section 12."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.token_redemption import Minted, Standing
from tests.protocol.surroundings import ENT, NOW, SECRET, TABLET, Surroundings
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT as RIGHT_CODE
from tests.protocol.test_token_endpoint_rfc6749 import assert_refused
from tests.support.relying_party import unverified_claims

STAYS = replace(ENT, grant_types=("authorization_code", "refresh_token"))
RIGHT = {"grant_type": "refresh_token", "refresh_token": "the refresh token"}


def surroundings(**changes: object) -> Surroundings:
    here = Surroundings(clients={"ent": STAYS, "tablet": replace(TABLET, grant_types=STAYS.grant_types)})
    here.refresh_token = replace(here.refresh_token, **changes)  # type: ignore[arg-type]
    return here


def ask(here: Surroundings, **changes: str | None) -> ClientAnswer:
    params = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return answer_token_request(basic("ent", SECRET), list(params.items()), here)


def test_a_code_brings_a_refresh_token_to_a_client_that_is_registered_for_one_and_to_no_other() -> None:
    here = surroundings()
    body = answer_token_request(basic("ent", SECRET), list(RIGHT_CODE.items()), here).body
    assert body["refresh_token"]
    assert here.spent_for == [Minted(STAYS, body["access_token"], "openid profile", body["refresh_token"])]
    assert (
        "refresh_token" not in answer_token_request(basic("ent", SECRET), list(RIGHT_CODE.items()), Surroundings()).body
    )


def test_a_refresh_token_brings_an_access_token_an_id_token_and_its_successor() -> None:
    here = surroundings()
    answer = ask(here)
    assert answer.status == 200
    assert set(answer.body) == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert answer.body["refresh_token"] == "successor of the refresh token"
    assert answer.body["scope"] == "openid profile offline_access"
    assert answer.headers["Cache-Control"] == "no-store"
    assert here.spent_for == [
        Minted(STAYS, answer.body["access_token"], "openid profile offline_access", "successor of the refresh token")
    ]


def test_the_new_id_token_is_new_and_tells_the_sign_in_of_long_ago() -> None:
    here = surroundings()
    claims = unverified_claims(ask(here).body["id_token"])
    assert (claims["iss"], claims["sub"], claims["aud"], claims["sid"]) == (
        here.issuer,
        "a subject",
        "ent",
        "a session",
    )
    assert claims["iat"] == int(NOW.timestamp())
    assert claims["auth_time"] == int(here.refresh_token.auth_time.timestamp())
    assert (claims["acr"], claims["amr"]) == ("responsable", ["pwd"])
    assert claims["at_hash"]
    assert not {"nonce", "azp"} & set(claims)


def test_the_scope_may_be_narrowed_and_the_refresh_token_keeps_all_of_it() -> None:
    here = surroundings()
    answer = ask(here, scope="profile")
    assert answer.body["scope"] == "profile"
    assert "id_token" not in answer.body
    assert here.spent_for[0].scope == "profile"
    ask(here, scope="openid")
    ask(here)
    assert here.told_of == ["profile", "openid", "openid profile offline_access"], "an ID token tells no more"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"refresh_token": None}, "invalid_request", "refresh_token"),
        ({"refresh_token": "made up"}, "invalid_grant", "unknown"),
        ({"refresh_token": ""}, "invalid_request", "refresh_token"),
        ({"scope": "openid email"}, "invalid_scope", ""),
    ],
)
def test_a_wrong_request_is_refused_and_kills_nothing(changes: dict[str, str | None], error: str, words: str) -> None:
    here = surroundings()
    assert_refused(ask(here, **changes), error, words)
    assert (here.revoked, here.spent_for) == (0, [])


def test_a_client_that_is_not_registered_for_refresh_tokens_may_use_none() -> None:
    assert_refused(ask(Surroundings()), "unauthorized_client")


def test_a_client_that_is_not_who_it_says_gets_401() -> None:
    answer = answer_token_request(basic("ent", "guessed"), list(RIGHT.items()), surroundings())
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")


def test_a_refresh_token_of_another_client_is_nobodys_and_stays_good() -> None:
    here = surroundings(client_id="tablet", standing=Standing.REPLAYED)
    assert_refused(ask(here), "invalid_grant", "unknown")
    assert here.revoked == 0


def test_a_public_client_refreshes_with_its_name_alone() -> None:
    here = surroundings(client_id="tablet")
    assert answer_token_request(None, [*RIGHT.items(), ("client_id", "tablet")], here).status == 200


def test_an_answer_that_was_lost_can_be_asked_for_again_and_brings_the_same_successor() -> None:
    here = surroundings()
    first = ask(here)
    here.refresh_token = replace(here.refresh_token, standing=Standing.REPEATED)
    assert ask(here).body["refresh_token"] == first.body["refresh_token"]
    assert here.revoked == 0


def test_a_refresh_token_shown_again_later_revokes_all_that_came_from_it() -> None:
    here = surroundings(standing=Standing.REPLAYED)
    assert_refused(ask(here), "invalid_grant", "used already")
    assert (here.revoked, here.spent_for) == (1, [])


def test_a_revoked_refresh_token_gives_nothing() -> None:
    here = surroundings(standing=Standing.REVOKED)
    assert_refused(ask(here), "invalid_grant", "revoked")
    assert here.revoked == 0


def test_a_refresh_token_that_is_revoked_meanwhile_gives_nothing() -> None:
    here = surroundings()
    here.is_first = False
    assert_refused(ask(here), "invalid_grant", "revoked")
    assert here.revoked == 0


def test_a_refresh_token_dies_at_its_hour() -> None:
    here = surroundings()
    here.moment = here.refresh_token.expires_at - timedelta(microseconds=1)
    assert ask(here).status == 200
    here.moment = here.refresh_token.expires_at
    assert_refused(ask(here), "invalid_grant", "expired")


def test_without_its_account_a_refresh_token_gives_nothing() -> None:
    here = surroundings()
    here.person = None
    assert_refused(ask(here), "invalid_grant", "gone")
