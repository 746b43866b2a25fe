"""RFC 9449 sections 4.3, 5, 6, 8 and 10."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.dpop_rfc9449 import ProofRefusedError, ProofRules, check_proof
from idp.protocol.signing_keys import SigningKey, sign_jwt
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from tests.protocol.surroundings import ENT, NESTED_HEADER, NOW, SECRET, TABLET, Surroundings, signing_key
from tests.protocol.test_client_authentication_rfc6749 import basic
from tests.protocol.test_token_endpoint_rfc6749 import RIGHT
from tests.support.dpop import Holder, hash_of
from tests.support.relying_party import unverified_claims

TOKEN = "https://idp.example/idp/profile/oidc/token"
RULES = ProofRules(
    method="POST",
    addresses=[TOKEN, "http://idp:8400/idp/profile/oidc/token"],
    now=NOW,
    wants_nonce=False,
    is_nonce_good=lambda nonce: nonce == "a nonce",
    note_jti=lambda *_: True,
)
ROOMY = JWSRegistry()
ROOMY.max_header_length = 2048
HOLDER = Holder(clock=lambda: NOW)


def refuse(
    proof: str, words: str, *, rules: ProofRules = RULES, error: str = "invalid_dpop_proof", **more: Any
) -> None:
    with pytest.raises(ProofRefusedError, match=words) as raised:
        check_proof(proof, rules, **more)
    assert raised.value.error == error


def test_a_right_proof_tells_the_thumbprint_of_its_key() -> None:
    assert check_proof(HOLDER.prove("POST", TOKEN), RULES) == HOLDER.thumbprint


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "EdDSA"])
def test_other_algorithms_that_clients_use_are_taken(algorithm: str) -> None:
    key = OKPKey.generate_key("Ed25519") if algorithm == "EdDSA" else signing_key("RS256").key
    proof = signed_by(key, algorithm)
    assert check_proof(proof, RULES) == key.thumbprint()


def signed_by(key: Key, algorithm: str, **header: Any) -> str:
    """Sign as the library does not: with `typ` and `jwk` of a proof, and an algorithm of any name."""
    claims = unverified_claims(HOLDER.prove("POST", TOKEN))
    registry_header = {"typ": "dpop+jwt", "jwk": key.as_dict(private=False), **header}
    if algorithm == "EdDSA":
        return _with_header(claims, SigningKey("", algorithm, key), registry_header)
    return jwt.encode({"alg": algorithm, **registry_header}, claims, key, algorithms=[algorithm])


def encode(value: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def _with_header(claims: dict[str, Any], key: SigningKey, header: dict[str, Any]) -> str:
    private = key.key.raw_value
    assert isinstance(private, Ed25519PrivateKey)
    signed = encode({"alg": key.algorithm, **header}) + b"." + encode(claims)
    return (signed + b"." + base64.urlsafe_b64encode(private.sign(signed)).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    "htu",
    [
        TOKEN,
        f"{TOKEN}?a=1",
        f"{TOKEN}#here",
        "HTTPS://IDP.example:443/idp/profile/oidc/token",
        "http://idp:8400/idp/profile/oidc/token",
    ],
)
def test_htu_is_compared_without_query_and_fragment_and_in_one_form(htu: str) -> None:
    assert check_proof(HOLDER.prove("POST", htu), RULES)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"htm": "GET"}, "htm"),
        ({"htm": None}, "htm"),
        ({"htm": "post"}, "htm"),
        ({"htu": "https://idp.example/idp/profile/oidc/userinfo"}, "htu"),
        ({"htu": "https://other.example/idp/profile/oidc/token"}, "htu"),
        ({"htu": "http://idp.example/idp/profile/oidc/token"}, "htu"),
        ({"htu": "https://idp.example:99999/"}, "htu"),
        ({"htu": None}, "htu"),
        ({"htu": ["https://idp.example/idp/profile/oidc/token"]}, "htu"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": int((NOW - timedelta(hours=1)).timestamp())}, "iat"),
        ({"iat": int((NOW + timedelta(hours=1)).timestamp())}, "iat"),
        ({"iat": int((NOW - timedelta(seconds=61)).timestamp())}, "iat"),
        (
            {"iat": int((NOW - timedelta(seconds=60)).timestamp())},
            "iat",
        ),  # a jti that is noted until now is noted no more
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 256}, "jti"),
    ],
)
def test_a_claim_that_is_missing_or_wrong_is_refused(changes: dict[str, Any], words: str) -> None:
    refuse(HOLDER.prove("POST", TOKEN, **changes), words)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"typ": None}, "typ"),
        ({"typ": "JWT"}, "typ"),
        ({"jwk": None}, "jwk"),
        ({"jwk": {}}, "jwk"),
        ({"jwk": HOLDER.key.as_dict(private=True)}, "jwk"),
        ({"jwk": signing_key("RS256").key.as_dict(private=False)}, "jwk"),
        ({"jwk": ECKey.generate_key("P-384").as_dict(private=False)}, "jwk"),
        ({"jwk": OctKey.generate_key(256).as_dict(private=True)}, "jwk"),
        ({"jwk": ECKey.generate_key("P-256").as_dict(private=False)}, "signature"),
    ],
    ids=[
        "no typ",
        "JWT",
        "no jwk",
        "empty jwk",
        "private jwk",
        "RSA for ES256",
        "another curve",
        "a secret",
        "another key",
    ],
)
def test_a_header_that_is_missing_or_wrong_is_refused(header: dict[str, Any], words: str) -> None:
    refuse(HOLDER.prove("POST", TOKEN, header=header), words)


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_refused() -> None:
    refuse(signed_by(RSAKey.generate_key(1024), "RS256"), "jwk")


@pytest.mark.parametrize("proof", ["", "no proof", "a.b.c", "a" * 5000, "é", NESTED_HEADER])
def test_what_is_no_jwt_is_refused(proof: str) -> None:
    refuse(proof, "one signed JWT|too long")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384"])
def test_an_algorithm_that_proves_nothing_is_refused(algorithm: str) -> None:
    good = HOLDER.prove("POST", TOKEN)
    told = {"typ": "dpop+jwt", "alg": algorithm, "jwk": HOLDER.key.as_dict(private=False)}
    refuse(f"{encode(told).decode()}.{good.split('.', 1)[1]}", "signed with")


def sign_as_written(payload: str) -> str:
    """Sign a text, which the library would not make of claims."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": HOLDER.key.as_dict(private=False)}
    return jws.serialize_compact(header, payload, HOLDER.key, registry=ROOMY)


