"""RFC 7662 section 2."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.introspection_rfc7662 import answer_introspection_request
from idp.protocol.issued_token import IssuedToken
from idp.protocol.resource import Resources
from tests.protocol.surroundings import CANTEEN, ENT, ISSUER, LIBRARY, NOW, RESOURCES, SECRET, TABLET, Surroundings
from tests.protocol.test_client_authentication_rfc6749 import basic

TOKEN = IssuedToken(
    client_id="ent",
    scope="openid profile",
    sub="a subject",
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
    auth_time=NOW - timedelta(minutes=1),
    active=True,
    token_type="Bearer",
)


@dataclass
class Shelf:
    """Implements `idp.protocol.introspection_rfc7662.Introspection` over tokens."""

    issuer: str = ISSUER
    resources: Resources = RESOURCES
    client: Client = ENT
    tokens: Mapping[str, IssuedToken] = field(default_factory=lambda: {"the token": TOKEN})

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        return Surroundings(clients={"ent": self.client, "tablet": TABLET}).authenticate(authorization, form)

    def load_token(self, token: str, hint: str) -> IssuedToken | None:
        del hint
        return self.tokens.get(token)


def ask(shelf: Shelf, *params: tuple[str, str], secret: str = SECRET) -> ClientAnswer:
    return answer_introspection_request(basic("ent", secret), params, shelf)


def test_an_active_token_is_described() -> None:
    answer = ask(Shelf(), ("token", "the token"))
    assert answer.status == 200
    assert answer.body == {
        "active": True,
        "iss": ISSUER,
        "sub": "a subject",
        "client_id": "ent",
        "scope": "openid profile",
        "token_type": "Bearer",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
        "auth_time": int(NOW.timestamp()) - 60,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_refresh_token_has_no_token_type() -> None:
    answer = ask(Shelf(tokens={"the token": replace(TOKEN, token_type="")}), ("token", "the token"))
    assert answer.body is not None
    assert answer.body["active"]
    assert "token_type" not in answer.body


@pytest.mark.parametrize(
    "token",
    [None, replace(TOKEN, active=False), replace(TOKEN, client_id="tablet")],
    ids=["unknown", "dead", "foreign"],
)
def test_of_every_other_token_nothing_is_told_but_that_it_is_not_active(token: IssuedToken | None) -> None:
    shelf = Shelf(tokens={"the token": token} if token else {})
    answer = ask(shelf, ("token", "the token"))
    assert (answer.status, answer.body) == (200, {"active": False})


def test_the_server_of_a_resource_may_ask_about_the_tokens_of_every_client() -> None:
    shelf = Shelf(client=replace(ENT, introspection="any"), tokens={"the token": replace(TOKEN, client_id="tablet")})
    answer = ask(shelf, ("token", "the token"))
    assert answer.body is not None
    assert (answer.body["active"], answer.body["client_id"]) == (True, "tablet")


def test_a_public_client_may_not_ask_for_tokens_could_be_tried_out() -> None:
    answer = answer_introspection_request(None, [("token", "the token"), ("client_id", "tablet")], Shelf())
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_client")


def test_a_client_that_is_not_who_it_says_gets_401_with_a_challenge() -> None:
    answer = ask(Shelf(), ("token", "the token"), secret="guessed")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("params", [(), (("token", ""),), (("token", "a"), ("token", "b"))])
def test_a_wrong_request_is_refused(params: tuple[tuple[str, str], ...]) -> None:
    answer = ask(Shelf(), *params)
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


FOR_CANTEEN = replace(TOKEN, client_id="tablet", scope="canteen.read", audience=CANTEEN.resource)
IN_CANTEEN = replace(ENT, client_id="canteen")


def ask_as_canteen(token: IssuedToken, client: Client = IN_CANTEEN) -> dict[str, Any]:
    answer = ask(Shelf(client=client, tokens={"the token": token}), ("token", "the token"))
    assert answer.body is not None
    return dict(answer.body)


def test_the_server_of_a_resource_is_told_of_tokens_that_are_for_it_and_of_no_others() -> None:
    told = ask_as_canteen(FOR_CANTEEN)
    assert (told["active"], told["aud"], told["scope"]) == (True, CANTEEN.resource, "canteen.read")
    for audience in (LIBRARY.resource, "https://gone.example/", None):
        assert ask_as_canteen(replace(FOR_CANTEEN, audience=audience)) == {"active": False}
    assert ask_as_canteen(FOR_CANTEEN, replace(ENT, resources=(CANTEEN.resource,))) == {"active": False}, (
        "who may ask for tokens for it is not it"
    )


def test_of_a_token_that_stands_for_its_client_no_sign_in_is_told() -> None:
    told = ask_as_canteen(replace(FOR_CANTEEN, sub="tablet", auth_time=None, scope=""))
    assert told == {
        "active": True,
        "iss": ISSUER,
        "sub": "tablet",
        "client_id": "tablet",
        "aud": CANTEEN.resource,
        "token_type": "Bearer",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
    }
