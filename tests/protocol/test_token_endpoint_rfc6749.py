"""RFC 6749 sections 3.2, 4.1.3 and 5, RFC 7636 section 4.6, OpenID Connect Core 1.0 section 3.1.3."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.protocol.client_endpoint import ClientAnswer, read_client_form
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.token_redemption import Minted
from tests.protocol.surroundings import ENT, NOW, SECRET, Surroundings
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.support.relying_party import VERIFIER, challenge

RIGHT = {
    "grant_type": "authorization_code",
    "code": "the code",
    "redirect_uri": "https://ent.example/retour",
    "code_verifier": VERIFIER,
}
OTHER_VERIFIER = VERIFIER[::-1]


def ask(here: Surroundings, *more: tuple[str, str], **changes: str | None) -> ClientAnswer:
    params = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return answer_token_request(basic("ent", SECRET), [*params.items(), *more], here)


def assert_refused(answer: ClientAnswer, error: str, words: str = "") -> None:
    assert (answer.status, answer.body["error"]) == (400, error), answer
    assert words in answer.body["error_description"]
    assert "access_token" not in answer.body


def test_a_right_request_gets_its_tokens_which_nobody_may_store() -> None:
    here = Surroundings()
    answer = ask(here)
    assert answer.status == 200
    assert set(answer.body) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 600)
    assert answer.headers == {"Cache-Control": "no-store", "Pragma": "no-cache"}
    assert here.spent_for == [Minted(ENT, answer.body["access_token"], "openid profile")]
    assert here.revoked == 0


def test_a_client_that_is_not_who_it_says_gets_401_with_a_challenge() -> None:
    answer = answer_token_request(basic("ent", "guessed"), list(RIGHT.items()), Surroundings())
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="preau", charset="UTF-8"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_sends_no_header_reads_what_is_wrong_and_meets_no_challenge() -> None:
    guessed = [*RIGHT.items(), ("client_id", "ent"), ("client_secret", "guessed")]
    answer = answer_token_request(None, guessed, Surroundings())
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_client")
    assert "WWW-Authenticate" not in answer.headers


def test_a_public_client_redeems_with_its_verifier_alone() -> None:
    here = Surroundings()
    here.code = replace(here.code, client_id="tablet")
    params = [*RIGHT.items(), ("client_id", "tablet")]
    assert answer_token_request(None, params, here).status == 200


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"grant_type": None}, "invalid_request", "grant_type is missing"),
        ({"grant_type": "password"}, "unsupported_grant_type", "authorization_code"),
        ({"code": None}, "invalid_request", "code"),
        ({"code": "made up"}, "invalid_grant", "code"),
        ({"redirect_uri": None}, "invalid_grant", "redirect_uri"),
        ({"redirect_uri": "https://ent.example/retour/"}, "invalid_grant", "redirect_uri"),
        ({"code_verifier": None}, "invalid_request", "code_verifier"),
        ({"code_verifier": "short"}, "invalid_request", "code_verifier"),
        ({"code_verifier": OTHER_VERIFIER}, "invalid_grant", ""),
    ],
)
def test_a_wrong_request_is_refused_and_kills_nothing(changes: dict[str, str | None], error: str, words: str) -> None:
    here = Surroundings()
    assert_refused(ask(here, **changes), error, words)
    assert (here.revoked, here.spent_for) == (0, [])


def test_a_parameter_sent_twice_is_refused() -> None:
    assert_refused(ask(Surroundings(), ("code", "the code")), "invalid_request", "code")


def test_a_verifier_for_a_request_without_a_challenge_is_refused() -> None:
    here = Surroundings()
    here.code = replace(here.code, code_challenge=None)
    assert_refused(ask(here), "invalid_request", "code_verifier")
    assert ask(here, code_verifier=None).status == 200


def test_the_verifier_is_never_compared_in_clear() -> None:
    here = Surroundings()
    here.code = replace(here.code, code_challenge=challenge())
    assert_refused(ask(here, code_verifier=challenge()), "invalid_grant")


def test_a_code_of_another_client_is_nobodys_and_stays_good() -> None:
    here = Surroundings()
    here.code = replace(here.code, client_id="tablet", spent=True)
    assert_refused(ask(here), "invalid_grant")
    assert here.revoked == 0


def test_a_spent_code_shown_again_by_its_owner_revokes_what_it_minted() -> None:
    here = Surroundings()
    here.code = replace(here.code, spent=True)
    assert_refused(ask(here), "invalid_grant", "used already")
    assert (here.revoked, here.spent_for) == (1, [])


def test_a_code_that_was_revoked_before_anybody_showed_it_is_no_replay() -> None:
    here = Surroundings()
    here.code = replace(here.code, revoked=True)
    assert_refused(ask(here), "invalid_grant", "revoked")
    assert (here.revoked, here.spent_for) == (0, [])


@pytest.mark.parametrize("changes", [{"code_verifier": OTHER_VERIFIER}, {"redirect_uri": "https://evil.example/"}])
def test_a_spent_code_shown_by_somebody_without_its_verifier_revokes_nothing(changes: dict[str, str]) -> None:
    here = Surroundings()
    here.code = replace(here.code, spent=True)
    assert_refused(ask(here, **changes), "invalid_grant")
    assert here.revoked == 0


def test_whoever_loses_the_race_gets_nothing_and_revokes_the_winners_tokens() -> None:
    here = Surroundings(is_first=False)
    assert_refused(ask(here), "invalid_grant", "used already")
    assert here.revoked == 1


def test_a_code_dies_at_its_hour() -> None:
    here = Surroundings()
    here.moment = here.code.expires_at - timedelta(microseconds=1)
    assert ask(here).status == 200
    here.moment = here.code.expires_at
    assert_refused(ask(here), "invalid_grant", "expired")


def test_a_spent_code_is_a_replay_even_after_its_hour() -> None:
    here = Surroundings(moment=NOW + timedelta(minutes=5))
    here.code = replace(here.code, spent=True)
    ask(here)
    assert here.revoked == 1


def test_without_its_account_a_code_gives_nothing() -> None:
    here = Surroundings(person=None)
    assert_refused(ask(here), "invalid_grant", "gone")
    assert here.spent_for == []


class _Watched(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        _Watched.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_thousands_of_parameters_are_looked_at_once_each() -> None:
    names = [_Watched(f"name-{number}") for number in range(3000)]
    _Watched.compared = 0
    assert len(read_client_form([(name, "x") for name in names], ())) == 3000
    assert _Watched.compared < 3000
