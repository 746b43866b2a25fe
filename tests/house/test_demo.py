"""`preau demo`: what it writes, and how it refuses."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ent_client.settings import BACKCHANNEL_LOGOUT_PATH
from ent_client.settings import load_settings as load_ent_settings
from franceconnect_bridge.simulator.settings import Settings as SimulatorSettings
from idp.demo import PEOPLE, Demo, _write_settings, welcome
from idp.mount_franceconnect import bridge_settings
from idp.settings import load_settings
from tests.support.server import free_port


@pytest.mark.parametrize(("idp_host", "ent_host"), [("localhost", "localhost"), ("idp.localhost", "ent.localhost")])
def test_the_three_programs_take_the_settings_that_the_demo_writes(
    tmp_path: Path, idp_host: str, ent_host: str
) -> None:
    demo = Demo(tmp_path / "the demo", idp_host, ent_host)
    _write_settings(demo)
    provider, ent = load_settings(demo.settings), load_ent_settings({}, demo.directory / "ent.toml")
    (client,) = provider.clients
    assert ent.issuer == provider.issuer == f"http://{idp_host}:8400"
    assert client.client_secret
    assert (ent.client_id, ent.client_secret) == (client.client_id, client.client_secret.get_secret_value())
    assert client.redirect_uris == (f"{ent.base_url}/retour",)
    assert provider.franceconnect.issuer == "http://localhost:8401/api/v2"
    known = SimulatorSettings(idp_origin=demo.idp).all_clients()["preau"]
    assert provider.franceconnect.client_secret is not None
    assert provider.franceconnect.client_secret.get_secret_value() == known.client_secret
    assert bridge_settings(provider).redirect_uri in known.redirect_uris
    assert bridge_settings(provider).post_logout_redirect_uri in known.post_logout_redirect_uris
    assert client.backchannel_logout_uri == f"http://{ent.listen}{BACKCHANNEL_LOGOUT_PATH}"
    assert provider.listen_address == ("127.0.0.1", 8400)
    assert {f"{idp_host}:8400", "localhost:8400"} <= provider.accepted_hosts
    assert demo.settings.stat().st_mode & 0o777 == 0o600


def test_the_named_cases_come_where_they_are_asked_for_and_stay_away_otherwise(tmp_path: Path) -> None:
    for asked in (False, True):
        demo = Demo(tmp_path, cases=asked)
        _write_settings(demo)
        assert load_settings(demo.settings).families.cases == (("all",) if asked else ())
        assert ("named cases" in welcome(demo)) is asked


def test_what_is_printed_names_the_doors_and_the_people() -> None:
    text = welcome(Demo())
    for door in (
        "http://localhost:8402/",
        "http://localhost:8400/",
        "http://localhost:8401/",
        "test / 123",
        "/sandbox/messages",
        "/sandbox/v1/messages?to=%2B33639980001",
    ):
        assert door in text
    for name, phone, pupils in PEOPLE:
        assert name in text
        assert phone in text
        assert pupils in text


def run_demo(directory: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "demo", "--directory", str(directory), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("option", ["--idp-port", "--ent-port", "--fc-port"])
def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path, option: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        ports = {name: str(free_port()) for name in ("--idp-port", "--ent-port", "--fc-port")} | {option: taken}
        done = run_demo(tmp_path, *(word for pair in ports.items() for word in pair))
    assert done.returncode == 1
    assert (
        done.stderr
        == f"Port {taken} is taken: stop the other program (another demo?), or see preau demo --help for other ports.\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ports = [word for name in ("--idp-port", "--ent-port", "--fc-port") for word in (name, str(free_port()))]
    done = run_demo(tmp_path / "file/demo", *ports)
    assert done.returncode == 1
    assert done.stderr == f"Cannot write in {tmp_path}/file/demo: not a directory.\n"
