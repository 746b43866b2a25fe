"""OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8: the provider's server tells ours, and only a valid logout token ends a session."""

import hmac
import json
import re
from typing import Any

import pytest
import requests
from flask import Response
from joserfc import jws, jwt
from joserfc.jwk import OctKey

from ent_client.logout_token import LOGOUT_CHECKS, LOGOUT_EVENT
from tests.ent.conftest import Person, World, refused_check, words
from tests.ent.provider import EC_KEY, OTHER_RSA_KEY, RSA_KEY
from tests.ent.test_checks import b64, change

PATH = "/backchannel-logout"


def tell(world: World, token: str | list[str] | None, **more: Any) -> requests.Response:
    """Post as a provider's server does: no cookie, no header of ours."""
    data = None if token is None else {"logout_token": token}
    return requests.post(world.ent + PATH, timeout=10, **({"data": data} | more))


def is_signed_in(person: Person) -> bool:
    return "Bonjour" in words(person.open("/"))


def refusal(answer: requests.Response) -> str:
    """The sentence of a refusal, whose form is checked on the way (2.8; characters of RFC 6749, 5.2)."""
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert set(document) == {"error", "error_description"}
    assert document["error"] == "invalid_request"
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", document["error_description"])
    return str(document["error_description"])


def check_of(answer: requests.Response) -> str:
    """The check that refused."""
    sentence = refusal(answer)
    (found,) = (check.code for check in LOGOUT_CHECKS if sentence.startswith(check.sentence))
    return found


# --- what ends ------------------------------------------------------------------------------------------------------------------------


def test_a_valid_logout_token_ends_the_session_and_is_answered_200_without_a_cache(world: World, joe: Person) -> None:
    joe.sign_in()
    answer = tell(world, world.provider.logout_token())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert not is_signed_in(joe)


