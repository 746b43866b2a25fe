"""OpenID Connect Core 1.0 sections 5.5, 5.5.1 and 5.5.1.1."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorization_checks import check_authorization_request
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError
from idp.protocol.claims_parameter import RequestedClaims, read_claims, write_claims
from tests.protocol.test_authorization_request_rfc6749 import RIGHT, RULES

KNOWING = replace(RULES, claim_names=("given_name", "family_name"), acr_values=("responsable", "eleve"))


def ask(claims: Any, **changes: str) -> AuthorizationRequest:
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return check_authorization_request([*{**RIGHT, "claims": text, **changes}.items()], KNOWING)


def refused(claims: Any) -> tuple[str, str]:
    with pytest.raises(RedirectedError) as raised:
        ask(claims)
    return raised.value.error, raised.value.description


@pytest.mark.parametrize(
    "how", [None, {}, {"essential": True}, {"essential": False}, {"value": "Joe"}, {"values": ["Joe", 7]}, {"x": 1}]
)
def test_each_way_of_asking_asks_for_the_claim(how: Any) -> None:
    asked = ask({"userinfo": {"given_name": how}, "id_token": {"family_name": how}})
    assert (asked.userinfo_claims, asked.id_token_claims) == (("given_name",), ("family_name",))


def test_unknown_members_and_claims_are_ignored() -> None:
    asked = ask({"userinfo": {"shoe_size": None, "given_name": None, "sub": None}, "elsewhere": {"given_name": None}})
    assert (asked.userinfo_claims, asked.id_token_claims) == (("given_name",), ())
    assert asked.subjects is None


@pytest.mark.parametrize("claims", ["{}", '{"userinfo": null}', '{"id_token": {}}', ""])
def test_nothing_may_be_asked_for(claims: str) -> None:
    asked = ask(claims)
    assert (asked.userinfo_claims, asked.id_token_claims) == ((), ())
    assert write_claims(asked) is None


@pytest.mark.parametrize(
    "claims",
    [
        "{",
        "[]",
        "null",
        "3",
        '"userinfo"',
        "[" * 5000,
        "1" * 5000,
        {"userinfo": []},
        {"id_token": "given_name"},
        {"userinfo": {"given_name": True}},
        {"userinfo": {"given_name": "Joe"}},
        {"userinfo": {"given_name": {"essential": "true"}}},
        {"userinfo": {"given_name": {"values": "Joe"}}},
        {"id_token": {"sub": {"value": 7}}},
        {"id_token": {"sub": {"values": ["a", None]}}},
        {"id_token": {"acr": {"values": [1]}}},
    ],
)
def test_what_is_not_of_the_form_of_the_text_is_refused_and_not_quoted(claims: Any) -> None:
    error, description = refused(claims)
    assert error == "invalid_request"
    assert description.startswith("claims must be a JSON object")
    assert "Joe" not in description


def test_what_was_asked_for_is_kept_with_the_code() -> None:
    asked = ask({"userinfo": {"given_name": None}, "id_token": {"family_name": None}})
    assert AuthorizationRequest.from_json(asked.to_json()) == asked
    assert read_claims(write_claims(asked)) == RequestedClaims(("given_name",), ("family_name",))
    assert read_claims(None) == RequestedClaims()


# --- conditions ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["userinfo", "id_token"])
def test_a_subject_that_is_asked_for_is_a_condition(member: str) -> None:
    assert ask({member: {"sub": {"value": "joe"}}}).subjects == ("joe",)
    assert ask({member: {"sub": {"values": ["joe", "angela"]}}}).subjects == ("joe", "angela")
    assert ask({member: {"sub": {"essential": True}}}).subjects is None


def test_subjects_that_exclude_one_another_are_refused() -> None:
    both = {"userinfo": {"sub": {"values": ["a", "b"]}}, "id_token": {"sub": {"values": ["b", "c"]}}}
    assert ask(both).subjects == ("b",)
    error, description = refused({"userinfo": {"sub": {"value": "a"}}, "id_token": {"sub": {"value": "c"}}})
    assert (error, description) == ("invalid_request", "sub is asked for with values that exclude one another.")


def test_a_voluntary_acr_is_a_wish_before_those_of_acr_values() -> None:
    asked = ask({"id_token": {"acr": {"values": ["eleve", "x"]}}}, acr_values="responsable eleve")
    assert (asked.acr_values, asked.essential_acr) == (("eleve", "x", "responsable"), ())


@pytest.mark.parametrize("how", [{"value": "eleve"}, {"values": ["x", "eleve"]}])
def test_an_essential_acr_is_a_condition(how: dict[str, Any]) -> None:
    asked = ask({"id_token": {"acr": {"essential": True, **how}}})
    assert asked.essential_acr == ("eleve",)
    assert "eleve" in asked.acr_values


def test_an_essential_acr_without_values_or_for_userinfo_is_none() -> None:
    assert ask({"id_token": {"acr": {"essential": True}}}).essential_acr == ()
    assert ask({"userinfo": {"acr": {"essential": True, "value": "x"}}}).essential_acr == ()


def test_an_essential_acr_that_nobody_can_meet_is_refused_at_once() -> None:
    error, _ = refused({"id_token": {"acr": {"essential": True, "values": ["eidas3"]}}})
    assert error == "unmet_authentication_requirements"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["userinfo", "id_token", "sub", "acr", "given_name", "value", "values", "essential"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(claims=_JSON)
def test_whatever_json_is_sent_it_is_read_or_refused(claims: Any) -> None:
    try:
        asked = ask(json.dumps(claims))
    except RedirectedError:
        return
    assert AuthorizationRequest.from_json(asked.to_json()) == asked
    asked.to_json().encode()
