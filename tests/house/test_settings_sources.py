"""Where settings come from: a file, variables over it, and the master key; and what is said where one cannot be read."""

import base64
from pathlib import Path

import pytest

from idp.settings import Settings, SettingsError, create_master_key, load_master_key, load_settings
from tests.house.test_settings import REAL, load, no_variables

__all__ = ["no_variables"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"issuer = ", "is not TOML: Invalid value (at end of document)"),
        (b"# \xff", "is not UTF-8 text"),
        (b"clients = " + b"[" * 5000 + b"]" * 5000, "is nested too deep for settings"),
        (b"sandbox = " + b"{a=" * 5000 + b"1" + b"}" * 5000, "is nested too deep for settings"),
        (None, "cannot be read: no such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "preau.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert str(refused.value) == f"{path} {problem}."


def test_a_variable_that_is_nested_too_deep_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREAU_CLIENTS", "[" * 5000 + "]" * 5000)
    with pytest.raises(SettingsError, match="a variable PREAU_… is nested too deep for settings"):
        load_settings()


def test_a_families_document_that_is_nested_too_deep_is_said(tmp_path: Path) -> None:
    document = tmp_path / "families.toml"
    document.write_bytes(b"clients = " + b"[" * 5000 + b"]" * 5000)
    path = tmp_path / "preau.toml"
    path.write_text(f'issuer = "http://localhost:8400"\ntest_instance = true\nfamilies.file = "{document}"', "utf-8")
    with pytest.raises(SettingsError, match=r"families.file names .*, which is nested too deep"):
        load_settings(path)


def test_no_settings_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="neither --config nor PREAU_CONFIG names a settings file"):
        load_settings()


def test_the_file_is_the_argument_s_then_the_variable_s_then_the_one_that_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("preau", "variable", "argument"):
        (tmp_path / f"{name}.toml").write_text(f'issuer = "https://{name}.example.org"', encoding="utf-8")
    assert load_settings().issuer_host == "preau.example.org"
    monkeypatch.setenv("PREAU_CONFIG", "variable.toml")
    assert load_settings().issuer_host == "variable.example.org"
    assert load_settings(Path("argument.toml")).issuer_host == "argument.example.org"


def test_variables_win_over_the_file_and_the_rest_of_a_table_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREAU_WORKERS", "3")
    monkeypatch.setenv("PREAU_SMS__PER_DAY", "7")
    monkeypatch.setenv("PREAU_TEST_ISSUER_HOSTS", '["idp.example.org"]')
    settings = load(tmp_path, REAL + "workers = 2\nrequests_at_once = 4\n[sms]\nper_day = 9\nper_number_day = 4")
    assert (settings.workers, settings.requests_at_once, settings.test_issuer_hosts) == (3, 4, ("idp.example.org",))
    assert (settings.sms.per_day, settings.sms.per_number_day) == (7, 4)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PREAU_WORKERS", "hunter2", "workers (from PREAU_WORKERS) must be a whole number."),
        (
            "PREAU_SANDBOX__TOKEN",
            "hunter2",
            "sandbox.token (from PREAU_SANDBOX__TOKEN) must have at least 16 characters.",
        ),
        ("PREAU_SANDBOX__TOKENS", "hunter2", "sandbox.tokens (from PREAU_SANDBOX__TOKENS) is not a setting."),
        ("PREAU_WORKER", "hunter2", "PREAU_WORKER is not the variable of a setting."),
        ("PREAU_CLIENTS", "[hunter2", "PREAU_CLIENTS is not JSON, as lists and tables must be in a variable."),
        (
            "PREAU_CLIENTS",
            '[{"client_id": "hunter2", "client_name": "e", "token_endpoint_auth_method": "none"}]',
            "clients[0].redirect_uris (from PREAU_CLIENTS) is missing.",
        ),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, REAL)
    assert str(refused.value) == sentence


def test_a_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "master.key"
    settings = Settings(issuer="https://idp.example.org", master_key_file=path)
    assert create_master_key(path)
    key = load_master_key(settings)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert not create_master_key(path)
    assert load_master_key(settings) == key
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (None, 0, "does not exist: run preau init, or set PREAU_MASTER_KEY"),
        ("hunter2", 0o600, "must be 32 bytes in base64"),
        (base64.b64encode(b"x" * 31).decode(), 0o600, "must be 32 bytes in base64"),
        ("é", 0o600, "must be 32 bytes in base64"),
        (base64.b64encode(b"x" * 32).decode(), 0o644, "is open to every user of this machine: chmod 600 it"),
    ],
)
def test_a_master_key_that_cannot_be_used_is_said(tmp_path: Path, content: str | None, mode: int, problem: str) -> None:
    path = tmp_path / "master.key"
    if content is not None:
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
    with pytest.raises(SettingsError) as refused:
        load_master_key(Settings(issuer="https://idp.example.org", master_key_file=path))
    assert str(refused.value) == f"master_key_file (from {path}) {problem}."


def test_a_master_key_may_come_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREAU_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    assert load_master_key(load(tmp_path, REAL)) == b"k" * 32
