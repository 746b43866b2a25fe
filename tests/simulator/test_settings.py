"""Options, files of services and persons, and what is told at another host."""

import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey, RSAKey

from franceconnect_bridge.simulator.__main__ import main, parse
from franceconnect_bridge.simulator.persons import load_persons
from franceconnect_bridge.simulator.records import RecordError
from franceconnect_bridge.simulator.scopes import missing_data
from franceconnect_bridge.simulator.settings import read_public_keys
from idp.people.fiction import FAMILIES, FictionalGuardian
from tests.simulator.world import BASE, ISSUER, Service, simulator
from tests.support.server import free_port

SERVICE = """
[[clients]]
client_id = "cantine"
client_secret = "secret"
name = "Cantine"
redirect_uris = ["https://cantine.example/retour"]
post_logout_redirect_uris = ["https://cantine.example/"]
"""


def write(directory: Path, text: str) -> str:
    path = directory / "fichier.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_options_preau_on_localhost_is_registered() -> None:
    settings, people = parse([])
    [client] = settings.clients
    assert (settings.issuer, settings.listen) == ("http://localhost:8401/api/v2", "127.0.0.1:8401")
    assert (client.client_id, client.client_secret) == ("preau", "preau-simulateur-secret-de-test")
    assert client.redirect_uris == ("http://localhost:8400/franceconnect/retour",)
    assert client.post_logout_redirect_uris == ("http://localhost:8400/franceconnect/deconnecte",)
    assert client.name == "Education Nationale"
    assert people


def test_several_origins_of_the_identity_provider_can_be_registered() -> None:
    settings, _ = parse(["--idp-origin", "http://localhost:1/", "--idp-origin", "http://idp.localhost:2"])
    assert settings.clients[0].redirect_uris == (
        "http://localhost:1/franceconnect/retour",
        "http://idp.localhost:2/franceconnect/retour",
    )


def test_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREAU_FC_SANDBOX_TOKEN", "mot")
    assert parse(["--listen", "0.0.0.0:8401"])[0].sandbox_token == "mot"


def test_services_of_a_file_are_added_and_replace_ours_of_the_same_name(tmp_path: Path) -> None:
    settings, _ = parse(["--clients", write(tmp_path, SERVICE)])
    assert [client.client_id for client in settings.clients] == ["preau", "cantine"]
    settings, _ = parse(["--clients", write(tmp_path, SERVICE.replace('"cantine"', '"preau"'))])
    assert [client.name for client in settings.clients] == ["Cantine"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[clients]]\nclient_id = 'x'", "name is missing"),
        (SERVICE + "autre = 1", "autre is unknown"),
        (SERVICE + "private = 1", "private must be true or false"),
        (SERVICE + "scopes = 'openid'", "scopes must be a list of texts"),
        (SERVICE + "signed_response_alg = 'HS256'", "signed_response_alg must be one of ES256, RS256"),
        (SERVICE + "token_endpoint_auth_method = 'client_secret_basic'", "must be one of client_secret_post"),
        (SERVICE + "token_endpoint_auth_method = 'private_key_jwt'", "public_key must be an RSA or EC key"),
        (SERVICE.replace('client_secret = "secret"', ""), "client_secret is missing"),
        (SERVICE.replace("https://cantine.example/retour", "retour"), "retour must be a web address"),
        (SERVICE.replace('["https://cantine.example/"]', "[]"), "must hold one address or more"),
        ("clients = 3", "must hold [[clients]]"),
        ("=", "is not TOML"),
    ],
)
def test_a_file_of_services_that_is_wrong_is_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(["--clients", write(tmp_path, text)])
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[persons]]\nfamily_name = 'X'", "login is missing"),
        ("[[persons]]\nlogin = ''", "login must have 1 to 100 characters"),
        ("[[persons]]\nlogin = 'x'\nfault = 'y'", "fault y is unknown"),
        ("[[persons]]\nlogin = 'x'\nfault = 'jwks-500'", "strikes before anybody is known"),
        ("[[persons]]\nlogin = 'x'\nfault_seconds = 99", "fault_seconds must be from 0 to 60"),
        ("persons = 3", "must hold [[persons]]"),
        ("=", "is not TOML"),
    ],
)
def test_a_file_of_persons_that_is_wrong_is_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(["--persons", write(tmp_path, text)])
    assert sentence in str(caught.value)


def test_persons_of_a_file_win_over_ours(tmp_path: Path) -> None:
    _, people = parse(["--persons", write(tmp_path, "[[persons]]\nlogin = 'joe'\nfamily_name = 'AUTRE'")])
    assert [person.family_name for person in people if person.login == "joe"] == ["DUPONT", "AUTRE"]


