"""RFC 7592 sections 2 and 3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.client_management_rfc7592 import answer_delete_request, answer_read_request, answer_update_request
from idp.protocol.client_metadata import Metadata, RegistrationRules, check_client_metadata
from idp.protocol.client_registration import RegisteredClient
from tests.protocol.test_client_registration_rfc7591 import REDIRECT_URI, RULES

TOKEN = "Bearer its-token"
CLIENT = RegisteredClient(
    client_id="ent",
    issued_at=2893256800,
    metadata=check_client_metadata({"redirect_uris": [REDIRECT_URI], "contacts": ["dev@ent.example"]}, RULES),
    registration_access_token="its-token",
)


@dataclass
class Desk:
    """Implements `idp.protocol.client_management_rfc7592.Management` over one client."""

    rules: RegistrationRules = RULES
    goes_meanwhile: bool = False
    replaced: list[Metadata] = field(default_factory=list)
    removed: int = 0

    def load(self, client_id: str, registration_access_token: str) -> RegisteredClient | None:
        return CLIENT if (client_id, registration_access_token) == ("ent", "its-token") else None

    def is_secret(self, client: RegisteredClient, client_secret: str) -> bool:
        return (client.client_id, client_secret.encode()) == ("ent", b"its secret")  # as whoever hashes it

    def replace(self, client: RegisteredClient, metadata: Metadata) -> RegisteredClient | None:
        self.replaced.append(metadata)
        return None if self.goes_meanwhile else replace(client, metadata=metadata)

    def remove(self, client: RegisteredClient) -> bool:
        assert client is CLIENT
        self.removed += 1
        return not self.goes_meanwhile

    def locate(self, client_id: str) -> str:
        return f"https://idp.example/register/{client_id}"


def update(desk: Desk, members: Mapping[str, Any], authorization: str | None = TOKEN) -> ClientAnswer:
    body = json.dumps({"client_id": "ent", "redirect_uris": [REDIRECT_URI], **members}).encode()
    return answer_update_request(authorization, "ent", "application/json", body, desk)


def every_request(desk: Desk, authorization: str | None, client_id: str = "ent") -> list[ClientAnswer]:
    body = json.dumps({"client_id": client_id, "redirect_uris": [REDIRECT_URI]}).encode()
    return [
        answer_read_request(authorization, client_id, desk),
        answer_update_request(authorization, client_id, "application/json", body, desk),
        answer_delete_request(authorization, client_id, desk),
    ]


# --- section 2.1 -----------------------------------------------------------------------------------------------------------------------


def test_a_read_request_is_answered_200_with_all_that_is_registered_and_not_the_secret() -> None:
    answer = answer_read_request(TOKEN, "ent", Desk())
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.body == {
        "client_id": "ent",
        "client_id_issued_at": 2893256800,
        "registration_access_token": "its-token",
        "registration_client_uri": "https://idp.example/register/ent",
        **CLIENT.metadata,
    }


# --- section 2.2 -----------------------------------------------------------------------------------------------------------------------


def test_an_update_replaces_every_field_and_what_is_omitted_goes() -> None:
    desk = Desk()
    answer = update(desk, {"client_name": "ENT Sureau", "tos_uri": None})
    assert answer.status == 200
    assert answer.body is not None
    assert answer.body["client_name"] == "ENT Sureau"
    assert answer.body["registration_access_token"] == "its-token"
    assert {"contacts", "tos_uri"}.isdisjoint(answer.body)
    assert desk.replaced == [
        check_client_metadata({"redirect_uris": [REDIRECT_URI], "client_name": "ENT Sureau"}, RULES)
    ]


def test_the_present_secret_may_be_sent_and_changes_nothing() -> None:
    desk = Desk()
    assert update(desk, {"client_secret": "its secret"}).status == 200
    assert "client_secret" not in desk.replaced[0]


@pytest.mark.parametrize(
    ("members", "error", "words"),
    [
        ({"client_id": None}, "invalid_client_metadata", "client_id must be there"),
        ({"client_id": "another"}, "invalid_client_metadata", "client_id must be there"),
        ({"client_secret": "chosen"}, "invalid_client_metadata", "cannot choose it"),
        ({"client_secret": "\ud800"}, "invalid_client_metadata", "cannot choose it"),
        ({"client_secret": 7}, "invalid_client_metadata", "cannot choose it"),
        ({"registration_access_token": "its-token"}, "invalid_client_metadata", "must not be there"),
        (
            {"registration_client_uri": "https://idp.example/register/ent"},
            "invalid_client_metadata",
            "must not be there",
        ),
        ({"client_secret_expires_at": 0}, "invalid_client_metadata", "must not be there"),
        ({"client_id_issued_at": 2893256800}, "invalid_client_metadata", "must not be there"),
        ({"redirect_uris": []}, "invalid_redirect_uri", "at least one address"),
        ({"subject_type": "aaf"}, "invalid_client_metadata", "must be one of pairwise, public"),
    ],
)
def test_an_update_that_is_not_right_changes_nothing(members: dict[str, Any], error: str, words: str) -> None:
    desk = Desk()
    answer = update(desk, members)
    assert answer.body is not None
    assert (answer.status, answer.body["error"], desk.replaced) == (400, error, [])
    assert words in answer.body["error_description"]


@pytest.mark.parametrize(("content_type", "body"), [("application/json", b"["), ("text/plain", b"{}")])
def test_an_update_without_a_json_object_is_refused(content_type: str, body: bytes) -> None:
    answer = answer_update_request(TOKEN, "ent", content_type, body, Desk())
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_client_metadata")


# --- section 2.3 -----------------------------------------------------------------------------------------------------------------------


def test_a_delete_request_is_answered_204_without_a_body() -> None:
    desk = Desk()
    answer = answer_delete_request(TOKEN, "ent", desk)
    assert (answer.status, answer.body, desk.removed) == (204, None, 1)
    assert answer.headers["Cache-Control"] == "no-store"


# --- who may -----------------------------------------------------------------------------------------------------------------------------


def test_an_unknown_client_is_answered_as_a_wrong_token_is() -> None:
    desk = Desk()
    wrong, unknown = every_request(desk, "Bearer another"), every_request(desk, TOKEN, "another")
    assert [answer.status for answer in (*wrong, *unknown)] == [401] * 6
    assert [answer.body for answer in wrong] == [answer.body for answer in unknown]
    assert all('error="invalid_token"' in answer.headers["WWW-Authenticate"] for answer in (*wrong, *unknown))
    assert (desk.replaced, desk.removed) == ([], 0)


def test_without_a_token_nothing_is_told_but_how_to_send_one() -> None:
    desk = Desk()
    answers = every_request(desk, None)
    assert [(answer.status, answer.body) for answer in answers] == [(401, {})] * 3
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer realm="preau"'}
    assert (desk.replaced, desk.removed) == ([], 0)


@pytest.mark.parametrize("scheme", ["Basic", "DPoP"])
def test_a_header_of_another_scheme_is_refused(scheme: str) -> None:
    assert [answer.status for answer in every_request(Desk(), f"{scheme} its-token")] == [400] * 3


def test_a_client_that_goes_meanwhile_is_answered_401() -> None:
    desk = Desk(goes_meanwhile=True)
    assert update(desk, {}).status == answer_delete_request(TOKEN, "ent", desk).status == 401
