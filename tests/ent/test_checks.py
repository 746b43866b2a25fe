"""Every check that a relying party owes: the provider bends one answer, the ENT refuses and says which check it was."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from flask import Response
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from ent_client.checks import CHECKS
from tests.ent.conftest import Person, World, refused_check, words
from tests.ent.provider import EC_KEY, OTHER_RSA_KEY, RSA_KEY


def change(**values: Any) -> Any:
    return lambda it: {name: value for name, value in {**it, **values}.items() if value is not None}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_an_honest_provider_passes_every_check(joe: Person) -> None:
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())
    page = joe.open("/diagnostic")
    assert page.text.count('class="controle reussi"') == len(CHECKS)


def test_every_check_has_a_code_of_its_own_and_a_paragraph() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    assert all(check.paragraph and check.function.__doc__ for check in CHECKS)


# --- discovery ------------------------------------------------------------------------------------------------------------------------


def test_metadata_that_speaks_for_another_issuer_is_refused(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(issuer="https://evil.example")
    assert refused_check(joe.sign_in(), joe) == "discovery_issuer"
    assert world.provider.authorize_requests == []


def test_an_issuer_that_differs_by_a_slash_is_refused(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(issuer=world.provider.issuer + "/")
    assert refused_check(joe.sign_in(), joe) == "discovery_issuer"


@pytest.mark.parametrize(
    "name",
    [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ],
)
def test_an_endpoint_at_another_origin_is_refused(world: World, joe: Person, name: str) -> None:
    world.provider.bend_metadata = change(**{name: "http://127.0.0.1:9/x"})
    assert refused_check(joe.sign_in(), joe) == "discovery_endpoints"


def test_an_endpoint_whose_host_hides_behind_a_user_name_is_refused(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(token_endpoint=world.provider.origin + "@evil.example/token")
    assert refused_check(joe.sign_in(), joe) == "discovery_endpoints"


def test_missing_endpoints_are_refused(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(token_endpoint=None)
    assert refused_check(joe.sign_in(), joe) == "discovery_endpoints"


def test_the_known_quirk_is_accepted_when_it_is_set_and_refused_when_it_is_not(world: World, joe: Person) -> None:
    world.provider.issuer_path = "/idp"
    assert refused_check(joe.sign_in(), joe) == "discovery_issuer"
    world.rebuild(
        issuer=world.provider.origin + "/idp", discovery_url=world.provider.origin + "/.well-known/openid-configuration"
    )
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())


def test_what_servers_call_may_be_at_one_other_origin_and_at_no_third(world: World, joe: Person) -> None:
    """As containers do. `127.0.0.1` is the other name of the same provider."""
    elsewhere = world.provider.origin.replace("localhost", "127.0.0.1")
    world.rebuild(backchannel_origin=elsewhere)
    assert refused_check(joe.sign_in(), joe) == "discovery_endpoints", "the usual origin is not where we call"
    oidc = "/idp/profile/oidc"
    paths = {name + "_endpoint": f"{oidc}/{name}" for name in ("token", "userinfo")}
    paths |= {"revocation_endpoint": f"{oidc}/revoke", "jwks_uri": "/idp/jwks"}
    moved = {name: elsewhere + path for name, path in paths.items()}
    world.provider.bend_metadata = change(**moved)
    world.rebuild(backchannel_origin=elsewhere)
    assert "Bonjour Joe DUPONT" in words(world.person().sign_in())
    world.provider.bend_metadata = change(**moved, authorization_endpoint=elsewhere + "/authorize")
    world.rebuild(backchannel_origin=elsewhere)
    third = world.person()
    assert refused_check(third.sign_in(), third) == "discovery_endpoints", "browsers stay at the issuer's origin"


# --- the way back ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("iss", ["https://evil.example", "", None, "OURS/", "OURS/idp", "HTTP://", " OURS", "OURS\x00"])
def test_a_callback_with_a_wrong_or_missing_iss_is_refused(world: World, joe: Person, iss: str | None) -> None:
    """RFC 9207, 2.4: compared as two texts, nothing is normalised."""
    ours = world.provider.issuer
    bent = ours.upper() if iss == "HTTP://" else iss and iss.replace("OURS", ours)
    world.provider.bend_callback = change(iss=bent)
    assert refused_check(joe.sign_in(), joe) == "callback_iss"
    assert "token" not in world.provider.seen


def test_a_missing_iss_is_accepted_from_a_provider_that_does_not_announce_it_but_a_wrong_one_is_not(
    world: World, joe: Person
) -> None:
    world.provider.bend_metadata = change(authorization_response_iss_parameter_supported=None)
    world.provider.bend_callback = change(iss=None)
    assert "Bonjour" in words(joe.sign_in())
    for iss in ("https://evil.example", ""):
        world.provider.bend_callback = change(iss=iss)
        jean = world.person()
        assert refused_check(jean.sign_in(), jean) == "callback_iss"


def test_access_denied_leads_to_the_friendly_page(world: World, joe: Person) -> None:
    world.provider.bend_callback = change(code=None, error="access_denied", error_description="<b>non</b>")
    page = joe.sign_in()
    assert "Recommencez. Si cela continue, attendez quelques minutes." in words(page)
    assert "access_denied" not in page.text
    assert refused_check(page, joe) == "provider_error"
    assert "<b>non" not in joe.open("/diagnostic").text


def test_an_error_beside_a_code_wins(world: World, joe: Person) -> None:
    world.provider.bend_callback = change(error="server_error")
    assert refused_check(joe.sign_in(), joe) == "provider_error"
    assert "token" not in world.provider.seen


def test_an_error_from_somebody_else_is_refused_for_its_iss_first(world: World, joe: Person) -> None:
    world.provider.bend_callback = change(code=None, error="access_denied", iss="https://evil.example")
    assert refused_check(joe.sign_in(), joe) == "callback_iss"


def test_an_error_without_the_iss_that_the_provider_announces_is_not_believed(world: World, joe: Person) -> None:
    world.provider.bend_callback = change(code=None, error="access_denied", iss=None)
    assert refused_check(joe.sign_in(), joe) == "callback_iss"


def test_a_provider_that_announces_iss_in_another_way_than_true_does_not_announce_it(world: World, joe: Person) -> None:
    world.provider.bend_metadata = change(authorization_response_iss_parameter_supported="true")
    world.provider.bend_callback = change(iss=None)
    assert "Bonjour" in words(joe.sign_in())


def test_a_callback_without_a_code_is_refused(world: World, joe: Person) -> None:
    world.provider.bend_callback = change(code=None)
    assert refused_check(joe.sign_in(), joe) == "code"


@pytest.mark.parametrize(("name", "check"), [("state", "state"), ("iss", "callback_iss"), ("code", "code")])
def test_a_parameter_sent_twice_is_refused(world: World, joe: Person, name: str, check: str) -> None:
    world.provider.bend_callback = lambda it: {**it, name: [it[name], it[name]]}
    assert refused_check(joe.sign_in(), joe) == check


# --- the ID token ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bent", [{"token_type": "mac"}, {"token_type": None}, {"id_token": None}, {"access_token": None}]
)
def test_an_incomplete_token_response_is_refused(world: World, joe: Person, bent: dict[str, Any]) -> None:
    world.provider.bend_token = change(**bent)
    assert refused_check(joe.sign_in(), joe) == "token_response"


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return b64(json.dumps({**header, "alg": "none"}).encode()) + "." + b64(json.dumps(claims).encode()) + "."


def signed_with_the_client_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode({**header, "alg": "HS256"}, claims, OctKey.import_key("s:e%c r+é/t" * 4))


def signed_with_the_public_key_as_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    text = b64(json.dumps({**header, "alg": "HS256"}).encode()) + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(hmac.digest(RSA_KEY.as_pem(private=False), text.encode(), "sha256"))


def signed_with_rs512(header: dict[str, Any], claims: dict[str, Any]) -> str:
    free = RSAKey.import_key(RSA_KEY.as_pem(private=True))
    return jwt.encode({**header, "alg": "RS512"}, claims, free, algorithms=["RS512"])


@pytest.mark.parametrize(
    "sign", [unsigned, signed_with_the_client_secret, signed_with_the_public_key_as_secret, signed_with_rs512]
)
def test_an_algorithm_that_is_not_on_our_own_list_is_refused_even_if_the_metadata_offers_it(
    world: World, joe: Person, sign: Any
) -> None:
    world.provider.sign = sign
    assert refused_check(joe.sign_in(), joe) == "alg"


@pytest.mark.parametrize("text", ["x", "a.b.c", "a.b", "é.é.é", "....", "e30.e30.e30"])
def test_what_is_not_a_compact_jws_is_refused(world: World, joe: Person, text: str) -> None:
    world.provider.bend_token = change(id_token=text)
    assert refused_check(joe.sign_in(), joe) == "alg"


def test_a_token_of_another_type_is_not_taken_for_an_id_token(world: World, joe: Person) -> None:
    world.provider.bend_header = change(typ="logout+jwt")
    assert refused_check(joe.sign_in(), joe) == "alg"


def test_es256_is_accepted_and_may_be_left_out_by_setting(world: World, joe: Person) -> None:
    world.provider.signing_key = EC_KEY
    assert "Bonjour" in words(joe.sign_in())
    world.rebuild(algorithms=("RS256",))
    jean = world.person()
    assert refused_check(jean.sign_in(), jean) == "alg"


def test_an_unknown_kid_makes_the_keys_be_read_again_once_and_a_rotated_key_is_found(world: World, joe: Person) -> None:
    assert "Bonjour" in words(joe.sign_in())
    world.provider.signing_key = OTHER_RSA_KEY
    world.provider.published_keys = [RSA_KEY, OTHER_RSA_KEY]
    world.provider.seen.clear()
    jean = world.person()
    assert "Bonjour" in words(jean.sign_in())
    assert world.provider.seen.count("jwks") == 1


def test_a_kid_that_stays_unknown_is_refused_after_one_more_reading(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.signing_key = OTHER_RSA_KEY
    world.provider.seen.clear()
    jean = world.person()
    assert refused_check(jean.sign_in(), jean) == "signature"
    assert world.provider.seen.count("jwks") == 1


def test_a_token_without_kid_is_refused_when_several_keys_are_published_and_read_when_there_is_one(
    world: World, joe: Person
) -> None:
    world.provider.bend_header = change(kid=None)
    assert refused_check(joe.sign_in(), joe) == "signature"
    world.provider.published_keys = [RSA_KEY]
    assert "Bonjour" in words(joe.sign_in())


def test_a_short_rsa_key_is_not_used(world: World, joe: Person) -> None:
    with pytest.warns(match="2048"):
        short = RSAKey.generate_key(1024, parameters={"kid": "short", "use": "sig"}, private=True)
    world.provider.published_keys = [short]
    assert refused_check(joe.sign_in(), joe) == "signature"


def test_keys_that_we_cannot_use_are_left_aside(world: World, joe: Person) -> None:
    keys = [{"kty": "odd", "kid": "rsa-1"}, "text", {"kty": "RSA", "kid": "rsa-1", "use": "enc"}, {"kty": "RSA"}]
    document = {"keys": [*keys, RSA_KEY.as_dict(private=False)]}
    world.provider.break_at = {"jwks": Response(json.dumps(document), content_type="application/json")}
    assert "Bonjour" in words(joe.sign_in())


def test_a_token_signed_by_another_key_under_the_same_kid_is_refused(world: World, joe: Person) -> None:
    world.provider.sign = lambda header, claims: jwt.encode(header, claims, OTHER_RSA_KEY)
    assert refused_check(joe.sign_in(), joe) == "signature"


def test_a_key_carried_by_the_token_itself_is_not_believed(world: World, joe: Person) -> None:
    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode({**header, "jwk": OTHER_RSA_KEY.as_dict(private=False)}, claims, OTHER_RSA_KEY)

    world.provider.sign = sign
    assert refused_check(joe.sign_in(), joe) in ("alg", "signature")


def test_an_unknown_critical_header_is_refused(world: World, joe: Person) -> None:
    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        protected = (
            b64(json.dumps({**header, "crit": ["odd"], "odd": 1}).encode()) + "." + b64(json.dumps(claims).encode())
        )
        return protected + "." + b64(RSA_KEY_SIGN(protected.encode()))

    world.provider.sign = sign
    assert refused_check(joe.sign_in(), joe) in ("alg", "signature")


def RSA_KEY_SIGN(data: bytes) -> bytes:  # noqa: N802 - reads as the act that it is
    return jws.JWSRegistry.algorithms["RS256"].sign(data, RSA_KEY)


def test_a_signed_text_that_is_not_an_object_of_claims_is_refused(world: World, joe: Person) -> None:
    world.provider.sign = lambda header, _claims: jws.serialize_compact(header, "[1]", RSA_KEY)
    assert refused_check(joe.sign_in(), joe) == "signature"


@pytest.mark.parametrize(
    ("bent", "check"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 12}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"aud": "other"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": ["other"]}, "aud"),
        ({"aud": "ent-marronnier-2"}, "aud"),
        ({"aud": ["ent-marronnier", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"aud": ["ent-marronnier", "other"], "azp": "other"}, "azp"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": None}, "iat"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ["x"]}, "nonce"),
        ({"at_hash": "another"}, "at_hash"),
        ({"at_hash": 3}, "at_hash"),
    ],
)
def test_a_wrong_claim_is_refused_by_its_own_check(world: World, joe: Person, bent: dict[str, Any], check: str) -> None:
    world.provider.bend_claims = change(**bent)
    assert refused_check(joe.sign_in(), joe) == check


@pytest.mark.parametrize("claim", [{"iss": ["x"]}, {"iss": {"a": 1}}])
def test_an_issuer_that_is_not_a_text_is_refused(world: World, joe: Person, claim: dict[str, Any]) -> None:
    world.provider.bend_claims = change(**claim)
    assert refused_check(joe.sign_in(), joe) in ("iss", "signature")


@pytest.mark.parametrize(
    "bent",
    [
        {"aud": ["ent-marronnier"]},
        {"aud": ["ent-marronnier", "other"], "azp": "ent-marronnier"},
        {"azp": "ent-marronnier"},
        {"at_hash": None},
    ],
)
def test_the_other_forms_that_the_text_allows_are_accepted(world: World, joe: Person, bent: dict[str, Any]) -> None:
    world.provider.bend_claims = change(**bent)
    assert "Bonjour" in words(joe.sign_in())


@pytest.mark.parametrize(
    ("name", "offset", "accepted"),
    [
        ("exp", -59, True),
        ("exp", -60, False),
        ("exp", -3600, False),
        ("iat", 60, True),
        ("iat", 61, False),
        ("iat", -60, True),
        ("iat", -61, False),
    ],
)
def test_clocks_may_differ_by_a_minute_and_no_more(
    world: World, joe: Person, name: str, offset: int, accepted: bool
) -> None:
    moment = int(world.clock.now().timestamp()) + offset
    world.provider.bend_claims = change(**{name: moment})
    page = joe.sign_in()
    if accepted:
        assert "Bonjour" in words(page)
    else:
        assert refused_check(page, joe) == name


def test_an_acr_is_required_only_when_the_setting_says_so(world: World, joe: Person) -> None:
    world.rebuild(expected_acr=("eidas1",))
    assert "Bonjour" in words(joe.sign_in())
    world.provider.bend_claims = change(acr="weak")
    jean = world.person()
    assert refused_check(jean.sign_in(), jean) == "acr"
    world.rebuild(expected_acr=())
    assert "Bonjour" in words(jean.sign_in())
