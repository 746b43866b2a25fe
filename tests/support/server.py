"""A real identity provider for tests: the product's own command line, server and database, on a free loopback port."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.seed import put_at_seed

ENT_REDIRECT_URI = "http://localhost:8402/retour"
START_LIMIT_SECONDS = 60


@dataclass(frozen=True)
class RunningServer:
    """A provider that answers."""

    base: str
    directory: Path
    log: Path


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


ALL_FIFTY_ADMITTED = "requests_at_once = 64"  # by each process: the kernel hands out connections unevenly


def write_settings(
    directory: Path,
    port: int,
    *,
    more: str = "",
    clients: str = "",
    database_url: str = "",
    sms: str = "",
    sandbox: str = "",
) -> Path:
    """Write a settings file for a test instance and return its path."""
    path = directory / "preau.toml"
    path.write_text(
        f"""
issuer = "http://localhost:{port}"
test_instance = true
listen = "127.0.0.1:{port}"
database_url = "{database_url or f"sqlite:///{directory}/preau.db"}"
master_key_file = "{directory}/master.key"
{"" if "requests_at_once" in more else ALL_FIFTY_ADMITTED}
{more}

[sandbox]
enabled = true
{sandbox}

[sms]
adapter = "file"
file = "{directory}/sms.jsonl"
{sms}

[argon2]
# The cheapest that argon2 takes: stories are about behaviour, the bench is about cost.
memory_kib = 8
time_cost = 1

[[authentication_levels]]
acr = "https://level.example/two"
second_factor = "sms"

[[authentication_levels]]
acr = "https://level.example/one"

[[clients]]
client_id = "ent"
client_name = "ENT Marronnier"
client_secret = "secret-of-the-ent"
redirect_uris = ["{ENT_REDIRECT_URI}"]
post_logout_redirect_uris = ["http://localhost:8402/deconnecte"]
home_uri = "http://localhost:8402/"

[[clients]]
client_id = "tablet"
client_name = "Tablette du préau"
token_endpoint_auth_method = "none"
# Another host than the ENT's: subjects are pairwise by host.
redirect_uris = ["http://127.0.0.1:8403/retour"]

[[clients]]
client_id = "rich"
client_name = "ENT Tilleul"
client_secret = "secret-of-the-rich"
redirect_uris = ["http://localhost:8404/"]
subject_type = "aaf"
claims_in_id_token = true
omitted_claims = ["given_name"]
id_token_signed_response_alg = "ES256"

[[clients]]
client_id = "stays"
client_name = "ENT Noisetier"
client_secret = "secret-of-the-one-that-stays"
redirect_uris = ["http://localhost:8405/retour"]
scope = ["openid", "profile", "ect.scope.cnx", "offline_access"]
grant_types = ["authorization_code", "refresh_token"]

[[clients]]
client_id = "aulne"
client_name = "Site Aulne"
client_secret = "secret-of-the-one-that-asks"
redirect_uris = ["http://localhost:8407/retour"]
scope = ["openid", "profile", "ect.scope.cnx", "ect.scope.stage", "offline_access"]
grant_types = ["authorization_code", "refresh_token"]
consent = "remembered"
policy_uri = "http://localhost:8407/donnees"
tos_uri = "http://localhost:8407/regles"

[[clients]]
client_id = "saule"
client_name = "Site Saule"
client_secret = "secret-of-the-one-that-insists"
redirect_uris = ["http://localhost:8408/retour"]
consent = "always"

[[clients]]
client_id = "sorbier"
client_name = "ENT Sorbier"
client_secret = "secret-of-the-one-that-signs"
redirect_uris = ["http://localhost:8406/retour"]
access_token_format = "jwt"
userinfo_signed_response_alg = "ES256"

[[clients]]
client_id = "frene"
client_name = "ENT Frêne"
client_secret = "secret-of-the-hurried-one"
redirect_uris = ["http://localhost:8407/retour"]
scope = ["openid", "profile", "offline_access"]
grant_types = ["authorization_code", "refresh_token"]
access_token_seconds = 90
id_token_seconds = 60
refresh_token_days = 2
{clients}
""",
        encoding="utf-8",
    )
    return path


@contextmanager
def running_server(
    directory: Path,
    *,
    more: str = "",
    clients: str = "",
    database_url: str = "",
    sms: str = "",
    sandbox: str = "",
    port: int = 0,
) -> Iterator[RunningServer]:
    """Prepare a database with the fictional school, serve it, and stop it at the end."""
    port = port or free_port()
    settings = write_settings(
        directory, port, more=more, clients=clients, database_url=database_url, sms=sms, sandbox=sandbox
    )
    put_at_seed(settings, directory)
    with serving(settings, port, directory) as running:
        yield running


@contextmanager
def serving(settings: Path, port: int, directory: Path) -> Iterator[RunningServer]:
    """Serve what the settings say, and stop it at the end."""
    log = directory / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "idp.cli", "--config", str(settings), "serve"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            wait_until_healthy(f"http://localhost:{port}", process, log)
            yield RunningServer(f"http://localhost:{port}", directory, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_until_healthy(base: str, process: "subprocess.Popen[bytes]", log: Path, *, path: str = "/readyz") -> None:
    """Wait for the first healthy answer.

    Raises:
        AssertionError: The server ended, or did not answer in time; the message holds its log.
    """
    pause = threading.Event()
    ends = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < ends:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{base}{path}", timeout=2).ok:
                return
        except (requests.ConnectionError, requests.Timeout):  # not there yet, or on a machine that is busy
            pause.wait(0.05)
    raise AssertionError(f"no healthy answer in {START_LIMIT_SECONDS} s\n{log.read_text(encoding='utf-8')}")
