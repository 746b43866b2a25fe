"""RFC 7009 section 2."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.revocation_rfc7009 import answer_revocation_request
from tests.protocol.surroundings import SECRET, Surroundings
from tests.protocol.test_client_authentication_rfc6749 import basic


@dataclass
class Shelf:
    """Implements `idp.protocol.revocation_rfc7009.Revocation` over tokens and their owners."""

    owners: Mapping[str, str] = field(default_factory=lambda: {"the token": "ent", "a foreign token": "tablet"})
    hints: list[str] = field(default_factory=list)
    revoked: int = 0

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        return Surroundings().authenticate(authorization, form)

    def load_owner(self, token: str, hint: str) -> str | None:
        self.hints.append(hint)
        return self.owners.get(token)

    def revoke(self) -> None:
        self.revoked += 1


def ask(shelf: Shelf, *params: tuple[str, str], secret: str = SECRET) -> ClientAnswer:
    return answer_revocation_request(basic("ent", secret), params, shelf)


def test_a_token_is_revoked_and_the_answer_is_200_without_a_body() -> None:
    shelf = Shelf()
    answer = ask(shelf, ("token", "the token"), ("token_type_hint", "refresh_token"))
    assert (answer.status, answer.body, shelf.revoked, shelf.hints) == (200, None, 1, ["refresh_token"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_hint_that_means_nothing_is_ignored() -> None:
    shelf = Shelf()
    assert ask(shelf, ("token", "the token"), ("token_type_hint", "saml")).status == 200
    assert shelf.revoked == 1


def test_a_token_that_is_not_known_is_what_the_client_wanted() -> None:
    shelf = Shelf()
    assert (ask(shelf, ("token", "made up")).status, shelf.revoked) == (200, 0)


def test_a_public_client_revokes_its_token_with_its_name_alone() -> None:
    shelf = Shelf()
    params = [("token", "a foreign token"), ("client_id", "tablet")]
    assert (answer_revocation_request(None, params, shelf).status, shelf.revoked) == (200, 1)


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ((), "invalid_request", "token is missing"),
        ((("token", ""),), "invalid_request", "token is missing"),
        ((("token", "the token"), ("token", "the token")), "invalid_request", "more than once: token"),
        ((("token", "a foreign token"),), "invalid_grant", "another client"),
    ],
)
def test_a_wrong_request_is_refused_and_revokes_nothing(
    params: tuple[tuple[str, str], ...], error: str, words: str
) -> None:
    shelf = Shelf()
    answer = ask(shelf, *params)
    assert answer.body is not None
    assert (answer.status, answer.body["error"], shelf.revoked) == (400, error, 0)
    assert words in answer.body["error_description"]


def test_a_client_that_is_not_who_it_says_gets_401_with_a_challenge_and_revokes_nothing() -> None:
    shelf = Shelf()
    answer = ask(shelf, ("token", "the token"), secret="guessed")
    assert answer.body is not None
    assert (answer.status, answer.body["error"], shelf.revoked, shelf.hints) == (401, "invalid_client", 0, [])
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