def test_sid_ends_that_session_and_leaves_the_others_of_the_person(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.sid = "sid-2"
    elsewhere = world.person()
    elsewhere.sign_in()
    assert tell(world, world.provider.logout_token(sid="sid-1")).status_code == 200
    assert not is_signed_in(joe)
    assert is_signed_in(elsewhere)


def test_sid_alone_is_enough(world: World, joe: Person) -> None:
    joe.sign_in()
    assert tell(world, world.provider.logout_token(sub=None)).status_code == 200
    assert not is_signed_in(joe)


def test_sub_without_sid_ends_every_session_of_the_person_and_of_nobody_else(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.sid = "sid-2"
    elsewhere, angela = world.person(), world.person()
    elsewhere.sign_in()
    world.provider.sid, world.provider.sub = "sid-3", "pairwise-angela"
    angela.sign_in()
    assert tell(world, world.provider.logout_token(sid=None, sub="pairwise-joe")).status_code == 200
    assert not is_signed_in(joe)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(angela)


def test_one_session_of_the_provider_may_be_several_of_ours(world: World, joe: Person) -> None:
    jean = world.person()
    joe.sign_in()
    jean.sign_in()
    tell(world, world.provider.logout_token())
    assert not is_signed_in(joe)
    assert not is_signed_in(jean)


def test_a_session_that_we_do_not_have_is_answered_200_as_well(world: World, joe: Person) -> None:
    joe.sign_in()
    assert tell(world, world.provider.logout_token(sid="unknown")).status_code == 200
    assert is_signed_in(joe)


def test_a_person_whose_sessions_ended_signs_in_again(world: World, joe: Person) -> None:
    joe.sign_in()
    tell(world, world.provider.logout_token(sid=None))
    world.clock.advance(seconds=1)
    assert "Bonjour" in words(joe.sign_in())


@pytest.mark.parametrize("named", [{"sub": None}, {"sid": None}])
def test_a_logout_that_overtakes_the_browser_leaves_no_session_behind(
    world: World, joe: Person, named: dict[str, Any]
) -> None:
    callback = joe.bring_back(joe.start())
    world.clock.advance(seconds=1)
    tell(world, world.provider.logout_token(**named))
    assert refused_check(joe.open(callback), joe) == "session_ended"
    assert not is_signed_in(joe)


def test_a_session_without_a_sid_is_ended_by_its_sub_and_by_no_sid(world: World, joe: Person) -> None:
    world.provider.bend_claims = change(sid=None)
    joe.sign_in()
    tell(world, world.provider.logout_token())
    assert is_signed_in(joe)
    tell(world, world.provider.logout_token(sid=None))
    assert not is_signed_in(joe)


# --- forms that are accepted --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT", "JWT", None])
def test_typ_is_logout_jwt_or_what_older_providers_write(world: World, joe: Person, typ: str | None) -> None:
    joe.sign_in()
    assert tell(world, world.provider.logout_token({"typ": typ})).status_code == 200
    assert not is_signed_in(joe)


@pytest.mark.parametrize("changed", [{"exp": None}, {"aud": ["ent-marronnier"]}, {"more": "is ignored"}])
def test_the_other_forms_that_the_text_allows_are_accepted(world: World, joe: Person, changed: dict[str, Any]) -> None:
    joe.sign_in()
    assert tell(world, world.provider.logout_token(**changed)).status_code == 200
    assert not is_signed_in(joe)


def test_es256_is_accepted_when_it_is_on_our_list(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.signing_key = EC_KEY
    assert tell(world, world.provider.logout_token()).status_code == 200
    assert not is_signed_in(joe)


def test_an_ent_that_was_just_started_reads_the_keys_that_it_needs(world: World) -> None:
    assert tell(world, world.provider.logout_token()).status_code == 200
    assert world.provider.seen == ["discovery", "jwks"]


# --- forms that are refused ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": ["ent-marronnier", "another-client"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": 1e300}, "iat"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"sub": None, "sid": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sid": ""}, "subject"),
        ({"sid": 7}, "subject"),
        ({"sub": ["pairwise-joe"]}, "subject"),
        ({"events": None}, "events"),
        ({"events": {}}, "events"),
        ({"events": [LOGOUT_EVENT]}, "events"),
        ({"events": LOGOUT_EVENT}, "events"),
        ({"events": {LOGOUT_EVENT: None}}, "events"),
        ({"events": {LOGOUT_EVENT: True}}, "events"),
        ({"events": {LOGOUT_EVENT: {}, "https://example/other": {}}}, "events"),
        ({"events": {"https://example/other": {}}}, "events"),
        ({"nonce": "n"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
    ],
)
def test_a_wrong_claim_is_refused_by_its_own_check_and_ends_nothing(
    world: World, joe: Person, changed: dict[str, Any], check: str
) -> None:
    joe.sign_in()
    assert check_of(tell(world, world.provider.logout_token(**changed))) == check
    assert is_signed_in(joe)


@pytest.mark.parametrize(
    ("name", "offset", "taken"),
    [
        ("iat", 60, True),
        ("iat", 61, False),
        ("iat", -360, True),
        ("iat", -361, False),
        ("exp", -59, True),
        ("exp", -60, False),
    ],
)
def test_iat_is_five_minutes_old_at_most_and_clocks_may_differ_by_a_minute(
    world: World, name: str, offset: int, taken: bool
) -> None:
    answer = tell(world, world.provider.logout_token(**{name: int(world.clock.now().timestamp()) + offset}))
    assert answer.status_code == 200 if taken else check_of(answer) == name


def test_a_jti_is_taken_once(world: World, joe: Person) -> None:
    token = world.provider.logout_token()
    assert tell(world, token).status_code == 200
    world.clock.advance(seconds=1)
    joe.sign_in()
    assert check_of(tell(world, token)) == "jti"
    assert check_of(tell(world, world.provider.logout_token(jti=json.loads(payload_of(token))["jti"]))) == "jti"
    assert is_signed_in(joe)


def payload_of(token: str) -> bytes:
    payload = jws.extract_compact(token.encode()).payload
    assert payload
    return payload


def test_a_jti_is_remembered_for_as_long_as_its_token_could_be_taken(world: World) -> None:
    late = int(world.clock.now().timestamp()) + 60
    token = world.provider.logout_token(iat=late, exp=None)
    assert tell(world, token).status_code == 200
    world.clock.advance(seconds=60 + 360)
    assert check_of(tell(world, token)) == "jti"
    world.clock.advance(seconds=1)
    assert check_of(tell(world, token)) == "iat"


def test_a_token_that_is_refused_does_not_use_up_its_jti(world: World) -> None:
    assert check_of(tell(world, world.provider.logout_token(jti="one", nonce="n"))) == "nonce"
    assert tell(world, world.provider.logout_token(jti="one")).status_code == 200


def test_an_id_token_is_no_logout_token(world: World, joe: Person) -> None:
    joe.sign_in()
    assert check_of(tell(world, world.provider.id_tokens[0])) == "events"
    assert is_signed_in(joe)


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "secevent+jwt", "", 7])
def test_a_text_of_another_type_is_no_logout_token(world: World, typ: Any) -> None:
    assert check_of(tell(world, forged({"alg": "RS256", "kid": "rsa-1", "typ": typ}))) == "typ"


def forged(header: dict[str, Any]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(b'{}')}.{b64(b'x')}"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.b", "é.é.é", "....", "a.b.c.d.e", "e30", "\ud800"])
def test_what_is_not_a_compact_jws_is_refused(world: World, text: str) -> None:
    sent = text.encode("utf-8", "surrogatepass")
    assert check_of(tell(world, None, data={"logout_token": sent})) in ("jws", "alg")


