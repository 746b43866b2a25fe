"""What is left of a request and of its answer: no secret, and whatever a tester needs to see why something failed."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from idp.sandbox.redaction import (
    LONGEST_BODY,
    LONGEST_TEXT,
    redact_address,
    redact_body,
    redact_document,
    redact_headers,
    redact_parameters,
    redact_text,
)

DRAWN = "A" * 20 + "-_0" + "b" * 20


def part(document: Any) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


JWT = f"{part({'alg': 'RS256', 'kid': 'k1'})}.{part({'sub': DRAWN, 'nonce': 'n', 'email': 'a@b.example'})}.{DRAWN}"


@pytest.mark.parametrize(
    "name",
    [
        "code", "client_secret", "client_assertion", "code_verifier", "refresh_token", "token", "password", "j_password", "mot-de-passe",
        "jeton", "d", "id_token_hint", "request", "request_uri", "nom", "telephone", "jour-1", "login_hint", "some_new_parameter",
    ],
)  # fmt: skip
def test_what_is_sent_under_no_harmless_name_is_left_out(name: str) -> None:
    assert redact_parameters([(name, "hidden-word")]) == [[name, "[left out, 11 characters]"]]
    assert "hidden-word" not in json.dumps(
        redact_body("application/x-www-form-urlencoded", f"{name}=hidden-word".encode())
    )


def test_what_a_tester_compares_is_kept_whole() -> None:
    sent = [("state", DRAWN), ("nonce", DRAWN), ("code_challenge", DRAWN), ("scope", "openid profile"), ("max_age", "")]
    assert redact_parameters(sent) == [[name, value] for name, value in sent]


def test_cookies_are_named_and_their_values_are_not_kept() -> None:
    headers = [
        ("Cookie", "preau_idp_session=secret; other=hidden"),
        ("Set-Cookie", "preau_idp_session=secret; Path=/; HttpOnly"),
    ]
    assert redact_headers(headers) == [
        ["Cookie", "preau_idp_session=[left out]; other=[left out]"],
        ["Set-Cookie", "preau_idp_session=[left out]; Path=/; HttpOnly"],
    ]


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", "Basic ZW50OnNlY3JldA==", "Basic [left out]"),
        ("Authorization", "ZW50OnNlY3JldA==", "[left out]"),
        ("Authorization", "Bearer hidden", "Bearer [left out]"),
        ("DPoP", JWT, f"[left out, {len(JWT)} characters]"),
        ("X-Of-A-Proxy", "hidden", "[left out, 6 characters]"),
        ("Content-Type", "application/json", "application/json"),
        ("Location", "https://ent.example/?code=hidden&state=s", "https://ent.example/?code=[left out, 6 characters]&state=s"),
        ("Location", "https://ent.example/#access_token=hidden", "https://ent.example/#access_token=[left out, 6 characters]"),
        ("Referer", "http://localhost:8400/connexion?d=hidden", "http://localhost:8400/connexion?d=[left out, 6 characters]"),
    ],
)  # fmt: skip
def test_headers_are_kept_by_their_names(name: str, value: str, kept: str) -> None:
    assert redact_headers([(name, value)]) == [[name, kept]]


def test_an_authorization_without_a_scheme_keeps_nothing() -> None:
    [[_, kept]] = redact_headers([("Authorization", "secret")])
    assert "secret" not in kept


@pytest.mark.parametrize(
    "name",
    [
        "access_token", "refresh_token", "id_token", "client_secret", "registration_access_token", "code", "password", "request_uri", "d",
        "logout_token", "initial_access_token",
    ],
)  # fmt: skip
def test_secrets_of_documents_are_left_out_wherever_they_stand(name: str) -> None:
    kept = json.dumps(redact_document({"a": [{name: "hidden-word", "b": [{name: ["hidden-word"]}]}]}))
    assert "hidden-word" not in kept


def test_the_rest_of_a_document_is_kept() -> None:
    document = {
        "token_type": "Bearer", "expires_in": 600, "error": "invalid_grant", "error_description": "The code was used.", "active": False,
        "scope": "openid", "sub": DRAWN, "address": {"postal_code": "38000"}, "token_endpoint": "http://localhost:8400/t", "amr": ["pwd"],
        "none": None,
    }  # fmt: skip
    assert redact_document(document) == document


def test_a_signed_token_shows_its_header_and_claims_and_never_its_signature() -> None:
    opened = {
        "jwt": {"header": {"alg": "RS256", "kid": "k1"}, "claims": {"sub": DRAWN, "nonce": "n", "email": "a@b.example"}}
    }
    assert redact_document({"id_token": JWT}) == {"id_token": opened}
    assert redact_body("application/jwt", JWT.encode()) == opened
    assert JWT.rpartition(".")[2] not in JWT.partition(".")[2].partition(".")[0]


def test_an_encrypted_token_shows_its_header_alone() -> None:
    jwe = f"{part({'alg': 'RSA-OAEP-256', 'enc': 'A128GCM'})}.{DRAWN}.{DRAWN}.{DRAWN}.{DRAWN}"
    assert redact_text(jwe) == {"jwe": {"header": {"alg": "RSA-OAEP-256", "enc": "A128GCM"}}}


def test_what_looks_like_a_secret_is_left_out_under_any_name() -> None:
    assert redact_document({"anything": f"a {DRAWN} b"}) == {"anything": "a [left out, 43 characters] b"}


@pytest.mark.parametrize("number", ["+33639980001", "0639980001", "06 39 98 00 01", "+262692123456"])
def test_numbers_are_shown_in_part(number: str) -> None:
    kept = redact_document({"phone_number": number})["phone_number"]
    assert kept.endswith(("01", "56"))
    assert "••" in kept
    assert "3998" not in kept.replace(" ", "")
    assert redact_parameters([("error_description", number)])[0][1] == kept


def test_pages_and_other_bodies_are_told_by_their_length() -> None:
    assert redact_body("text/html", b"<input name=jeton value=hidden>") == "[31 bytes of text/html]"
    assert redact_body("application/json", b"{") == "[no JSON]"
    assert redact_body("application/json", b"[" * 5000) == "[no JSON]"
    assert (
        redact_body("application/json", b"1" * (LONGEST_BODY + 1)) == f"[{LONGEST_BODY + 1} bytes of application/json]"
    )
    assert redact_body("text/html", b"") is None


def test_long_texts_are_cut() -> None:
    kept = redact_parameters([("scope", "a " * LONGEST_TEXT)])[0][1]
    assert len(kept) < LONGEST_TEXT + 40
    assert kept.endswith(f"[… {2 * LONGEST_TEXT} characters]")


def test_an_address_that_is_none_is_left_out() -> None:
    assert redact_address("http://[::1?code=hidden") == "[left out, 23 characters]"
    assert redact_address("http://joe:hidden@ent.example/?a=1") == "http://ent.example/?a=[left out, 1 characters]"
