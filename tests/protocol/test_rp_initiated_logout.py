"""OpenID Connect RP-Initiated Logout 1.0 sections 2 and 3."""

import base64
import hmac
from typing import Any

import pytest
from joserfc import jwt

from idp.protocol.authorization_request import ShownError
from idp.protocol.rp_initiated_logout import LogoutRequest, check_logout_request
from idp.protocol.signing_keys import ALGORITHMS, sign_jwt
from tests.protocol.surroundings import ENT, ISSUER, TABLET, Surroundings, signing_key

PUBLISHED = [signing_key(one) for one in ALGORITHMS]
CLAIMS = {"iss": ISSUER, "aud": "ent", "sub": "a subject", "sid": "a session", "exp": 1}  # expired long ago
AFTER = "https://ent.example/deconnecte"


def hint(*, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    named = {"alg": "RS256", "kid": "RS256-0", **(header or {})}
    named = {name: value for name, value in named.items() if value is not None}
    return jwt.encode(named, claims, key or signing_key("RS256").key, ["RS256", "ES256"])


def check(**params: str) -> LogoutRequest:
    return check_logout_request(
        list(params.items()), issuer=ISSUER, keys=PUBLISHED, load_client=Surroundings().load_client
    )


def assert_refused(key: str, **params: str) -> ShownError:
    with pytest.raises(ShownError) as raised:
        check(**params)
    assert raised.value.key == key
    return raised.value


def test_a_hint_of_ours_names_client_and_session_though_it_has_expired() -> None:
    asked = check(id_token_hint=hint(), post_logout_redirect_uri=AFTER, state="a state")
    assert (asked.client, asked.hinted_sid) == (ENT, "a session")
    assert asked.return_uri == f"{AFTER}?state=a+state"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_hints_are_ours_whatever_the_algorithm(algorithm: str) -> None:
    assert check(id_token_hint=sign_jwt(CLAIMS, signing_key(algorithm))).hinted_sid == "a session"


def test_without_state_the_place_to_go_stays_as_it_is() -> None:
    assert check(client_id="ent", post_logout_redirect_uri=AFTER).return_uri == AFTER


def test_nothing_at_all_is_a_request_too() -> None:
    assert check() == LogoutRequest()


UNSIGNED = "eyJhbGciOiJub25lIiwia2lkIjoiUlMyNTYtMCJ9." + hint().split(".")[1] + "."


def signed_with_the_public_key() -> str:
    """The HS256 confusion (RFC 8725 section 2.1), by hand: no library signs so any more."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"RS256-0"}').rstrip(b"=")
    signed = header + b"." + hint().split(".")[1].encode()
    secret = signing_key("RS256").key.as_pem(private=False)
    mac = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + mac).decode()


@pytest.mark.parametrize(
    "token",
    [
        "made.up.hint",
        "",
        UNSIGNED,
        hint(key=signing_key("RS256", 1).key),
        signed_with_the_public_key(),
        hint(iss="https://other.example"),
        hint(iss=None),
        hint(aud=["ent"]),
        hint(aud=None),
        hint(aud="nobody"),
        hint(header={"typ": "at+jwt"}),
        hint(exp=None),
        hint(header={"kid": "ES256-0"}),
        hint(header={"kid": None}),
        jwt.encode({"alg": "PS256", "kid": "RS256-0"}, CLAIMS, signing_key("RS256").key, ["PS256"]),
    ],
    ids=[
        "no token", "empty", "alg none", "foreign key", "public key as secret", "foreign issuer", "no issuer", "list of audiences",
        "no audience", "unknown audience", "access token", "userinfo", "kid of another key",
        "no kid", "another algorithm than the key's",
    ],
)  # fmt: skip
def test_a_hint_that_is_not_an_id_token_of_ours_is_refused(token: str) -> None:
    if not token:
        assert check(id_token_hint=token) == LogoutRequest()
        return
    refusal = assert_refused("id-token-hint-invalid", id_token_hint=token, post_logout_redirect_uri=AFTER)
    assert token not in str(refusal.sent), "it holds claims about a person"


def test_a_client_id_beside_the_hint_must_be_its_audience() -> None:
    assert check(id_token_hint=hint(), client_id="ent").client == ENT
    assert_refused("id-token-hint-invalid", id_token_hint=hint(), client_id="tablet")


@pytest.mark.parametrize(
    "params",
    [
        {"post_logout_redirect_uri": AFTER},
        {"post_logout_redirect_uri": AFTER, "client_id": "nobody"},
        {"post_logout_redirect_uri": f"{AFTER}/", "client_id": "ent"},
        {"post_logout_redirect_uri": "https://evil.example/", "client_id": "ent"},
    ],
)
def test_a_place_to_go_must_be_registered_to_the_letter(params: dict[str, str]) -> None:
    refusal = assert_refused("post-logout-redirect-uri-unregistered", **params)
    assert refusal.sent["post_logout_redirect_uri"] == params["post_logout_redirect_uri"]


def test_a_client_without_places_to_go_gets_none() -> None:
    assert TABLET.post_logout_redirect_uris == ENT.post_logout_redirect_uris
    assert check(client_id="tablet").return_uri == ""