def test_a_list_of_critical_members_that_is_none_is_refused(world: World) -> None:
    header = {"alg": "RS256", "kid": RSA_KEY.kid, "crit": 5}
    assert check_of(tell(world, forged(header))) == "signature"


def signed_with_the_public_key_as_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    text = b64(json.dumps({**header, "alg": "HS256"}).encode()) + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(hmac.digest(RSA_KEY.as_pem(private=False), text.encode(), "sha256"))


@pytest.mark.parametrize(
    "sign",
    [
        lambda header, claims: (
            b64(json.dumps({**header, "alg": "none"}).encode()) + "." + b64(json.dumps(claims).encode()) + "."
        ),
        lambda header, claims: jwt.encode(
            {**header, "alg": "HS256"}, claims, OctKey.import_key("s:e%c r+é/t" * 4), algorithms=["HS256"]
        ),
        signed_with_the_public_key_as_secret,
    ],
    ids=["none", "client_secret", "public key as secret"],
)
def test_an_algorithm_that_was_not_agreed_is_refused(world: World, joe: Person, sign: Any) -> None:
    joe.sign_in()
    world.provider.sign = sign
    assert check_of(tell(world, world.provider.logout_token())) == "alg"
    assert is_signed_in(joe)


def test_an_algorithm_that_the_settings_leave_out_is_refused(world: World) -> None:
    world.rebuild(algorithms=("RS256",))
    world.provider.signing_key = EC_KEY
    assert check_of(tell(world, world.provider.logout_token())) == "alg"


