"""OAuth 2.0 Form Post Response Mode 1.0, OAuth 2.0 Multiple Response Type Encoding Practices 1.0 section 2.1."""

import pytest

from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError
from idp.protocol.authorization_response import respond_with_code, respond_with_error
from tests.protocol.surroundings import ISSUER
from tests.protocol.test_authorization_request_rfc6749 import check, refused


def test_the_parameters_are_those_of_a_redirect_and_the_place_is_the_redirect_uri_as_registered() -> None:
    answer = respond_with_code(check(response_mode="form_post"), "the code", issuer=ISSUER)
    assert answer.response_mode == "form_post"
    assert answer.redirect_uri == "https://ent.example/retour"
    assert dict(answer.params) == {"code": "the code", "state": "a state", "iss": ISSUER}


def test_errors_are_posted_too() -> None:
    refusal = refused(response_mode="form_post", response_type="token")
    answer = respond_with_error(refusal.request, refusal.error, refusal.description, issuer=ISSUER)
    assert (answer.response_mode, dict(answer.params)["error"]) == ("form_post", "unsupported_response_type")
    assert dict(answer.params)["iss"] == ISSUER


@pytest.mark.parametrize("mode", ["", None])
def test_without_a_mode_a_code_is_in_the_query(mode: str | None) -> None:
    assert check(response_mode=mode).response_mode == "query"


@pytest.mark.parametrize("mode", ["fragment", "FORM_POST", "form_post query", "web_message"])
def test_an_unknown_mode_is_refused_in_the_query(mode: str) -> None:
    refusal: RedirectedError = refused(response_mode=mode)
    assert (refusal.error, refusal.request.response_mode) == ("invalid_request", "query")


def test_the_mode_outlives_the_sign_in() -> None:
    asked = check(response_mode="form_post")
    assert AuthorizationRequest.from_json(asked.to_json()) == asked


def test_a_request_that_was_kept_before_there_were_modes_can_still_be_read() -> None:
    kept = check().to_json().replace(', "response_mode": "query"', "")
    assert "response_mode" not in kept
    assert AuthorizationRequest.from_json(kept) == check()
