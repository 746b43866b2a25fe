"""RFC 7523 sections 2.2 and 3, RFC 7521 section 4.2, OpenID Connect Core 1.0 section 9 (`private_key_jwt`)."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import ASSERTION_TYPE, AssertionRules
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError, authenticate_client
from tests.protocol.surroundings import ENT, ISSUER, NOW, SECRET, Surroundings

TOKEN_ENDPOINT = f"{ISSUER}/idp/profile/oidc/token"
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
OTHER = ECKey.generate_key("P-256", parameters={"kid": "ec"})
BY_KEY = replace(
    ENT,
    client_secret_hash=None,
    token_endpoint_auth_method="private_key_jwt",
    keys=(ECKey.import_key(EC.as_dict(private=False)), RSAKey.import_key(RSA.as_dict(private=False))),
)


def claims_of(**changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    usual = {"iss": "ent", "sub": "ent", "aud": TOKEN_ENDPOINT, "iat": now, "exp": now + 60, "jti": "once"}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def sign(claims: dict[str, Any], key: Any = EC, algorithm: str = "ES256", **header: Any) -> str:
    head = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode({name: value for name, value in head.items() if value is not None}, claims, key, [algorithm])


class Noted:
    """Notes who used which name, until when."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], datetime] = {}

    def __call__(self, client_id: str, jti: str, until: datetime) -> bool:
        is_new = (client_id, jti) not in self.seen
        self.seen[client_id, jti] = until
        return is_new


def authenticate(
    assertion: str,
    *,
    client: Client = BY_KEY,
    noted: Noted | None = None,
    authorization: str | None = None,
    **form: str,
) -> tuple[Client, str]:
    here = Surroundings(clients={"ent": client})
    sent = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **form}
    rules = AssertionRules(frozenset({ISSUER, TOKEN_ENDPOINT, "http://idp:8400/token"}), NOW, noted or Noted())
    return authenticate_client(
        authorization,
        sent,
        load_client=here.load_client,
        is_secret_right=here.is_secret_right,
        make_rules=lambda: rules,
    )


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES256"), (RSA, "RS256"), (RSA, "PS256")])
def test_a_registered_key_proves_who_the_client_is(key: Any, algorithm: str) -> None:
    client, method = authenticate(sign(claims_of(), key, algorithm))
    assert (client.client_id, method) == ("ent", "private_key_jwt")


@pytest.mark.parametrize(
    "audience", [ISSUER, TOKEN_ENDPOINT, "http://idp:8400/token", [TOKEN_ENDPOINT], ["https://x.example", ISSUER]]
)
def test_the_issuer_and_every_address_of_the_token_endpoint_is_us(audience: Any) -> None:
    authenticate(sign(claims_of(aud=audience)))


def test_the_client_id_may_stand_in_the_body_too() -> None:
    authenticate(sign(claims_of()), client_id="ent")


def test_a_header_without_kid_is_enough_when_one_key_can_sign_so() -> None:
    authenticate(sign(claims_of(), kid=None))


def test_a_header_is_as_long_as_that_of_any_other_jwt() -> None:
    assert authenticate(sign(claims_of(), x5c=["A" * 1200]))[0].client_id == "ent"
    with pytest.raises(ClientRefusedError, match="no signed JWT"):
        authenticate(sign_by_hand({"alg": "ES256", "kid": "ec", "x5c": ["A" * 1600]}))


def sign_by_hand(header: dict[str, Any]) -> str:
    """Return what looks like a JWT: joserfc itself writes no header that long."""
    parts = (json.dumps(one).encode() for one in (header, claims_of()))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, b"x" * 64))


def test_a_name_is_used_up_by_its_own_client_until_the_assertion_has_expired() -> None:
    noted = Noted()
    authenticate(sign(claims_of()), noted=noted)
    assert noted.seen == {("ent", "once"): NOW + timedelta(seconds=120)}
    with pytest.raises(ClientRefusedError, match="was used before"):
        authenticate(sign(claims_of(aud=ISSUER)), noted=noted)
    authenticate(sign(claims_of(jti="twice")), noted=noted)


def test_what_is_refused_uses_no_name_up() -> None:
    noted = Noted()
    for bad in (sign(claims_of(), OTHER), sign(claims_of(aud="https://x.example")), sign(claims_of(exp=1))):
        with pytest.raises(ClientRefusedError):
            authenticate(bad, noted=noted)
    assert noted.seen == {}


SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("assertion", "words"),
    [
        ("", "no signed JWT"),
        ("a.b.c", "no signed JWT"),
        ("x" * 9000, "too long"),
        (f"eyJhbGciOiJFUzI1NiJ9.{'W1tb' * 1900}.eA", "no signed JWT"),
        (f"{'W1tb' * 1900}.e30.eA", "no signed JWT"),
        (sign({}), "iss and sub"),
        (sign(claims_of(iss="other")), "iss and sub"),
        (sign(claims_of(sub=None)), "iss and sub"),
        (sign(claims_of(iss=["ent"], sub=["ent"])), "iss and sub"),
        (sign(claims_of(iss="nobody", sub="nobody")), "No client is registered"),
        (sign(claims_of(), OTHER), "signature"),
        (sign(claims_of(), kid="unknown"), "No registered key"),
        (sign(claims_of(), kid="rsa"), "No registered key"),
        (sign(claims_of(), OctKey.import_key("s" * 32), "HS256"), "must be signed with"),
        (sign(claims_of(aud=None)), "aud"),
        (sign(claims_of(aud="https://other.example")), "aud"),
        (sign(claims_of(aud=[])), "aud"),
        (sign(claims_of(aud=[7])), "aud"),
        (sign(claims_of(exp=None)), "exp"),
        (sign(claims_of(exp="soon")), "exp"),
        (sign(claims_of(exp=True)), "exp"),
        (sign(claims_of(exp=1e300)), "exp"),
        (sign(claims_of(exp=SECONDS - 60)), "expired"),
        (sign(claims_of(exp=SECONDS + 3661)), "more than an hour"),
        (sign(claims_of(nbf=SECONDS + 61)), "nbf"),
        (sign(claims_of(iat=SECONDS + 61)), "iat"),
        (sign(claims_of(iat="now")), "iat"),
        (sign(claims_of(jti=None)), "jti"),
        (sign(claims_of(jti="")), "jti"),
        (sign(claims_of(jti=7)), "jti"),
        (sign(claims_of(jti="x" * 256)), "jti"),
        (jws.serialize_compact({"alg": "ES256", "kid": "ec"}, json.dumps(claims_of(jti="\ud800")), EC), "jti"),
    ],
)
def test_a_wrong_assertion_is_refused_and_says_what_was_wrong(assertion: str, words: str) -> None:
    with pytest.raises(ClientRefusedError, match=words):
        authenticate(assertion)


def test_an_assertion_without_signature_is_none() -> None:
    head, payload, _ = sign(claims_of()).split(".")
    del head
    with pytest.raises(ClientRefusedError):
        authenticate(f"eyJhbGciOiJub25lIn0.{payload}.")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"client_secret": SECRET}, "Two ways"),
        ({"authorization": "Basic ZW50OnNlY3JldA=="}, "Two ways"),
        ({"client_assertion_type": "urn:other"}, "client_assertion_type"),
        ({"client_id": "tablet"}, "not that of the client assertion"),
    ],
)
def test_one_way_in_one_request(more: dict[str, str], words: str) -> None:
    with pytest.raises(ClientRefusedError, match=words):
        authenticate(sign(claims_of()), **more)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none", "any"])
def test_only_a_client_that_is_registered_for_it_may_use_it(method: str) -> None:
    with pytest.raises(ClientRefusedError, match="private_key_jwt was used"):
        authenticate(sign(claims_of()), client=replace(BY_KEY, token_endpoint_auth_method=method))


def test_a_client_of_keys_cannot_come_without() -> None:
    here = Surroundings(clients={"ent": BY_KEY})
    for form in ({"client_id": "ent"}, {"client_id": "ent", "client_secret": SECRET}):
        with pytest.raises(ClientRefusedError, match="registered for private_key_jwt"):
            authenticate_client(
                None,
                form,
                load_client=here.load_client,
                is_secret_right=here.is_secret_right,
                make_rules=here.make_rules,
            )


def test_the_one_algorithm_that_was_registered_is_the_only_one() -> None:
    client = replace(BY_KEY, token_endpoint_auth_signing_alg="PS256")
    authenticate(sign(claims_of(), RSA, "PS256"), client=client)
    with pytest.raises(ClientRefusedError, match="must be signed with PS256"):
        authenticate(sign(claims_of(), RSA, "RS256"), client=client)
