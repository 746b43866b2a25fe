"""RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2, RFC 7636 section 4.4."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorization_checks import (
    CHECKS,
    REDIRECTED_TO_THE_CLIENT,
    SHOWN_TO_THE_PERSON,
    check_authorization_request,
)
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError, RequestRules, ShownError
from tests.protocol.surroundings import ENT, ISSUER, NOW, RESOURCES, TABLET, signing_key
from tests.support.relying_party import challenge

RIGHT = {
    "client_id": "ent",
    "redirect_uri": "https://ent.example/retour",
    "response_type": "code",
    "scope": "openid profile",
    "state": "a state",
    "nonce": "a nonce",
    "code_challenge": challenge(),
    "code_challenge_method": "S256",
}
CLIENTS = {
    "ent": ENT,
    "tablet": TABLET,
    "hasty": replace(ENT, client_id="hasty", default_max_age=600),
    "parents": replace(ENT, client_id="parents", default_acr_values=("responsable", "x")),
    "lenient": replace(ENT, client_id="lenient", pkce="if_sent"),
    "loose": replace(ENT, client_id="loose", pkce="unsafe_optional"),
}
RULES = RequestRules(ISSUER, lambda: NOW, CLIENTS.get, lambda: [signing_key("RS256"), signing_key("ES256")], RESOURCES)


def check(*more: tuple[str, str], **changes: str | None) -> AuthorizationRequest:
    params = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return check_authorization_request([*params.items(), *more], RULES)


def refused(*more: tuple[str, str], **changes: str | None) -> RedirectedError:
    with pytest.raises(RedirectedError) as raised:
        check(*more, **changes)
    return raised.value


def test_a_right_request_keeps_what_it_asked() -> None:
    asked = check(max_age="60", prompt="login", acr_values="eleve x", login_hint="j.dupont", ui_locales="fr en")
    assert asked == AuthorizationRequest(
        client_id="ent",
        redirect_uri="https://ent.example/retour",
        scope=("openid", "profile"),
        state="a state",
        nonce="a nonce",
        code_challenge=challenge(),
        prompt=("login",),
        max_age=60,
        acr_values=("eleve", "x"),
        login_hint="j.dupont",
        ui_locales=("fr", "en"),
    )
    assert AuthorizationRequest.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"client_id": None}, "client-id-missing"),
        ({"client_id": "nobody"}, "client-unknown"),
        ({"redirect_uri": None}, "redirect-uri-missing"),
        ({"redirect_uri": "https://ent.example/retour/"}, "redirect-uri-unregistered"),
        ({"redirect_uri": "https://ent.example/retour?x=1"}, "redirect-uri-unregistered"),
        ({"redirect_uri": "HTTPS://ent.example/retour"}, "redirect-uri-unregistered"),
        ({"redirect_uri": "https://ent.example/retour#f"}, "redirect-uri-unregistered"),
    ],
)
def test_an_unknown_client_or_place_to_answer_is_shown_and_never_redirected(
    changes: dict[str, str | None], key: str
) -> None:
    with pytest.raises(ShownError) as raised:
        check(**changes)
    assert raised.value.key == key
    assert raised.value.sent["redirect_uri"] == (changes.get("redirect_uri", RIGHT["redirect_uri"]) or "")
    if "client_id" not in changes:
        assert "https://ent.example/retour" in raised.value.registered["redirect_uri"]


def test_what_is_shown_comes_before_what_is_redirected_and_the_order_is_data() -> None:
    assert (*SHOWN_TO_THE_PERSON, *REDIRECTED_TO_THE_CLIENT) == CHECKS
    with pytest.raises(ShownError):
        check(redirect_uri="https://evil.example/", response_type="token", scope="")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"response_type": None}, "invalid_request", "response_type is missing"),
        ({"response_type": "token"}, "unsupported_response_type", "response_type=code"),
        ({"response_type": "code id_token"}, "unsupported_response_type", "response_type=code"),
        ({"response_mode": "fragment"}, "invalid_request", "query or form_post"),
        ({"scope": None}, "invalid_scope", "openid"),
        ({"scope": "profile"}, "invalid_scope", "openid"),
        ({"code_challenge": None}, "invalid_request", "code_challenge is missing"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request", "must use PKCE"),
        ({"code_challenge_method": "plain"}, "invalid_request", "S256"),
        ({"code_challenge_method": None}, "invalid_request", "S256"),
        ({"code_challenge": "tooshort"}, "invalid_request", "SHA-256"),
        ({"prompt": "none login"}, "invalid_request", "stands alone"),
        ({"max_age": "-1"}, "invalid_request", "max_age"),
        ({"max_age": "soon"}, "invalid_request", "max_age"),
        ({"max_age": "٣"}, "invalid_request", "max_age"),
        ({"request": "a.b.c"}, "invalid_request_object", "no signed JWT"),
        ({"request_uri": "https://ent.example/r"}, "invalid_request_uri", "registered"),
        ({"registration": "{}"}, "registration_not_supported", "not supported"),
    ],
)
def test_anything_else_goes_back_to_the_client_and_names_the_parameter(
    changes: dict[str, str | None], error: str, words: str
) -> None:
    refusal = refused(**changes)
    assert refusal.error == error
    assert words in refusal.description
    assert refusal.request.state == "a state"
    assert refusal.request.redirect_uri == RIGHT["redirect_uri"]


def test_a_parameter_sent_twice_is_refused_by_its_name() -> None:
    assert "scope" in refused(("scope", "openid")).description


def test_an_empty_value_counts_as_absent() -> None:
    assert check(response_mode="", max_age="", request="").max_age is None


def test_the_default_maximum_age_stands_where_none_is_sent_and_is_overridden_by_one() -> None:
    assert check(client_id="hasty").max_age == 600
    assert check(client_id="hasty", max_age="").max_age == 600
    assert check(client_id="hasty", max_age="0").max_age == 0


def test_the_default_acr_values_stand_where_none_are_sent_and_are_overridden_by_any() -> None:
    assert check(client_id="parents").acr_values == ("responsable", "x")
    assert check(client_id="parents", acr_values="").acr_values == ("responsable", "x")
    assert check(client_id="parents", acr_values="eleve").acr_values == ("eleve",)
    assert check(client_id="parents", claims='{"id_token": {"acr": {"value": "eleve"}}}').acr_values == ("eleve",)
    assert check(client_id="parents", claims='{"id_token": {"sub": null}}').acr_values == ("responsable", "x")


def test_unknown_parameters_and_scopes_are_ignored() -> None:
    asked = check(("unheard_of", "1"), ("unheard_of_too", "2"), scope="openid unheard profile openid")
    assert asked.scope == ("openid", "profile")


@pytest.mark.parametrize(
    "hints", [{"display": "wap"}, {"ui_locales": "xx"}, {"claims_locales": "?"}, {"acr_values": "9"}]
)
def test_hints_never_fail(hints: dict[str, str]) -> None:
    check(**hints)


def test_a_client_may_leave_pkce_out_where_its_policy_says_so_and_then_sends_a_nonce() -> None:
    without = {"client_id": "lenient", "code_challenge": None, "code_challenge_method": None}
    assert check(**without).code_challenge is None
    assert "nonce" in refused(**without, nonce=None).description
    assert check(nonce=None).nonce is None, "PKCE protects this one"


def test_a_client_may_leave_both_out_where_its_policy_says_so_and_what_it_sends_is_checked() -> None:
    asked = check(client_id="loose", code_challenge=None, code_challenge_method=None, nonce=None)
    assert (asked.code_challenge, asked.nonce) == (None, None)
    assert "S256" in refused(client_id="loose", code_challenge_method="plain").description


def test_a_public_client_is_held_to_pkce() -> None:
    assert refused(client_id="tablet", code_challenge=None, code_challenge_method=None).error == "invalid_request"


NAMES = st.sampled_from([*RIGHT, "prompt", "max_age", "request", "response_mode", "acr_values", "x"])
VALUES = st.one_of(st.text(max_size=30), st.sampled_from([*RIGHT.values(), "none", "https://evil.example/"]))


@given(params=st.lists(st.tuples(NAMES, VALUES), max_size=14))
def test_whatever_is_sent_the_answer_goes_to_a_registered_place_or_nowhere(params: list[tuple[str, str]]) -> None:
    try:
        asked = check_authorization_request(params, RULES)
    except ShownError:
        return
    except RedirectedError as refusal:
        asked = refusal.request
    assert asked.redirect_uri in ENT.redirect_uris
