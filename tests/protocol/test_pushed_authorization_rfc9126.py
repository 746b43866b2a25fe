"""RFC 9126: sections 2.1 to 2.3, 4 and 6."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError, ShownError
from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.pushed_authorization_rfc9126 import (
    answer_pushed_request,
    read_reference,
    refuse_reference,
)
from tests.protocol.surroundings import ENT
from tests.protocol.test_authorization_request_rfc6749 import RIGHT, check
from tests.protocol.test_authorization_request_rfc6749 import RULES as RIGHTS

REFERENCE = "urn:ietf:params:oauth:request_uri:the-reference"
HELD = replace(ENT, client_id="held", require_pushed_authorization_requests=True)
CLIENTS = {"ent": ENT, "held": HELD}
BASIC = "Basic …"  # what a shelf does not look at: it goes by the secret in the body
RULES = replace(RIGHTS, load_client=CLIENTS.get)


@dataclass
class Shelf:
    """Knows one client by its secret, and keeps what is pushed."""

    client: Client = ENT
    kept: list[AuthorizationRequest] = field(default_factory=list)

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        if form.get("client_secret") == "wrong":
            raise ClientRefusedError('The client secret is "wrong".')
        return self.client, "client_secret_basic" if authorization else "client_secret_post"

    def keep(self, request: AuthorizationRequest) -> str:
        self.kept.append(request)
        return "the-reference"

    def push(self, *more: tuple[str, str], **changes: str | None) -> ClientAnswer:
        params = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
        return answer_pushed_request(BASIC, [*params.items(), *more], RULES, desk=self, keep=self.keep)


def test_a_right_request_is_kept_as_the_authorization_endpoint_would_have_read_it() -> None:
    shelf = Shelf()
    answer = shelf.push(prompt="login", max_age="60", response_mode="form_post")
    assert (answer.status, answer.body) == (201, {"request_uri": REFERENCE, "expires_in": 60})
    assert shelf.kept == [check(prompt="login", max_age="60", response_mode="form_post")]


def test_a_client_that_authenticates_by_header_need_not_repeat_its_name() -> None:
    shelf = Shelf()
    assert shelf.push(client_id=None).status == 201
    assert shelf.kept[0].client_id == "ent"


def test_credentials_are_not_kept_with_the_request() -> None:
    shelf = Shelf()
    assert shelf.push(client_secret="s3cret", client_assertion="a.b.c").status == 201
    assert "s3cret" not in shelf.kept[0].to_json()
    assert "a.b.c" not in shelf.kept[0].to_json()


def test_a_client_that_is_not_authenticated_is_told_so_and_nothing_is_kept() -> None:
    shelf = Shelf()
    answer = shelf.push(client_secret="wrong")
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert '"' not in answer.body["error_description"]
    assert shelf.kept == []


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": None}, "invalid_request", "redirect_uri"),
        ({"request_uri": REFERENCE}, "invalid_request", "must not be pushed"),
        ({"request_uri": "https://ent.example/r"}, "invalid_request", "must not be pushed"),
        ({"response_type": "token"}, "unsupported_response_type", "response_type"),
        ({"scope": "profile"}, "invalid_scope", "openid"),
        ({"code_challenge_method": "plain"}, "invalid_request", "S256"),
        ({"response_mode": "fragment"}, "invalid_request", "response_mode"),
    ],
)
def test_what_the_authorization_endpoint_would_refuse_is_refused_here_as_json(
    changes: dict[str, str | None], error: str, words: str
) -> None:
    shelf = Shelf()
    answer = shelf.push(**changes)
    assert (answer.status, answer.body["error"]) == (400, error)
    assert words in answer.body["error_description"]
    assert shelf.kept == []


def test_a_parameter_sent_twice_is_refused() -> None:
    for name in ("client_id", "scope"):
        answer = Shelf().push((name, RIGHT[name]))
        assert (answer.status, answer.body["error"]) == (400, "invalid_request")


def test_a_client_that_must_push_is_refused_without_and_served_with() -> None:
    shelf = Shelf(HELD)
    assert shelf.push(client_id="held").status == 201
    with pytest.raises(RedirectedError) as raised:
        check_directly("held")
    assert raised.value.error == "invalid_request"
    assert "push" in raised.value.description
    check_directly("ent")


def check_directly(client_id: str) -> AuthorizationRequest:
    from idp.protocol.authorization_checks import check_authorization_request

    return check_authorization_request([*{**RIGHT, "client_id": client_id}.items()], RULES)


# --- at the authorization endpoint ------------------------------------------------------------------------------------------------


def test_a_reference_of_ours_is_read_and_what_stands_beside_it_counts_for_nothing() -> None:
    params = [("client_id", "ent"), ("request_uri", REFERENCE), ("redirect_uri", "https://evil.example/"), ("x", "1")]
    assert read_reference(params, RULES) == (ENT, "the-reference")


@pytest.mark.parametrize("uri", ["", "https://ent.example/r", "urn:example:x", "URN:ietf:params:oauth:request_uri:x"])
def test_any_other_request_uri_is_no_reference(uri: str) -> None:
    assert read_reference([("client_id", "ent"), ("request_uri", uri)], RULES) is None


def test_two_references_are_none() -> None:
    assert read_reference([("client_id", "ent"), ("request_uri", REFERENCE), ("request_uri", REFERENCE)], RULES) is None


@pytest.mark.parametrize(
    ("client_id", "key"), [(None, "client-id-missing"), ("nobody", "client-unknown"), ("", "client-id-missing")]
)
def test_the_client_must_be_named_beside_the_reference(client_id: str | None, key: str) -> None:
    named = [] if client_id is None else [("client_id", client_id)]
    with pytest.raises(ShownError) as raised:
        read_reference([*named, ("request_uri", REFERENCE)], RULES)
    assert raised.value.key == key


def test_a_reference_that_is_refused_is_shown_and_not_repeated() -> None:
    refusal = refuse_reference(ENT)
    assert refusal.key == "request-uri-unknown"
    assert refusal.sent == {"client_id": "ent", "request_uri": "…"}


@given(
    params=st.lists(st.tuples(st.sampled_from([*RIGHT, "request_uri", "request"]), st.text(max_size=20)), max_size=9)
)
def test_whatever_is_pushed_gets_an_answer(params: list[tuple[str, str]]) -> None:
    shelf = Shelf()
    answer = answer_pushed_request(BASIC, params, RULES, desk=shelf, keep=shelf.keep)
    assert answer.status in {201, 400}
    assert (answer.status == 201) == bool(shelf.kept)
