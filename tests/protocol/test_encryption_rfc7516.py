"""RFC 7516, RFC 7519 section 5.2, OpenID Connect Core 1.0 sections 2, 5.3.2 and 10.2."""

import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from idp.protocol.encryption_rfc7516 import CONTENT_ALGORITHMS, KEY_ALGORITHMS, encrypt_for
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.userinfo import encrypt_userinfo, sign_userinfo
from tests.protocol.surroundings import ENT, ISSUER, SECRET, Surroundings, signing_key
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT

RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1", "use": "enc"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "use": "enc"})


def public(key: Key) -> Any:
    return type(key).import_key(key.as_dict(private=False))


READS_ALONE = replace(ENT, encryption_keys=(public(RSA), public(EC)))


def read(token: str, key: Key, alg: str, enc: str) -> tuple[dict[str, Any], str]:
    opened = jwe.decrypt_compact(token, key, algorithms=[alg, enc])
    assert opened.plaintext is not None
    return dict(opened.headers()), opened.plaintext.decode()


@pytest.mark.parametrize("enc", CONTENT_ALGORITHMS)
@pytest.mark.parametrize("alg", KEY_ALGORITHMS)
def test_what_is_inside_is_the_signed_jwt_and_the_header_says_so(alg: str, enc: str) -> None:
    key = RSA if alg.startswith("RSA") else EC
    header, inside = read(encrypt_for(READS_ALONE, "a.signed.jwt", alg=alg, enc=enc), key, alg, enc)
    assert inside == "a.signed.jwt"
    assert (header["alg"], header["enc"], header["cty"], header["kid"]) == (alg, enc, "JWT", key.kid)


def test_without_an_algorithm_nothing_is_encrypted() -> None:
    assert encrypt_for(READS_ALONE, "a.signed.jwt", alg="", enc="A256GCM") == "a.signed.jwt"


def test_a_client_without_a_key_for_it_gets_nothing() -> None:
    with pytest.raises(LookupError):
        encrypt_for(replace(ENT, encryption_keys=(public(EC),)), "a.signed.jwt", alg="RSA-OAEP-256", enc="A256GCM")


def test_another_key_opens_nothing() -> None:
    token = encrypt_for(READS_ALONE, "a.signed.jwt", alg="RSA-OAEP-256", enc="A256GCM")
    with pytest.raises(JoseError):
        read(token, RSAKey.generate_key(2048), "RSA-OAEP-256", "A256GCM")


def test_an_id_token_is_signed_and_then_encrypted() -> None:
    client = replace(
        READS_ALONE, id_token_encrypted_response_alg="ECDH-ES+A256KW", id_token_encrypted_response_enc="A256GCM"
    )
    answer = answer_token_request(basic("ent", SECRET), list(RIGHT.items()), Surroundings(clients={"ent": client}))
    assert answer.body is not None
    _, inside = read(answer.body["id_token"], EC, "ECDH-ES+A256KW", "A256GCM")
    claims = jwt.decode(inside, signing_key("RS256").key, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "ent", "a nonce")


@pytest.mark.parametrize("enc", CONTENT_ALGORITHMS)
@pytest.mark.parametrize("alg", KEY_ALGORITHMS)
def test_claims_that_nobody_signed_are_the_plain_text_and_no_nested_jwt(alg: str, enc: str) -> None:
    client = replace(READS_ALONE, userinfo_encrypted_response_alg=alg, userinfo_encrypted_response_enc=enc)
    key = RSA if alg.startswith("RSA") else EC
    header, inside = read(encrypt_userinfo({"sub": "a subject", "given_name": "Zoé"}, client=client), key, alg, enc)
    assert json.loads(inside) == {"sub": "a subject", "given_name": "Zoé"}
    assert (header["alg"], header["enc"], header["kid"], header.get("cty")) == (alg, enc, key.kid, None)


def test_userinfo_is_signed_and_then_encrypted() -> None:
    client = replace(READS_ALONE, userinfo_encrypted_response_alg="RSA-OAEP-256")
    told = sign_userinfo({"sub": "a subject"}, issuer=ISSUER, client=client, key=signing_key("ES256"))
    _, inside = read(told, RSA, "RSA-OAEP-256", "A128CBC-HS256")
    claims = jwt.decode(inside, signing_key("ES256").key, algorithms=["ES256"]).claims
    assert claims == {"sub": "a subject", "iss": ISSUER, "aud": "ent"}