@pytest.mark.parametrize("option", ["--clients", "--persons"])
def test_a_file_that_is_missing_is_told(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option, str(tmp_path / "absent.toml")]) == 1
    assert "cannot be read: No such file or directory." in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--base-url", "localhost"],
        ["--base-url", "http://localhost:8401/chemin"],
        ["--listen", "8401"],
        ["--listen", "127.0.0.1:0"],
        ["--idp-origin", "idp"],
    ],
)
def test_an_option_that_is_wrong_is_told_in_a_sentence(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(options) == 1
    assert capsys.readouterr().err.startswith(options[0])


@pytest.mark.parametrize("kind", [ECKey, RSAKey])
def test_a_public_key_is_read_in_every_form(kind: type[ECKey] | type[RSAKey]) -> None:
    key = ECKey.generate_key("P-256") if kind is ECKey else RSAKey.generate_key(2048)
    jwk = key.as_dict(private=False)
    forms = [key.as_pem(private=False).decode(), json.dumps(jwk), json.dumps({"keys": [jwk]})]
    assert [read_public_keys(form)[0].thumbprint() for form in forms] == [key.thumbprint()] * 3


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[]", '{"keys": 3}', '{"keys": []}', '{"keys": [{"kty": "oct", "k": "YQ"}]}']
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="public_key must be"):
        read_public_keys(text)


def test_a_cookie_over_tls_is_bound_to_the_host() -> None:
    base = "https://fc.example"
    app = simulator(base_url=base)
    answer = app.test_client().get("/api/v2/authorize", base_url=base, query_string=Service(app).request())
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-preau_fc_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


# --- discovery ----------------------------------------------------------------------------------------------------------------------------


def discovery(base: str, **changes: Any) -> dict[str, Any]:
    app = simulator(**changes)
    answer = app.test_client().get("/api/v2/.well-known/openid-configuration", base_url=base)
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    return dict(answer.get_json())


def test_discovery_says_what_franceconnect_s_says() -> None:
    document = discovery(BASE)
    expected = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "jwks_uri": f"{ISSUER}/jwks",
        "end_session_endpoint": f"{ISSUER}/session/end",
        "acr_values_supported": ["eidas1"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
    assert {name: document[name] for name in expected} == expected


def test_at_a_backchannel_host_programs_stay_there_and_browsers_do_not() -> None:
    document = discovery("http://franceconnect:8401", backchannel_hosts=("franceconnect:8401",))
    assert document["issuer"] == ISSUER
    assert document["authorization_endpoint"] == f"{ISSUER}/authorize"
    assert document["end_session_endpoint"] == f"{ISSUER}/session/end"
    for name, path in (("token_endpoint", "token"), ("userinfo_endpoint", "userinfo"), ("jwks_uri", "jwks")):
        assert document[name] == f"http://franceconnect:8401/api/v2/{path}"


def test_a_host_that_was_not_allowed_is_told_nothing() -> None:
    app = simulator()
    answer = app.test_client().get("/api/v2/.well-known/openid-configuration", base_url="http://franceconnect:8401")
    assert answer.status_code == 421


def test_both_kinds_of_key_are_published_without_their_private_half() -> None:
    keys = simulator().test_client().get("/api/v2/jwks", base_url=BASE).get_json()["keys"]
    assert sorted((key["kty"], key["alg"], key["use"]) for key in keys) == [
        ("EC", "ES256", "sig"),
        ("RSA", "RS256", "sig"),
    ]
    assert not any("d" in key for key in keys)


# --- persons ------------------------------------------------------------------------------------------------------------------------------


def bare(text: str) -> str:
    """Letters as the civil register's older machines had them."""
    plain = text.replace("Ł", "L").replace("ı", "i").replace("Đ", "D")
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter)
    ).upper()


@pytest.mark.parametrize(
    "guardian",
    dict.fromkeys(guardian for family in FAMILIES for guardian in family.guardians),
    ids=lambda guardian: guardian.jointure,
)
def test_every_parent_of_the_demo_is_there_under_her_own_name(guardian: FictionalGuardian) -> None:
    found = [
        person
        for person in load_persons(None)
        if bare(person.family_name) == bare(guardian.birth_name)
        and bare(" ".join(person.given_names)) == bare(" ".join(guardian.given_names))
        and (guardian.birth_date is None or person.birthdate == guardian.birth_date.isoformat())
    ]
    assert len(found) == 1
    assert missing_data(found[0]) == []
    usage = "" if guardian.family_name == guardian.birth_name else guardian.family_name
    assert bare(found[0].preferred_username) == bare(usage)


def test_logins_are_different_and_so_are_identities() -> None:
    people = [person for person in load_persons(None) if person.group != "Pannes et refus"]
    assert len({person.login for person in people}) == len(people)
    assert all(person.email == "" or person.email.endswith("@personne.example") for person in people)


# --- the real server ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("-m", "franceconnect_bridge.simulator"), ("-m", "idp.cli", "franceconnect-simulator")])  # fmt: skip
def test_the_command_serves_and_ends_when_told(command: tuple[str, ...], tmp_path: Path) -> None:
    port = free_port()
    options = ["--base-url", f"http://localhost:{port}", "--listen", f"127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *command, *options], stdout=log, stderr=log)  # noqa: S603  our own command
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                answer = requests.get(f"http://localhost:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline
        assert answer.json() == {"status": "ok"}
        taken = subprocess.run([sys.executable, *command, *options], capture_output=True, text=True, check=False)  # noqa: S603
        assert (taken.returncode, taken.stderr.startswith(f"Port {port} of 127.0.0.1 is taken")) == (1, True)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
