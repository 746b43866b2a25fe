"""RFC 7517 sections 4 and 5, RFC 7591 section 2 (`jwks_uri`), OpenID Connect Core 1.0 section 10.1.1: a client changes its keys."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import AssertionRefusedError, AssertionRules, check_assertion
from idp.protocol.client_documents import DocumentUnavailableError, fetch_nothing
from idp.protocol.client_keys import (
    ClientKeySet,
    KeysUnavailableError,
    import_public_key,
    read_key_set,
    with_encryption_key,
)
from idp.protocol.encryption_rfc7516 import encrypt_claims_for
from tests.protocol.surroundings import ENT, NOW
from tests.protocol.test_client_assertion_rfc7523 import EC, OTHER, RSA, TOKEN_ENDPOINT, claims_of, sign

ELSEWHERE = replace(ENT, token_endpoint_auth_method="private_key_jwt", jwks_uri="https://ent.example/jwks")
FOR_ENCRYPTION = ECKey.generate_key("P-256", parameters={"kid": "enc", "use": "enc"})


def public(*keys: Any) -> list[dict[str, Any]]:
    return [key.as_dict(private=False) for key in keys]


def key_set(*members: dict[str, Any]) -> bytes:
    return json.dumps({"keys": members}).encode()


@dataclass
class Kept:
    """Implements `idp.protocol.client_keys.ClientKeys`: what is known, and what is there when one looks again."""

    known: bytes
    there: bytes = b""
    renewals: list[str] = field(default_factory=list)

    def load_keys(self, client: Client) -> ClientKeySet:
        del client
        return read_key_set(self.known)

    def renew_keys(self, client: Client) -> ClientKeySet:
        self.renewals.append(client.client_id)
        self.known = self.there or self.known
        return read_key_set(self.known)


class Nowhere(Kept):
    """Knows nothing."""

    def load_keys(self, client: Client) -> ClientKeySet:
        raise KeysUnavailableError(f"The jwks_uri of {client.client_id} was not read: it does not answer.")


def check(assertion: str, keys: Kept) -> None:
    check_assertion(assertion, ELSEWHERE, AssertionRules({TOKEN_ENDPOINT}, NOW, lambda *_: True, keys))


# --- reading a set ---------------------------------------------------------------------------------------------------------------------


def test_keys_are_sorted_by_what_they_are_for() -> None:
    found = read_key_set(key_set(*public(EC, RSA, FOR_ENCRYPTION)))
    assert [key.kid for key in found.signing] == ["ec", "rsa"]
    assert [key.kid for key in found.encryption] == ["enc"]
    assert not any(key.is_private for key in (*found.signing, *found.encryption))


@pytest.mark.filterwarnings("ignore:Key size")  # joserfc's own remark on the short one
def test_keys_of_kinds_that_are_not_understood_are_ignored_and_the_others_count() -> None:
    others = [
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kty": "EC", "crv": "P-384", "x": "a", "y": "b"},
        {"kty": "new"},
        {"kty": 7},
        {},
        {"kty": "RSA", "kid": "short", "e": "AQAB", "n": "w" * 170 + "8"},
        {**public(EC)[0], "kid": 7},
    ]
    assert [key.kid for key in read_key_set(key_set(*others, *public(EC))).signing] == ["ec"]


def number(value: int) -> str:
    """Return a whole number as JWKs write them (RFC 7518 section 2)."""
    return urlsafe_b64encode(value.to_bytes(-(-value.bit_length() // 8))).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "member",
    [
        {"n": number(2**8192 + 1)},  # nothing that it signed would be read either
        {"n": number(2**2047 + 2)},
        {"n": number(2**4095 + 1), "e": number(2**64 + 1)},
    ],
)
def test_an_rsa_key_that_nothing_can_be_encrypted_for_is_none(member: dict[str, Any]) -> None:
    odd = {"kty": "RSA", "kid": "odd", "use": "enc", "e": "AQAB", **member}
    assert [key.kid for key in read_key_set(key_set(odd, *public(FOR_ENCRYPTION))).encryption] == ["enc"]
    with pytest.raises(ValueError, match="must be an RSA key of 2048 to 8192 bits"):
        import_public_key(odd)


@pytest.mark.parametrize(
    ("key", "operations", "alg"),
    [
        (FOR_ENCRYPTION, [], "ECDH-ES"),  # as browsers export one
        (FOR_ENCRYPTION, ["deriveBits"], "ECDH-ES"),
        (RSA, ["wrapKey"], "RSA-OAEP-256"),
        (RSA, ["encrypt"], "RSA-OAEP-256"),
    ],
)
def test_whatever_a_key_of_use_enc_says_of_its_operations_it_is_encrypted_for(
    key: RSAKey | ECKey, operations: list[str], alg: str
) -> None:
    found = read_key_set(key_set({**public(key)[0], "use": "enc", "key_ops": operations}))
    reads = replace(ENT, encryption_keys=found.encryption)
    opened = jwe.decrypt_compact(
        encrypt_claims_for(reads, {}, alg=alg, enc="A256GCM"), key, algorithms=[alg, "A256GCM"]
    )
    assert opened.plaintext == b"{}"


def test_a_key_for_encryption_by_its_operations_alone_verifies_nothing() -> None:
    keys = Kept(key_set({**public(RSA)[0], "key_ops": ["encrypt"]}))
    with pytest.raises(AssertionRefusedError):
        check(sign(claims_of(), RSA, "RS256"), keys)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is not JSON"),
        (b"<html>", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 60_000, "is not JSON"),
        (b"[]", "is no JWK set"),
        (b"{}", "is no JWK set"),
        (b'{"keys": {}}', "is no JWK set"),
        (b'{"keys": ["a"]}', "is no JWK set"),
        (key_set(*[{"kty": "EC"}] * 33), "more than 32 keys"),
        (key_set(*public(RSA), EC.as_dict(private=True)), "holds a private key, which anybody can read"),
        (key_set(OctKey.import_key("s" * 32).as_dict(private=True)), "holds a private key, which anybody can read"),
    ],
)
def test_what_is_no_set_or_gives_a_private_key_away_is_of_no_use(body: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_key_set(body)


# --- section 10.1.1: keys that change --------------------------------------------------------------------------------------------------


def test_a_known_kid_is_verified_without_looking_again() -> None:
    keys = Kept(key_set(*public(EC, RSA)))
    check(sign(claims_of()), keys)
    assert keys.renewals == []


def test_an_unknown_kid_has_the_keys_fetched_again() -> None:
    keys = Kept(key_set(*public(RSA)), there=key_set(*public(EC)))
    check(sign(claims_of()), keys)
    assert keys.renewals == ["ent"]


def test_a_kid_that_is_still_unknown_then_is_refused() -> None:
    keys = Kept(key_set(*public(RSA)))
    with pytest.raises(AssertionRefusedError, match="No registered key of this client fits"):
        check(sign(claims_of()), keys)


def test_a_wrong_signature_by_a_known_kid_has_nothing_fetched() -> None:
    keys = Kept(key_set(*public(EC)), there=key_set(*public(RSA)))
    with pytest.raises(AssertionRefusedError, match="signature"):
        check(sign(claims_of(), OTHER), keys)
    assert keys.renewals == []


def test_a_key_for_encryption_verifies_nothing() -> None:
    keys = Kept(key_set({**public(EC)[0], "use": "enc"}))
    with pytest.raises(AssertionRefusedError, match="No registered key of this client fits"):
        check(sign(claims_of()), keys)


def test_keys_that_are_not_to_be_had_are_said_to_be_so() -> None:
    with pytest.raises(AssertionRefusedError, match="jwks_uri of ent was not read: it does not answer"):
        check(sign(claims_of()), Nowhere(b""))


# --- what tokens are encrypted for -----------------------------------------------------------------------------------------------------


def test_a_client_that_registered_its_keys_or_has_nothing_encrypted_is_not_looked_up() -> None:
    assert with_encryption_key(ENT, "ECDH-ES", Nowhere(b"")) is ENT
    assert with_encryption_key(ELSEWHERE, "", Nowhere(b"")) is ELSEWHERE


def test_the_keys_are_those_of_use_enc_at_its_address() -> None:
    keys = Kept(key_set(*public(EC, FOR_ENCRYPTION)))
    assert [key.kid for key in with_encryption_key(ELSEWHERE, "ECDH-ES", keys).encryption_keys] == ["enc"]
    assert keys.renewals == []


def test_a_key_that_is_missing_is_looked_for_again_and_then_said_to_be_missing() -> None:
    keys = Kept(key_set(*public(EC)), there=key_set(*public(FOR_ENCRYPTION)))
    assert with_encryption_key(ELSEWHERE, "ECDH-ES", keys).encryption_keys
    with pytest.raises(KeysUnavailableError, match="No key of use enc at the jwks_uri of this client is one for RSA"):
        with_encryption_key(ELSEWHERE, "RSA-OAEP-256", keys)


def test_where_nothing_is_to_be_fetched_nothing_is() -> None:
    with pytest.raises(DocumentUnavailableError):
        fetch_nothing("https://ent.example/jwks")