def test_claims_that_are_nested_without_end_prove_nothing() -> None:
    refuse(sign_as_written("[" * 1500), "signature")


@pytest.mark.parametrize(("name", "error"), [("jti", "invalid_dpop_proof"), ("nonce", "use_dpop_nonce")])
def test_half_of_a_character_is_no_text(name: str, error: str) -> None:
    claims = {**unverified_claims(HOLDER.prove("POST", TOKEN)), name: "\ud800"}
    rules = replace(
        RULES, is_nonce_good=lambda nonce: bool(nonce.encode()), note_jti=lambda _key, jti, _until: bool(jti.encode())
    )
    refuse(sign_as_written(json.dumps(claims)), name, rules=rules, error=error)


def test_a_list_of_critical_members_that_is_none_is_refused() -> None:
    told = encode({"typ": "dpop+jwt", "alg": "ES256", "crit": 5, "jwk": HOLDER.key.as_dict(private=False)})
    refuse(f"{told.decode()}.e30.eA", "signature")


def test_another_token_that_the_same_key_signed_is_no_proof() -> None:
    refuse(sign_jwt({"htm": "POST"}, SigningKey("k", "ES256", HOLDER.key)), "typ")


def test_a_proof_is_good_once() -> None:
    refuse(HOLDER.prove("POST", TOKEN), "used before", rules=replace(RULES, note_jti=lambda *_: False))


def test_a_wrong_proof_uses_nothing_up() -> None:
    noted: list[str] = []

    rules = replace(RULES, note_jti=lambda _key, jti, _until: not noted.append(jti))
    refuse(HOLDER.prove("GET", TOKEN), "htm", rules=rules)
    assert noted == []


def test_a_nonce_that_is_sent_must_be_one_of_ours() -> None:
    assert check_proof(HOLDER.prove("POST", TOKEN, nonce="a nonce"), RULES)
    for wrong in ("made up", "", 7, "x" * 256, "é"):
        refuse(HOLDER.prove("POST", TOKEN, nonce=wrong), "nonce", error="use_dpop_nonce")


def test_where_nonces_are_required_a_proof_without_is_told_to_use_one() -> None:
    refuse(HOLDER.prove("POST", TOKEN), "nonce", rules=replace(RULES, wants_nonce=True), error="use_dpop_nonce")


