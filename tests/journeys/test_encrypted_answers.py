"""An ENT that alone can read what it is told: ID token and userinfo are encrypted for a key of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.journeys.people import JOE, activate
from tests.journeys.test_signed_answers import published
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1", "use": "enc"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "use": "enc"})
REDIRECT_URI = "http://localhost:8410/retour"


def in_toml(key: RSAKey | ECKey) -> str:
    return "{ " + ", ".join(f'{name} = "{value}"' for name, value in key.as_dict(private=False).items()) + " }"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("preau")
    clients = f"""
[[clients]]
client_id = "reads"
client_name = "ENT Aubépine"
client_secret = "secret-of-the-one-that-reads"
redirect_uris = ["{REDIRECT_URI}"]
jwks = {{ keys = [{in_toml(RSA)}, {in_toml(EC)}] }}
id_token_encrypted_response_alg = "RSA-OAEP-256"
userinfo_signed_response_alg = "ES256"
userinfo_encrypted_response_alg = "ECDH-ES"
userinfo_encrypted_response_enc = "A256GCM"

[[clients]]
client_id = "reads-alone"
client_name = "ENT Églantier"
client_secret = "secret-of-the-one-that-reads"
redirect_uris = ["{REDIRECT_URI}"]
jwks = {{ keys = [{in_toml(RSA)}] }}
userinfo_encrypted_response_alg = "RSA-OAEP-256"
"""
    with running_server(folder, clients=clients) as running:
        yield running.base


def read(token: str, key: RSAKey | ECKey, *algorithms: str) -> str:
    opened = jwe.decrypt_compact(token, key, algorithms=list(algorithms))
    assert opened.plaintext is not None
    return opened.plaintext.decode()


def test_only_its_key_opens_the_id_token_and_userinfo_and_our_signature_is_inside(base: str) -> None:
    Sandbox(base).reset()
    reads = RelyingParty(base, "reads", "secret-of-the-one-that-reads", REDIRECT_URI)
    browser = Browser(base)
    tokens = reads.exchange(bring_back_code(reads, browser, activate(browser, Sandbox(base), JOE))).json()
    keys: KeySet = published(base)
    inside = read(tokens["id_token"], RSA, "RSA-OAEP-256", "A128CBC-HS256")
    id_token = jwt.decode(inside, keys, algorithms=["RS256"]).claims
    assert (id_token["iss"], id_token["aud"]) == (base, "reads")
    answer = reads.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    told = jwt.decode(read(answer.text, EC, "ECDH-ES", "A256GCM"), keys, algorithms=["ES256"]).claims
    assert (told["sub"], told["family_name"]) == (id_token["sub"], "DUPONT")
    # The ENT opens its ID token before it shows it as a hint.
    page = browser.open(f"{base}/idp/profile/Logout?id_token_hint={inside}")
    assert page.h1 == "Vous êtes déconnecté"


def test_userinfo_that_nobody_signed_is_still_for_its_key_alone(base: str) -> None:
    Sandbox(base).reset()
    reads = RelyingParty(base, "reads-alone", "secret-of-the-one-that-reads", REDIRECT_URI)
    browser = Browser(base)
    tokens = reads.exchange(bring_back_code(reads, browser, activate(browser, Sandbox(base), JOE))).json()
    answer = reads.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    told = json.loads(read(answer.text, RSA, "RSA-OAEP-256", "A128CBC-HS256"))
    assert (told["sub"], told["family_name"]) == (unverified_claims(tokens["id_token"])["sub"], "DUPONT")
