"""Settings: the file, then the variables; what is wrong is said in one sentence."""

from dataclasses import fields
from pathlib import Path

import pytest

from ent_client.settings import _READERS, Settings, SettingsError, is_loopback, load_settings, origin

ENOUGH = {"ENT_ISSUER": "http://localhost:8400", "ENT_CLIENT_ID": "ent", "ENT_CLIENT_SECRET": "s"}


def test_three_settings_are_enough() -> None:
    settings = load_settings(ENOUGH)
    assert settings.metadata_url == "http://localhost:8400/.well-known/openid-configuration"
    assert settings.listen_address == ("127.0.0.1", 8402)
    assert settings.timeout_seconds == 5
    assert not settings.secure


def test_the_file_is_read_and_variables_win(tmp_path: Path) -> None:
    file = tmp_path / "ent.toml"
    file.write_text(
        'issuer = "https://idp.example/idp"\ndiscovery_url = "https://idp.example/.well-known/openid-configuration"\n'
        'client_id = "ent"\nclient_secret = "s"\nbase_url = "https://ent.example/"\ndirectory = "annuaire.json"\n'
        'algorithms = ["ES256"]\ntimeout_seconds = 2\nsession_seconds = 600\nsandbox = false\nexpected_acr = ["eidas1"]\n',
        encoding="utf-8",
    )
    settings = load_settings({"ENT_CONFIG": str(file), "ENT_SCOPE": "openid", "ENT_SANDBOX": "1", "PATH": "/bin"})
    assert settings.directory == tmp_path / "annuaire.json"
    assert settings.base_url == "https://ent.example"
    assert (settings.secure, settings.sandbox, settings.scope) == (True, True, "openid")
    assert settings.algorithms == ("ES256",)
    assert settings.metadata_url == "https://idp.example/.well-known/openid-configuration"
    assert settings.issuer_origin == "https://idp.example"


def test_a_private_key_takes_the_place_of_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "ent.toml"
    file.write_text('issuer = "https://idp.example"\nclient_id = "ent"\nprivate_key_file = "key.pem"', encoding="utf-8")
    settings = load_settings({}, file)
    assert settings.private_key_file == tmp_path / "key.pem"
    assert settings.client_secret == ""
    assert load_settings({**ENOUGH, "ENT_PRIVATE_KEY_FILE": ""}).private_key_file is None


def test_servers_may_reach_the_provider_under_another_name() -> None:
    settings = load_settings({**ENOUGH, "ENT_BACKCHANNEL_ORIGIN": "http://idp:8400"})
    assert settings.metadata_url == "http://idp:8400/.well-known/openid-configuration"
    assert (settings.issuer_origin, settings.server_origin) == ("http://localhost:8400", "http://idp:8400")


def test_every_setting_has_a_reader_and_no_reader_lacks_a_setting() -> None:
    assert set(_READERS) == {setting.name for setting in fields(Settings)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ENT_ISSUER": None}, "issuer is missing"),
        ({"ENT_CLIENT_SECRET": None}, "ENT_CLIENT_SECRET"),
        ({"ENT_CLIENT_SECRET": ""}, "must not be empty"),
        ({"ENT_PRIVATE_KEY_FILE": "key.pem"}, "one of the two, not both"),
        ({"ENT_PRIVATE_KEY_FILE": "", "ENT_CLIENT_SECRET": None}, "must not be empty"),
        ({"ENT_ISUER": "x"}, "ENT_ISUER is not a setting"),
        ({"ENT_ISSUER": "idp.example"}, "must be a web address"),
        ({"ENT_ISSUER": "http://idp.example"}, "must start with https://"),
        ({"ENT_ISSUER": "http://localhost:8400@evil.example"}, "no password"),
        ({"ENT_ISSUER": "http://localhost:99999999"}, "must be a web address"),
        ({"ENT_ISSUER": "http://localhost:8400?x=1"}, "no query"),
        ({"ENT_DISCOVERY_URL": "https://evil.example/x"}, "same scheme, host and port"),
        ({"ENT_BACKCHANNEL_ORIGIN": "http://idp:8400/x"}, "without a path"),
        ({"ENT_BACKCHANNEL_ORIGIN": "idp:8400"}, "without a path"),
        (
            {"ENT_BACKCHANNEL_ORIGIN": "http://idp:8400", "ENT_ISSUER": "https://idp.example"},
            "unless the issuer's host",
        ),
        ({"ENT_BASE_URL": "https://ent.example/portail"}, "without a path"),
        ({"ENT_BASE_URL": "http://ent.example"}, "must start with https://"),
        ({"ENT_ALGORITHMS": "HS256"}, "RS256 and ES256 only"),
        ({"ENT_ALGORITHMS": "RS256 none"}, "RS256 and ES256 only"),
        ({"ENT_ALGORITHMS": ""}, "RS256 and ES256 only"),
        ({"ENT_SCOPE": "profile"}, "openid"),
        ({"ENT_TIMEOUT_SECONDS": "0"}, "more than 0"),
        ({"ENT_TIMEOUT_SECONDS": "soon"}, "must be a number"),
        ({"ENT_TIMEOUT_SECONDS": "nan"}, "more than 0"),
        ({"ENT_SESSION_SECONDS": "59"}, "between 60 and 86400"),
        ({"ENT_LISTEN": "8402"}, "host:port"),
        ({"ENT_LISTEN": "127.0.0.1:99999"}, "host:port"),
        ({"ENT_SANDBOX": "perhaps"}, "must be 1 or 0"),
        ({"ENT_SANDBOX": "1", "ENT_LISTEN": "0.0.0.0:8402"}, "loopback"),
        ({"ENT_SANDBOX": "1", "ENT_LISTEN": "0.0.0.0:8402", "ENT_SANDBOX_TOKEN": "short"}, "16 signs"),
        ({"ENT_CONFIG": "/nowhere/ent.toml"}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(change: dict[str, str | None], sentence: str) -> None:
    environ = {name: value for name, value in {**ENOUGH, **change}.items() if value is not None}
    with pytest.raises(SettingsError, match=r"^[^\n]+\.$") as refusal:
        load_settings(environ)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("issuer = 3", "must be a text"),
        ("issuer =", "is not TOML"),
        ("colour = 'brown'", "colour in"),
        ("timeout_seconds = true", "must be a number"),
        ("algorithms = 3", "must be a list of words"),
        ("sandbox = 2", "must be 1 or 0"),
    ],
)
def test_a_wrong_file_is_said_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "ent.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=sentence):
        load_settings(ENOUGH, file)


def test_the_secret_is_not_printed_with_the_settings() -> None:
    assert "hidden-word" not in repr(load_settings({**ENOUGH, "ENT_CLIENT_SECRET": "hidden-word"}))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "ent.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_these_hosts_never_leave_the_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "localhost.example", "127.0.0.1.example", "127.evil", "0.0.0.0", "10.0.0.1", "localhost@x"],  # noqa: S104  an address to be refused
)
def test_these_hosts_do(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://IDP.example:443/idp", "https://idp.example"),
        ("http://localhost:8400/", "http://localhost:8400"),
        ("http://[::1]:8400/x", "http://[::1]:8400"),
        ("https://idp.example@evil.example/", "https://evil.example"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected
