"""RFC 8707 section 2."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt

from idp.protocol.authorization_checks import check_authorization_request
from idp.protocol.authorization_request import AuthorizationRequest, RedirectedError
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.pushed_authorization_rfc9126 import answer_pushed_request
from idp.protocol.resource import Resources, find_identifier_fault
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.token_redemption import Minted, Standing
from tests.protocol.surroundings import CANTEEN, ENT, ISSUER, LIBRARY, RESOURCES, SECRET, Surroundings, signing_key
from tests.protocol.test_authorization_request_rfc6749 import RIGHT, RULES, check, refused
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_refresh_token_rfc6749 import RIGHT as RIGHT_REFRESH
from tests.protocol.test_request_object_rfc9101 import SIGNS, ask, inside, sign
from tests.protocol.test_request_object_rfc9101 import refused as refused_object
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT as RIGHT_CODE
from tests.protocol.test_token_endpoint_rfc6749 import assert_refused
from tests.support.relying_party import unverified_claims

API = "https://api.ent.example/"
BOTH = (CANTEEN.resource, LIBRARY.resource)
READER = replace(
    ENT,
    scope=("openid", "profile", "canteen.read", "library.read", "offline_access"),
    grant_types=("authorization_code", "refresh_token"),
    resources=BOTH,
)
GRANTED = "openid profile canteen.read library.read"


# --- the authorization request (section 2.1) --------------------------------------------------------------------------------------------


def authorize(*resources: str, scope: str = GRANTED) -> AuthorizationRequest:
    params = [*{**RIGHT, "scope": scope}.items(), *(("resource", one) for one in resources)]
    return check_authorization_request(params, replace(RULES, load_client={"ent": READER}.get))


def test_a_resource_that_is_not_known_is_an_invalid_target() -> None:
    assert refused(resource=API).error == "invalid_target"
    assert refused(resource="no address").error == "invalid_target"


def test_a_client_may_name_several_which_is_no_repetition() -> None:
    assert refused(("resource", API), ("resource", f"{API}more")).error == "invalid_target"
    assert authorize(*BOTH).resources == BOTH
    assert authorize(CANTEEN.resource, *BOTH).resources == BOTH, "each counts once"


def test_an_empty_one_counts_as_absent() -> None:
    assert check(resource="").client_id == "ent"
    assert authorize("").resources == ()


@pytest.mark.parametrize("value", [API, [API], [API, f"{API}more"]])
def test_inside_a_request_object_they_are_a_text_or_a_list(value: Any) -> None:
    assert refused_object(sign(inside(resource=value))).error == "invalid_target"
    assert ask(sign(inside(resource=[]))).client_id == "ent"


@pytest.mark.parametrize("value", [CANTEEN.resource, [CANTEEN.resource], list(BOTH)])
def test_inside_a_request_object_those_of_the_client_are_taken(value: Any) -> None:
    asked = ask(sign(inside(resource=value)), replace(SIGNS, resources=BOTH))
    assert asked.resources == (tuple(value) if isinstance(value, list) else (value,))


def test_outside_a_request_object_they_count_for_nothing() -> None:
    assert ask(sign(inside()), resource=API).client_id == "ent"


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (CANTEEN.resource + "#part", "must have no fragment"),
        (CANTEEN.resource + "#", "must have no fragment"),
        ("/api", "must be an absolute URI"),
        ("//canteen.example/api", "must be an absolute URI"),
        ("canteen.example", "must be an absolute URI"),
        ("https://canteen.example/a b", "must be an absolute URI"),
        ("https://cantine.exämple/", "must be an absolute URI"),
        ("https:", "must be an absolute URI"),
        ("https://canteen.example/" + "x" * 300, "must be an absolute URI"),
        (CANTEEN.resource + "/", "none that this client may ask for"),
        (CANTEEN.resource.upper(), "none that this client may ask for"),
    ],
)
def test_what_is_no_identifier_of_a_resource_is_an_invalid_target(resource: str, words: str) -> None:
    """Also beside a right one: a token for half of what was asked would be a surprise."""
    for asked in ((resource,), (CANTEEN.resource, resource)):
        with pytest.raises(RedirectedError) as raised:
            authorize(*asked)
        assert raised.value.error == "invalid_target"
        assert words in raised.value.description
        assert resource not in raised.value.description, "descriptions are logged"


def test_a_resource_of_other_clients_is_refused_as_one_that_is_not_there() -> None:
    told = [refused(resource=one) for one in (CANTEEN.resource, API)]
    assert [one.description for one in told] == ["resource is none that this client may ask for."] * 2


def test_of_the_scope_only_what_there_is_at_a_named_resource_is_kept() -> None:
    assert authorize(CANTEEN.resource).scope == ("openid", "profile", "canteen.read")
    assert authorize(*BOTH).scope == tuple(GRANTED.split())
    assert authorize().scope == authorize(ISSUER).scope == ("openid", "profile")


def test_a_pushed_request_is_checked_alike() -> None:
    kept: list[AuthorizationRequest] = []

    def push(*resources: str) -> ClientAnswer:
        here = Surroundings(clients={"ent": READER})
        params = [*RIGHT.items(), *(("resource", one) for one in resources)]
        return answer_pushed_request(
            basic("ent", SECRET), params, RULES, desk=here, keep=lambda one: kept.append(one) or "kept"
        )

    assert push(*BOTH).status == 201
    assert kept[0].resources == BOTH
    assert AuthorizationRequest.from_json(kept[0].to_json()) == kept[0]
    assert_refused(push(CANTEEN.resource, API), "invalid_target")
    assert len(kept) == 1


# --- the token request (section 2.2) ----------------------------------------------------------------------------------------------------


def surroundings(*granted: str, **changes: Any) -> Surroundings:
    here = Surroundings(clients={"ent": replace(READER, **changes)})
    here.code = replace(here.code, scope=GRANTED, resources=granted)
    here.refresh_token = replace(here.refresh_token, scope=f"{GRANTED} offline_access", resources=granted)
    return here


def redeem(here: Surroundings, *resources: str, grant: dict[str, str] = RIGHT_CODE, **more: str) -> ClientAnswer:
    params = [*{**grant, **more}.items(), *(("resource", one) for one in resources)]
    return answer_token_request(basic("ent", SECRET), params, here)


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
def test_the_token_is_for_the_resource_that_was_asked_for_and_says_of_the_scope_what_it_can_use(
    grant: dict[str, str],
) -> None:
    here = surroundings(*BOTH)
    answer = redeem(here, CANTEEN.resource, grant=grant)
    assert answer.status == 200
    assert (answer.body["scope"], answer.body["expires_in"]) == ("canteen.read", 600)
    [minted] = here.spent_for
    assert (minted.audience, minted.scope, minted.lifetime) == (CANTEEN.resource, "canteen.read", 600)
    assert unverified_claims(answer.body["id_token"])["aud"] == "ent", "the person signed in to the client all the same"


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
def test_format_and_lifetime_are_those_of_the_resource(grant: dict[str, str]) -> None:
    here = surroundings(*BOTH, id_token_signed_response_alg="ES256")
    body = redeem(here, LIBRARY.resource, grant=grant).body
    read = jwt.decode(body["access_token"], signing_key("RS256").key, algorithms=["RS256"])
    assert read.header["typ"] == "at+jwt"
    claims = read.claims
    assert (claims["aud"], claims["scope"], claims["client_id"]) == (LIBRARY.resource, "library.read", "ent")
    assert (claims["exp"] - claims["iat"], body["expires_in"], here.spent_for[0].lifetime) == (120, 120, 120)
    assert redeem(surroundings(*BOTH, access_token_format="jwt"), CANTEEN.resource).body["access_token"] == (
        "an access token"
    ), "the client's own format is for userinfo"


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
def test_the_only_one_that_was_granted_need_not_be_named(grant: dict[str, str]) -> None:
    here = surroundings(CANTEEN.resource)
    assert redeem(here, grant=grant).status == 200
    assert here.spent_for[0].audience == CANTEEN.resource


def test_without_resource_all_is_as_it_was() -> None:
    here = surroundings()
    answer = redeem(here)
    expected = Minted(READER, answer.body["access_token"], "openid profile", answer.body["refresh_token"])
    assert (here.spent_for, expected.audience) == ([expected], None)
    assert "aud" not in answer.body


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
@pytest.mark.parametrize("granted", [(), (CANTEEN.resource,), BOTH])
def test_userinfo_is_granted_with_openid_and_is_named_by_the_issuer(
    granted: tuple[str, ...], grant: dict[str, str]
) -> None:
    here = surroundings(*granted)
    answer = redeem(here, ISSUER, grant=grant)
    assert answer.status == 200
    assert here.spent_for[0].audience is None
    assert not {"canteen.read", "library.read"} & set(answer.body["scope"].split())


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
@pytest.mark.parametrize(
    ("granted", "asked", "words"),
    [
        ((CANTEEN.resource,), (LIBRARY.resource,), "none that was granted"),
        ((), (CANTEEN.resource,), "none that was granted"),
        (BOTH, (API,), "none that was granted"),
        (BOTH, BOTH, "one at a time"),
        (BOTH, (ISSUER, CANTEEN.resource), "one at a time"),
        (BOTH, (), "name it as resource"),
        ((ISSUER, CANTEEN.resource), (), "name it as resource"),
        (BOTH, (CANTEEN.resource + "#x",), "must have no fragment"),
        (BOTH, ("canteen",), "must be an absolute URI"),
    ],
)
def test_another_token_than_what_was_granted_is_refused_and_nothing_is_used_up(
    granted: tuple[str, ...], asked: tuple[str, ...], words: str, grant: dict[str, str]
) -> None:
    here = surroundings(*granted)
    assert_refused(redeem(here, *asked, grant=grant), "invalid_target", words)
    assert (here.spent_for, here.revoked, here.told_of) == ([], 0, [])


def test_naming_one_twice_is_naming_it() -> None:
    assert redeem(surroundings(*BOTH), CANTEEN.resource, CANTEEN.resource, "").status == 200


@pytest.mark.parametrize("grant", [RIGHT_CODE, RIGHT_REFRESH])
def test_what_a_client_may_not_ask_for_any_more_it_gets_no_more(grant: dict[str, str]) -> None:
    here = surroundings(*BOTH, resources=(LIBRARY.resource,))
    assert_refused(redeem(here, CANTEEN.resource, grant=grant), "invalid_target", "may ask for")
    gone = surroundings(*BOTH)
    gone.resources = Resources(ISSUER, [LIBRARY])
    assert_refused(redeem(gone, CANTEEN.resource, grant=grant), "invalid_target", "may ask for")
    assert redeem(gone, LIBRARY.resource, grant=grant).status == 200


def test_a_wrong_resource_does_not_hide_that_a_code_or_refresh_token_is_replayed() -> None:
    here = surroundings(CANTEEN.resource)
    here.code = replace(here.code, spent=True)
    here.refresh_token = replace(here.refresh_token, standing=Standing.REPLAYED)
    for grant in (RIGHT_CODE, RIGHT_REFRESH):
        assert_refused(redeem(here, API, grant=grant), "invalid_grant", "used already")
    assert here.revoked == 2


def test_a_refresh_may_narrow_the_scope_at_the_resource() -> None:
    here = surroundings(*BOTH)
    body = redeem(here, CANTEEN.resource, grant=RIGHT_REFRESH, scope="canteen.read").body
    assert body["scope"] == "canteen.read"
    assert "id_token" not in body, "openid was left out"
    assert redeem(here, CANTEEN.resource, grant=RIGHT_REFRESH, scope="openid library.read").body["scope"] == ""
    assert_refused(redeem(here, CANTEEN.resource, grant=RIGHT_REFRESH, scope="canteen.write"), "invalid_scope")


def test_a_token_with_a_proof_is_bound_whatever_it_is_for() -> None:
    here = surroundings(CANTEEN.resource)
    answer = answer_token_request(basic("ent", SECRET), list(RIGHT_CODE.items()), here, "a right proof")
    assert answer.body["token_type"] == "DPoP"
    assert (here.spent_for[0].jkt, here.spent_for[0].audience) == ("a thumbprint", CANTEEN.resource)


def test_a_wrong_resource_is_refused_before_a_proof_is_noted() -> None:
    here = surroundings(CANTEEN.resource)
    params = [*RIGHT_CODE.items(), ("resource", API)]
    assert_refused(answer_token_request(basic("ent", SECRET), params, here, "a right proof"), "invalid_target")
    assert here.proofs == []


# --- what resources are called ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier", ["https://a.example", "urn:x", "https://[::1]:8443/api?x=1&y=%20", "mailto:a@b.example"]
)
def test_an_absolute_uri_is_an_identifier(identifier: str) -> None:
    assert find_identifier_fault(identifier) == ""


def test_a_scope_that_two_resources_share_is_each_ones_own() -> None:
    shared = Resources(ISSUER, [CANTEEN, replace(LIBRARY, scope=("canteen.read",))])
    assert shared.scopes == ("canteen.read", "canteen.write")
    for target in BOTH:
        assert shared.narrow(GRANTED.split(), shared.load(target)) == ("canteen.read",)
    assert RESOURCES.narrow(GRANTED.split(), None) == ("openid", "profile")
