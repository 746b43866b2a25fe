"""OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 10.1, RFC 7515 section 4.1.4, RFC 7518 section 3.1, RFC 8037 section 3.1."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt

from idp.protocol.jwks_rfc7517 import to_jwks
from idp.protocol.signing_keys import ALGORITHMS, SigningKey
from tests.protocol.surroundings import ENT, ISSUER, NOW, Surroundings, signing_key
from tests.protocol.test_token_endpoint_rfc6749 import ask


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text: str) -> int:
    return int.from_bytes(decoded(text), "big")


def rsa_key(jwk: Mapping[str, str]) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()


def verify_rs256(jwk: Mapping[str, str], signature: bytes, signed: bytes) -> None:
    rsa_key(jwk).verify(signature, signed, padding.PKCS1v15(), SHA256())


def verify_ps256(jwk: Mapping[str, str], signature: bytes, signed: bytes) -> None:
    # RFC 7518 section 3.5: the salt is as long as the hash.
    rsa_key(jwk).verify(signature, signed, padding.PSS(padding.MGF1(SHA256()), salt_length=32), SHA256())


def verify_es256(jwk: Mapping[str, str], signature: bytes, signed: bytes) -> None:
    # RFC 7518 section 3.4: R and S, each in 32 octets.
    assert (jwk["crv"], len(signature)) == ("P-256", 64)
    key = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()).public_key()
    parts = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    key.verify(encode_dss_signature(*parts), signed, ec.ECDSA(SHA256()))


def verify_eddsa(jwk: Mapping[str, str], signature: bytes, signed: bytes) -> None:
    assert (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519")
    ed25519.Ed25519PublicKey.from_public_bytes(decoded(jwk["x"])).verify(signature, signed)


# Written from the texts, with bare cryptography: a library that signs wrongly would verify its own signatures.
VERIFY: Mapping[str, Callable[[Mapping[str, str], bytes, bytes], None]] = {
    "RS256": verify_rs256, "ES256": verify_es256, "PS256": verify_ps256, "EdDSA": verify_eddsa,
}  # fmt: skip
PUBLISHED = {key["kid"]: key for key in to_jwks([signing_key(one) for one in ALGORITHMS])["keys"]}


def open_token(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, signature = token.split(".")
    told = json.loads(decoded(header))
    key: Any = PUBLISHED[told["kid"]]
    assert key["alg"] == told["alg"]
    VERIFY[told["alg"]](key, decoded(signature), f"{header}.{payload}".encode())
    return told, json.loads(decoded(payload))


# OpenID Connect Core 1.0 section 3.1.3.6: the hash of the algorithm. RFC 8032 section 5.1: Ed25519's is SHA-512.
HASHES = {"RS256": hashlib.sha256, "ES256": hashlib.sha256, "PS256": hashlib.sha256, "EdDSA": hashlib.sha512}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_holds_the_claims_of_the_text_and_no_other_and_verifies_with_the_published_keys(algorithm: str) -> None:
    here = Surroundings(clients={"ent": replace(ENT, id_token_signed_response_alg=algorithm)})
    answer = ask(here).body
    header, claims = open_token(answer["id_token"])
    digest = HASHES[algorithm](answer["access_token"].encode()).digest()
    assert header == {"alg": algorithm, "kid": f"{algorithm}-0", "typ": "JWT"}
    assert claims == {
        "iss": ISSUER,
        "sub": "a subject",
        "aud": "ent",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "auth_time": int(NOW.timestamp()) - 181,
        "nonce": "a nonce",
        "acr": "responsable",
        "amr": ["pwd"],
        "sid": "a session",
        "at_hash": base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode(),
    }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_changed_token_does_not_verify(algorithm: str) -> None:
    here = Surroundings(clients={"ent": replace(ENT, id_token_signed_response_alg=algorithm)})
    header, _, signature = ask(here).body["id_token"].split(".")
    with pytest.raises(InvalidSignature):
        open_token(f"{header}.e30.{signature}")


def test_a_rotation_meanwhile_does_not_part_the_kid_from_the_signature() -> None:
    class Rotating(Surroundings):
        keys = iter([signing_key("RS256"), signing_key("RS256", 1)])

        def load_key(self, algorithm: str) -> SigningKey:
            del algorithm
            return next(self.keys)

    token = ask(Rotating()).body["id_token"]
    assert json.loads(decoded(token.split(".")[0]))["kid"] == "RS256-0"
    open_token(token)


def test_without_a_nonce_there_is_none() -> None:
    here = Surroundings()
    here.code = replace(here.code, nonce=None)
    claims = jwt.decode(ask(here).body["id_token"], signing_key("RS256").key).claims
    assert "nonce" not in claims


def test_claims_of_the_person_come_in_where_the_surroundings_give_them() -> None:
    here = Surroundings(person={"sub": "a subject", "sid": "s", "given_name": "Joe"})
    assert jwt.decode(ask(here).body["id_token"], signing_key("RS256").key).claims["given_name"] == "Joe"