def test_a_signature_by_another_key_is_refused(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.sign = lambda header, claims: jwt.encode(header, claims, OTHER_RSA_KEY)
    assert check_of(tell(world, world.provider.logout_token())) == "signature"
    assert is_signed_in(joe)


def test_a_key_that_the_token_brings_along_is_not_believed(world: World, joe: Person) -> None:
    joe.sign_in()
    own = OTHER_RSA_KEY.as_dict(private=False)
    world.provider.sign = lambda header, claims: jwt.encode({**header, "jwk": own}, claims, OTHER_RSA_KEY)
    assert check_of(tell(world, world.provider.logout_token())) in ("jws", "signature")
    assert is_signed_in(joe)


def test_a_signed_text_that_is_not_an_object_of_claims_is_refused(world: World) -> None:
    world.provider.sign = lambda header, _claims: jws.serialize_compact(header, "[1]", RSA_KEY)
    assert check_of(tell(world, world.provider.logout_token())) == "signature"


@pytest.mark.parametrize(
    "more",
    [
        {"data": None},
        {"data": {"token": "x"}},
        {"data": {"logout_token": ["x", "x"]}},
        {"data": {"logout_token": "x" * 20_000}},
        {"data": None, "params": {"logout_token": "x"}},
        {"data": None, "json": {"logout_token": "x"}},
        {"data": None, "files": {"logout_token": (None, "x")}},
    ],
    ids=["nothing", "another field", "twice", "too large", "in the query", "as JSON", "multipart"],
)
def test_anything_but_a_form_with_one_logout_token_is_refused(world: World, more: dict[str, Any]) -> None:
    assert refusal(tell(world, None, **more)).startswith("The body must be a form")


def test_a_browser_that_opens_the_address_is_told_that_it_takes_post(joe: Person) -> None:
    assert joe.open(PATH).status_code == 405


# --- keys that rotate, and strangers ------------------------------------------------------------------------------------------------------


def rotate(world: World) -> None:
    world.provider.signing_key = OTHER_RSA_KEY
    world.provider.published_keys = [RSA_KEY, OTHER_RSA_KEY]


def test_an_unknown_kid_makes_the_keys_be_read_again(world: World, joe: Person) -> None:
    joe.sign_in()
    rotate(world)
    assert tell(world, world.provider.logout_token()).status_code == 200
    assert not is_signed_in(joe)


def test_strangers_who_name_unknown_keys_make_us_ask_once_in_ten_seconds(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.seen.clear()
    for number in range(5):
        assert check_of(tell(world, forged({"alg": "RS256", "kid": f"unknown-{number}"}))) == "signature"
    assert world.provider.seen == ["jwks"]
    rotate(world)
    assert check_of(tell(world, world.provider.logout_token())) == "signature"
    world.clock.advance(seconds=10)
    assert tell(world, world.provider.logout_token()).status_code == 200


def test_strangers_do_not_keep_a_sign_in_from_finding_a_new_key(world: World, joe: Person) -> None:
    tell(world, forged({"alg": "RS256", "kid": "unknown"}))
    rotate(world)
    assert "Bonjour" in words(joe.sign_in())


@pytest.mark.parametrize("endpoint", ["discovery", "jwks"])
def test_a_provider_whose_keys_cannot_be_read_is_answered_400(world: World, endpoint: str) -> None:
    world.provider.break_at = {endpoint: Response("", 500)}
    assert refusal(tell(world, world.provider.logout_token())) == "The keys of the issuer cannot be read now."


def test_keys_at_another_origin_are_not_read(world: World) -> None:
    elsewhere = world.provider.origin.replace("localhost", "127.0.0.1")
    world.provider.bend_metadata = change(jwks_uri=elsewhere + "/idp/jwks")
    assert refusal(tell(world, world.provider.logout_token())) == "The keys of the issuer cannot be read now."
    assert world.provider.seen == ["discovery"]


# --- logs ---------------------------------------------------------------------------------------------------------------------------------


def test_logs_say_how_many_sessions_ended_and_which_check_refused_and_no_more(
    world: World, joe: Person, caplog: pytest.LogCaptureFixture
) -> None:
    joe.sign_in()
    caplog.set_level("INFO", "ent_client")
    caplog.clear()
    token = world.provider.logout_token()
    tell(world, token)
    tell(world, token)
    fields = [(record.getMessage(), record.__dict__["fields"]) for record in caplog.records]
    assert fields == [
        ("sessions ended by the provider", {"named_by": "sid", "ended": 1}),
        ("logout token refused", {"check": "jti"}),
    ]


def test_every_check_has_a_code_of_its_own_a_paragraph_and_a_sentence() -> None:
    assert len({check.code for check in LOGOUT_CHECKS}) == len(LOGOUT_CHECKS)
    assert all(check.paragraph and check.sentence and check.holds.__doc__ for check in LOGOUT_CHECKS)
