"""RFC 6749 sections 3.1.2, 4.1.2 and 4.1.2.1, RFC 9207 section 2."""

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.authorization_response import AuthorizationResponse, respond_with_code, respond_with_error
from tests.protocol.surroundings import ISSUER

ASKED = AuthorizationRequest("ent", "https://ent.example/retour", state="a state")


def told(answer: AuthorizationResponse) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.location).query, keep_blank_values=True, strict_parsing=True)


def test_the_answer_carries_code_state_and_iss() -> None:
    answer = respond_with_code(ASKED, "the code", issuer=ISSUER)
    assert told(answer) == {"code": ["the code"], "state": ["a state"], "iss": [ISSUER]}


def test_an_error_carries_state_and_iss_and_no_code() -> None:
    answer = respond_with_error(ASKED, "invalid_scope", "scope must hold openid.", issuer=ISSUER)
    assert set(told(answer)) == {"error", "error_description", "state", "iss"}


def test_without_state_none_is_sent_back() -> None:
    assert "state" not in told(respond_with_code(AuthorizationRequest("ent", "https://e.example/"), "c", issuer=ISSUER))


def test_the_query_that_was_registered_stays() -> None:
    asked = AuthorizationRequest("ent", "https://ent.example/retour?kept=1")
    answer = respond_with_code(asked, "c", issuer=ISSUER)
    assert answer.location.startswith("https://ent.example/retour?kept=1&code=c&")


def test_an_answer_that_is_printed_shows_no_code() -> None:
    assert "the code" not in repr(respond_with_code(ASKED, "the code", issuer=ISSUER))


@given(state=st.text(min_size=1, max_size=128))
def test_state_comes_back_exactly(state: str) -> None:
    asked = AuthorizationRequest("ent", "https://ent.example/retour", state=state)
    assert told(respond_with_code(asked, "c", issuer=ISSUER))["state"] == [state]


@given(description=st.text())
def test_a_description_holds_the_characters_that_the_text_allows_alone(description: str) -> None:
    answer = respond_with_error(ASKED, "x", description, issuer=ISSUER)
    assert all(" " <= sign <= "~" and sign not in '"\\' for sign in told(answer)["error_description"][0])
