"""`private_key_jwt` (OpenID Connect Core 1.0, 9; RFC 7523, 2.2 and 3): the ENT signs who it is, and publishes the key to check it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from flask import Flask
from joserfc.jwk import ECKey, OctKey, RSAKey

from ent_client.client_key import jwks_blueprint, load_client_key
from ent_client.settings import SettingsError
from tests.ent.conftest import Person, World, refused_check, words
from tests.ent.servers import open_door

P256 = ECKey.generate_key("P-256")
P384 = ECKey.generate_key("P-384")
RSA = RSAKey.generate_key(2048)
ENCRYPTED = RSA.private_key.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"a password"),
)


def pem(key: RSAKey | ECKey, *, private: bool = True) -> str:
    return key.as_pem(private=private).decode()


def jwk(key: RSAKey | ECKey | OctKey, *, private: bool = True, **more: Any) -> str:
    return json.dumps({**key.as_dict(private=private), **more})


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "key"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def use_key(world: World, folder: Path, text: str) -> None:
    world.rebuild(client_secret="", private_key_file=write(folder, text))
    world.provider.client_jwks_uri = world.ent + "/jwks"


def published(world: World) -> dict[str, Any]:
    document = requests.get(world.ent + "/jwks", timeout=10).json()
    assert set(document) == {"keys"}
    (key,) = document["keys"]
    return dict(key)


@pytest.mark.parametrize(
    ("text", "alg", "members"),
    [
        (pem(P256), "ES256", {"crv", "x", "y"}),
        (jwk(P256), "ES256", {"crv", "x", "y"}),
        (pem(RSA), "RS256", {"n", "e"}),
        (jwk(RSA), "RS256", {"n", "e"}),
    ],
    ids=["P-256 as PEM", "P-256 as JWK", "RSA as PEM", "RSA as JWK"],
)
def test_a_sign_in_with_a_key_instead_of_a_secret(
    world: World, joe: Person, tmp_path: Path, text: str, alg: str, members: set[str]
) -> None:
    use_key(world, tmp_path, text)
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())
    (assertion,) = world.provider.assertions
    key = published(world)
    assert set(key) == {"kty", "kid", "alg", "use"} | members, "and no private member"
    assert (key["alg"], key["use"]) == (alg, "sig")
    assert assertion["header"] == {"alg": alg, "kid": key["kid"], "typ": "JWT"}
    assert set(assertion["claims"]) == {"iss", "sub", "aud", "jti", "iat", "exp"}


def test_the_kid_is_the_one_of_the_file_or_a_thumbprint(world: World, tmp_path: Path) -> None:
    use_key(world, tmp_path, jwk(P256, kid="ours-2031"))
    assert published(world)["kid"] == "ours-2031"
    use_key(world, tmp_path, pem(P256))
    assert published(world)["kid"] == P256.thumbprint()


def test_members_of_the_file_that_are_not_the_public_key_are_not_published(world: World, tmp_path: Path) -> None:
    use_key(world, tmp_path, jwk(P256, note="cabinet 12", key_ops=["sign"], alg="ES256"))
    assert set(published(world)) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_each_assertion_is_for_one_use_and_one_issuer(world: World, joe: Person, tmp_path: Path) -> None:
    use_key(world, tmp_path, pem(P256))
    joe.sign_in()
    world.person().sign_in()
    first, second = (assertion["claims"] for assertion in world.provider.assertions)
    assert first["jti"] != second["jti"]
    assert first["aud"] == world.provider.issuer
    assert first["exp"] - first["iat"] == 60


def test_no_secret_is_sent_beside_the_assertion_and_no_assertion_beside_the_secret(
    world: World, joe: Person, tmp_path: Path
) -> None:
    """The provider of these tests refuses a request that holds both."""
    use_key(world, tmp_path, pem(P256))
    assert "Bonjour" in words(joe.sign_in())
    world.provider.client_jwks_uri = ""
    jean = world.person()
    assert refused_check(jean.sign_in(), jean) == "token"


def test_another_key_than_the_one_that_the_provider_reads_is_refused_by_it(
    world: World, joe: Person, tmp_path: Path
) -> None:
    use_key(world, tmp_path, jwk(P256, kid="ours"))
    (tmp_path / "other").mkdir()
    other = load_client_key(write(tmp_path / "other", jwk(ECKey.generate_key("P-256"), kid="ours")))
    with open_door() as elsewhere:
        elsewhere.app = Flask("elsewhere")
        elsewhere.app.register_blueprint(jwks_blueprint(other))
        world.provider.client_jwks_uri = elsewhere.url + "/jwks"
        page = joe.sign_in()
    assert refused_check(page, joe) == "token"
    assert "invalid_client" in words(joe.open("/diagnostic"))


def test_without_a_key_nothing_is_published(joe: Person) -> None:
    assert joe.open("/jwks").status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        "{",
        "{}",
        '{"kty": "EC"}',
        '{"kty": "odd"}',
        jwk(OctKey.generate_key(256)),
        jwk(P256, kid=7),
        json.dumps({"keys": [P256.as_dict(private=True)]}),
        b"\xff\xfe",
        ENCRYPTED,
    ],
    ids=[
        "empty",
        "text",
        "broken JSON",
        "empty object",
        "EC without a point",
        "odd type",
        "shared secret",
        "kid that is no text",
        "key set",
        "bytes",
        "encrypted",
    ],
)
def test_a_file_without_one_key_is_refused_in_one_sentence(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(SettingsError, match=r"^private_key_file \S+ must hold one private key, as PEM[^\n]+\.$"):
        load_client_key(write(tmp_path, text))


@pytest.mark.parametrize(
    "text", [pem(P256, private=False), jwk(RSA, private=False), pem(P384)], ids=["public PEM", "public JWK", "P-384"]
)
def test_a_key_that_cannot_sign_for_us_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"must hold a private key: P-256, or RSA of 2048 bits or more\.$"):
        load_client_key(write(tmp_path, text))


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    with pytest.warns(match="2048"):
        text = pem(RSAKey.generate_key(1024))
    with pytest.warns(match="2048"), pytest.raises(SettingsError, match="RSA of 2048 bits or more"):
        load_client_key(write(tmp_path, text))


def test_a_file_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read: No such file or directory\.$"):
        load_client_key(tmp_path / "nowhere")


def test_the_server_says_what_is_wrong_with_the_key_and_does_not_start(directory_file: Path, tmp_path: Path) -> None:
    key = write(tmp_path, "not a key")
    variables = {
        "ISSUER": "http://localhost:9",
        "CLIENT_ID": "ent",
        "PRIVATE_KEY_FILE": key,
        "DIRECTORY": directory_file,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ent_client"],
        env={f"ENT_{name}": str(value) for name, value in variables.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("private_key_file ")
    assert done.stderr.count("\n") == 1


def test_the_private_key_is_in_no_page_and_no_log(
    world: World, joe: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    use_key(world, tmp_path, jwk(P256))
    caplog.set_level("DEBUG")
    joe.sign_in()
    seen = words(joe.open("/diagnostic")) + joe.open("/jwks").text
    seen += " ".join(f"{json.dumps(record.__dict__, default=str)} {record.getMessage()}" for record in caplog.records)
    assert P256.as_dict(private=True)["d"] not in seen
    assert "client_assertion" not in seen