def test_beside_an_access_token_the_proof_must_name_its_hash() -> None:
    proof = HOLDER.prove("POST", TOKEN, "a token")
    assert check_proof(proof, RULES, access_token="a token")
    for wrong in (HOLDER.prove("POST", TOKEN), HOLDER.prove("POST", TOKEN, ath=hash_of("another"))):
        refuse(wrong, "ath", access_token="a token")


# --- the token endpoint -------------------------------------------------------------------------------------------------------


def ask(here: Surroundings, proof: str | None, **changes: str) -> ClientAnswer:
    return answer_token_request(basic("ent", SECRET), list({**RIGHT, **changes}.items()), here, proof)


def body_of(answer: ClientAnswer) -> dict[str, Any]:
    assert answer.body is not None
    return dict(answer.body)


def test_with_a_proof_the_access_token_is_bound_to_its_key() -> None:
    here = Surroundings()
    answer = ask(here, "a right proof")
    assert body_of(answer)["token_type"] == "DPoP"
    assert answer.headers["DPoP-Nonce"] == "the next nonce"
    assert (here.spent_for[0].jkt, here.spent_for[0].refresh_jkt) == ("a thumbprint", None)


def test_without_a_proof_it_is_a_bearer_token_and_no_nonce_is_told() -> None:
    here = Surroundings()
    answer = ask(here, None)
    assert (body_of(answer)["token_type"], here.spent_for[0].jkt) == ("Bearer", None)
    assert "DPoP-Nonce" not in answer.headers


def test_a_wrong_proof_is_refused_and_the_code_stays_good() -> None:
    here = Surroundings()
    answer = ask(here, "a wrong proof")
    assert (answer.status, body_of(answer)["error"]) == (400, "use_dpop_nonce")
    assert answer.headers["DPoP-Nonce"] == "the next nonce"
    assert (here.spent_for, here.revoked) == ([], 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "made up"},
        {"code_verifier": "another-verifier-of-forty-three-characters-00000"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_nothing_is_noted_of_a_proof_beside_what_is_worth_nothing(changes: dict[str, str]) -> None:
    here = Surroundings()
    answer = ask(here, "a right proof", **changes)
    assert body_of(answer)["error"] == "invalid_grant"
    assert here.proofs == []


def test_a_client_that_is_registered_for_bound_tokens_must_send_a_proof() -> None:
    here = Surroundings(clients={"ent": replace(ENT, dpop_bound_access_tokens=True)})
    answer = ask(here, None)
    assert (answer.status, body_of(answer)["error"]) == (400, "invalid_dpop_proof")
    assert here.spent_for == []
    assert ask(here, "a right proof").status == 200


def test_a_code_that_is_bound_to_a_key_is_good_with_that_key_alone() -> None:
    here = Surroundings()
    here.code = replace(here.code, jkt="another thumbprint")
    for proof in ("a right proof", None):
        assert body_of(ask(here, proof))["error"] == "invalid_grant"
    assert here.spent_for == []
    here.code = replace(here.code, jkt="a thumbprint")
    assert ask(here, "a right proof").status == 200


def test_a_jwt_access_token_names_the_key() -> None:
    here = Surroundings(clients={"ent": replace(ENT, access_token_format="jwt")})
    claims = unverified_claims(body_of(ask(here, "a right proof"))["access_token"])
    assert claims["cnf"] == {"jkt": "a thumbprint"}


def as_public(here: Surroundings, proof: str | None) -> ClientAnswer:
    params = [("grant_type", "refresh_token"), ("refresh_token", "the refresh token"), ("client_id", "tablet")]
    return answer_token_request(None, params, here, proof)


def test_a_refresh_token_of_a_public_client_is_good_with_its_key_alone() -> None:
    grants = ("authorization_code", "refresh_token")
    here = Surroundings(clients={"tablet": replace(TABLET, grant_types=grants)})
    here.refresh_token = replace(here.refresh_token, client_id="tablet", jkt="another thumbprint")
    assert body_of(as_public(here, "a right proof"))["error"] == "invalid_grant"
    assert body_of(as_public(here, None))["error"] == "invalid_grant"
    here.refresh_token = replace(here.refresh_token, jkt="a thumbprint")
    assert as_public(here, "a right proof").status == 200
    assert here.spent_for[-1].refresh_jkt == "a thumbprint"
