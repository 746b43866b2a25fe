"""RFC 7591 section 3.2.2: the client registration error response."""

from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.protocol.client_registration import LONGEST_BODY
from tests.protocol.test_client_registration_rfc7591 import (
    JWKS,
    KEY,
    REDIRECT_URI,
    SHORT_RSA,
    TWO_HOSTS,
    Desk,
    refusal,
    register,
)


@pytest.mark.parametrize(
    ("uris", "words"),
    [
        (None, "at least one address"),
        ([], "at least one address"),
        ("https://ent.example/retour", "list of texts"),
        ([7], "list of texts"),
        ([REDIRECT_URI, "https://ent.example/#fragment"], "redirect_uris[1] must have no fragment"),
        (["https://ent.example/#"], "no fragment"),
        (["http://ent.example/retour"], "must start with https://"),
        (["https://*.ent.example/retour"], "star"),
        (["https://moi:secret@ent.example/"], "no user name and no password"),
        (["/retour"], "must be a web address"),
        (["javascript:alert(1)"], "must be a web address"),
        (["https://[ent.example/"], "must be a web address"),
        (["https://ent.example:0/"], "impossible port"),
        (["https://ent.example/a b"], "no space"),
        (["https://ent.example/\u202ea"], "characters that can be shown"),
        ([REDIRECT_URI, REDIRECT_URI], "the same address twice"),
        ([REDIRECT_URI, "https://autre.example/retour"], "one and the same host"),
    ],
)
def test_the_value_of_one_or_more_redirect_uris_is_invalid(uris: object, words: str) -> None:
    error, description = refusal({"redirect_uris": uris})
    assert error == "invalid_redirect_uri"
    assert words in description


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"jwks_uri": "https://ent.example/jwks", "jwks": JWKS}, "jwks must be absent: jwks_uri says where"),
        ({"jwks_uri": 7}, "jwks_uri must be a text"),
        ({"jwks_uri": "http://ent.example/jwks"}, "jwks_uri must start with https://"),
        ({"jwks_uri": "https://ent.example/jwks#a"}, "jwks_uri must have no fragment"),
        ({"request_uris": "https://ent.example/r"}, "request_uris must be a list of texts"),
        (
            {"request_uris": ["https://ent.example/r", "http://ent.example/r#a"]},
            "request_uris[1] must start with https",
        ),
        ({"request_uris": ["https://ent.example/r"] * 2}, "request_uris holds the same address twice"),
        ({"request_uris": ["urn:ietf:params:oauth:request_uri:x"]}, "request_uris[0] must be a web address"),
        ({"sector_identifier_uri": "http://groupe.example/une.json"}, "sector_identifier_uri must start with https://"),
        ({"sector_identifier_uri": "https://groupe.example/rien"}, "was not read: it does not answer."),
        ({"sector_identifier_uri": "https://groupe.example/page"}, "must lead to a JSON array"),
        ({"sector_identifier_uri": "https://groupe.example/profond"}, "must lead to a JSON array"),
        ({"sector_identifier_uri": "https://groupe.example/texte.json"}, "must lead to a JSON array"),
        ({"sector_identifier_uri": "https://groupe.example/nombres.json"}, "must lead to a JSON array"),
        (
            {"redirect_uris": TWO_HOSTS, "sector_identifier_uri": "https://groupe.example/une.json"},
            "holds every one of redirect_uris",
        ),
        (
            {
                "subject_type": "public",
                "redirect_uris": TWO_HOSTS,
                "sector_identifier_uri": "https://groupe.example/page",
            },
            "must lead to a JSON array",
        ),
        ({"response_types": ["token"]}, "code alone"),
        ({"response_types": ["code", "id_token"]}, "code alone"),
        ({"response_types": []}, "code alone"),
        ({"grant_types": ["implicit"]}, "authorization_code and refresh_token"),
        ({"grant_types": ["authorization_code"] * 2}, "each once"),
        ({"grant_types": ["refresh_token"]}, "must hold authorization_code"),
        ({"grant_types": []}, "must hold authorization_code"),
        ({"token_endpoint_auth_method": "any"}, "must be one of client_secret_basic"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "must be one of client_secret_basic"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "must be a JWK set"),
        ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}, "must be a JWK set"),
        ({"token_endpoint_auth_signing_alg": "HS256"}, "should be"),
        ({"id_token_signed_response_alg": "none"}, "must be one of ES256, RS256"),
        ({"id_token_signed_response_alg": "PS256"}, "must be one of ES256, RS256"),
        ({"userinfo_signed_response_alg": "none"}, "must be one of ES256, RS256"),
        ({"id_token_encrypted_response_alg": "RSA1_5"}, "must be one of RSA-OAEP-256"),
        ({"id_token_encrypted_response_enc": "A256GCM"}, "needs id_token_encrypted_response_alg beside it"),
        ({"id_token_encrypted_response_alg": "ECDH-ES"}, "needs an EC key in jwks"),
        ({"request_object_signing_alg": "none"}, "should be"),
        ({"require_signed_request_object": True}, "must be a JWK set"),
        ({"dpop_bound_access_tokens": "yes"}, "true or false"),
        ({"backchannel_logout_uri": "http://ent.example/logout"}, "backchannel_logout_uri must start with https://"),
        ({"backchannel_logout_session_required": True}, "is for a client with backchannel_logout_uri"),
        ({"frontchannel_logout_uri": "https://autre.example/"}, "must have the scheme, host and port"),
        ({"subject_type": "Public"}, "must be one of pairwise, public"),
        ({"subject_type": "aaf"}, "must be one of pairwise, public"),
        ({"scope": "profile"}, "must hold openid"),
        ({"scope": "openid offline_access"}, "must hold refresh_token"),
        ({"scope": ["openid"]}, "must be a text"),
        ({"client_name": ""}, "client_name"),
        ({"client_name": "x" * 101}, "client_name"),
        ({"client_name": "a\u0000b"}, "characters that can be shown"),
        ({"client_name": "\ud800"}, "characters that can be shown"),
        ({"client_name": "\u202etxt"}, "characters that can be shown"),
        ({"client_name": 7}, "must be a text"),
        ({"contacts": "dev@ent.example"}, "must be a list of texts"),
        ({"client_uri": "http://ent.example/"}, "client_uri must start with https://"),
        ({"logo_uri": "data:image/png;base64,x"}, "logo_uri must be a web address"),
        ({"policy_uri": ""}, "policy_uri must be a web address"),
        ({"tos_uri": "javascript:x"}, "tos_uri must be a web address"),
        ({"initiate_login_uri": "http://ent.example/commencer"}, "must start with https://"),
        (
            {"post_logout_redirect_uris": ["http://ent.example/"]},
            "post_logout_redirect_uris[0] must start with https://",
        ),
        ({"default_max_age": -1}, "default_max_age"),
        ({"default_max_age": 10**12}, "default_max_age"),
        ({"default_max_age": "60"}, "whole number"),
        ({"default_max_age": True}, "whole number"),
        ({"default_max_age": 1.5}, "whole number"),
        ({"require_auth_time": "true"}, "true or false"),
        ({"default_acr_values": "responsable"}, "must be a list of texts"),
        ({"jwks": [KEY.as_dict(private=False)]}, "JWK set"),
        ({"jwks": {"keys": ["x"]}}, "JWK set"),
        ({"jwks": {"keys": [{"kty": {"a": 1}}]}}, "JWK set"),
        ({"jwks": {"keys": [KEY.as_dict(private=True)]}}, "public keys"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "public keys"),
    ],
)
def test_the_value_of_one_of_the_client_metadata_fields_is_invalid(members: dict[str, Any], words: str) -> None:
    error, description = refusal(members)
    assert error == "invalid_client_metadata"
    assert words in description


