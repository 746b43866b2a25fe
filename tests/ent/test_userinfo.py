"""Userinfo (OpenID Connect Core 1.0, 5.3.2 and 5.3.4): of the same person as the ID token, plain or signed."""

import json
from typing import Any

import pytest
from flask import Response
from joserfc import jws, jwt
from joserfc.jwk import OctKey

from tests.ent.conftest import Person, World, refused_check, words
from tests.ent.provider import OTHER_RSA_KEY, RSA_KEY
from tests.ent.test_checks import b64, change


def answer_with(world: World, text: str) -> None:
    world.provider.break_at = {"userinfo": Response(text, content_type="application/jwt; charset=utf-8")}


def claims_of(world: World, **changes: Any) -> dict[str, Any]:
    provider = world.provider
    claims = {"sub": provider.sub, "iss": provider.issuer, "aud": provider.client_id, **provider.person}
    return dict(change(**changes)(claims))


def signed(claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "rsa-1", **header}, claims, RSA_KEY)


# --- plain ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sub", ["somebody-else", None])
def test_userinfo_of_somebody_else_is_refused(world: World, joe: Person, sub: str | None) -> None:
    world.provider.bend_userinfo = change(sub=sub)
    assert refused_check(joe.sign_in(), joe) == "userinfo_sub"


def test_a_provider_without_userinfo_is_enough_when_the_id_token_holds_the_claims(world: World, joe: Person) -> None:
    world.provider.claims_in_id_token = True
    world.provider.bend_metadata = change(userinfo_endpoint=None)
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())
    assert "userinfo" not in world.provider.seen


def test_claims_of_the_id_token_win_over_those_of_userinfo(world: World, joe: Person) -> None:
    world.provider.claims_in_id_token = True
    world.provider.bend_userinfo = change(given_name="Mallory", FrEduCtRefId=["{AAF}10||888"])
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())


# --- signed ---------------------------------------------------------------------------------------------------------------------------


def test_signed_userinfo_is_verified_and_read(world: World, joe: Person) -> None:
    world.provider.signed_userinfo = True
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())


@pytest.mark.parametrize("content_type", ["application/jwt", "application/jwt; charset=utf-8", "Application/JWT"])
def test_a_signed_answer_is_known_by_its_media_type(world: World, joe: Person, content_type: str) -> None:
    world.provider.break_at = {"userinfo": Response(signed(claims_of(world)), content_type=content_type)}
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())


@pytest.mark.parametrize(
    "bent", [{"iss": "https://evil.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"aud": ["other"]}]
)
def test_signed_userinfo_from_or_for_somebody_else_is_refused(world: World, joe: Person, bent: dict[str, Any]) -> None:
    world.provider.signed_userinfo = True
    world.provider.bend_userinfo = change(**bent)
    assert refused_check(joe.sign_in(), joe) == "userinfo"


@pytest.mark.parametrize("sub", ["somebody-else", None])
def test_signed_userinfo_of_somebody_else_is_refused(world: World, joe: Person, sub: str | None) -> None:
    world.provider.signed_userinfo = True
    world.provider.bend_userinfo = change(sub=sub)
    assert refused_check(joe.sign_in(), joe) == "userinfo_sub"


@pytest.mark.parametrize(("offset", "taken"), [(-59, True), (-60, False), (300, True)])
def test_signed_userinfo_may_expire_and_then_does(world: World, joe: Person, offset: int, taken: bool) -> None:
    """RFC 7519, 4.1.4: `exp` is optional, and obeyed where it is."""
    answer_with(world, signed(claims_of(world, exp=int(world.clock.now().timestamp()) + offset)))
    page = joe.sign_in()
    assert "Bonjour" in words(page) if taken else refused_check(page, joe) == "userinfo"


def test_signed_userinfo_with_a_foreign_signature_is_refused(world: World, joe: Person) -> None:
    answer_with(world, jwt.encode({"alg": "RS256", "kid": "rsa-1"}, claims_of(world), OTHER_RSA_KEY))
    assert refused_check(joe.sign_in(), joe) == "userinfo"


def test_signed_userinfo_that_is_not_signed_or_with_a_secret_is_refused(world: World, joe: Person) -> None:
    claims = claims_of(world)
    unsigned = b64(b'{"alg":"none"}') + "." + b64(json.dumps(claims).encode()) + "."
    shared = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("s:e%c r+é/t" * 4), algorithms=["HS256"])
    for text in (unsigned, shared, "a.b.c.d.e", json.dumps(claims)):
        answer_with(world, text)
        assert refused_check(joe.sign_in(), joe) == "userinfo"


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt"])
def test_a_signed_text_of_another_type_is_not_taken_for_userinfo(world: World, joe: Person, typ: str) -> None:
    answer_with(world, signed(claims_of(world), typ=typ))
    assert refused_check(joe.sign_in(), joe) == "userinfo"


def test_signed_userinfo_that_is_no_object_of_claims_is_refused(world: World, joe: Person) -> None:
    answer_with(world, jws.serialize_compact({"alg": "RS256", "kid": "rsa-1"}, "[1]", RSA_KEY))
    assert refused_check(joe.sign_in(), joe) == "userinfo"


def test_a_signed_text_that_calls_itself_json_is_refused(world: World, joe: Person) -> None:
    world.provider.break_at = {"userinfo": Response(signed(claims_of(world)), content_type="application/json")}
    assert refused_check(joe.sign_in(), joe) == "userinfo"


def test_a_key_that_was_rotated_between_the_two_answers_is_found(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.published_keys = [RSA_KEY, OTHER_RSA_KEY]
    answer_with(world, jwt.encode({"alg": "RS256", "kid": "rsa-2"}, claims_of(world), OTHER_RSA_KEY))
    assert "Bonjour" in words(world.person().sign_in())