@pytest.mark.filterwarnings("ignore:Key size")  # joserfc's own remark on the first
@pytest.mark.parametrize(
    "key",
    [
        SHORT_RSA,
        ECKey.generate_key("P-384").as_dict(private=False),
        {"kty": "RSA", "n": "AQAB", "e": ["AQAB"]},
        {"kty": "unknown"},
        {},
    ],
)
def test_keys_that_are_to_prove_something_must_be_good_enough(key: dict[str, Any]) -> None:
    error, description = refusal({"jwks": {"keys": [key]}})
    assert error == "invalid_client_metadata"
    assert description.startswith("jwks.keys[0] ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"null",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"redirect_uris": ["https://ent.example/"], "ignored": NaN}',
        b"[" * 10_000,
        b"1" * 5000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    answer = register(Desk(), body)
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_client_metadata")


def test_a_body_of_another_type_or_too_long_is_refused() -> None:
    good = {"redirect_uris": [REDIRECT_URI]}
    typed = register(Desk(), good, content_type="application/x-www-form-urlencoded")
    assert typed.body is not None
    assert (typed.status, "application/json" in typed.body["error_description"]) == (400, True)
    answer = register(Desk(), {**good, "ignored": "x" * LONGEST_BODY})
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (400, "invalid_client_metadata")
    assert str(LONGEST_BODY) in answer.body["error_description"]


def test_a_description_holds_no_value_and_only_the_characters_of_rfc_6749() -> None:
    for members in (
        {"client_name": "Zqxw" * 40},
        {"id_token_signed_response_alg": "Zqxw"},
        {"logo_uri": "https://Zqxw\u2100.example/"},
    ):
        _, description = refusal(members)
        assert "Zqxw" not in description
        assert all("\x20" <= sign <= "\x7e" and sign not in '"\\' for sign in description)


def test_no_more_clients_than_the_provider_takes() -> None:
    answer = register(Desk(is_full=True), {"redirect_uris": [REDIRECT_URI]})
    assert answer.body is not None
    assert (answer.status, answer.body["error"]) == (403, "access_denied")
