"""Programs that others wrote, as real processes on the loopback. `make interop` installs them."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.server import START_LIMIT_SECONDS

HERE = Path(__file__).parent
NODE_FLAGS = (
    "--experimental-global-webcrypto",
)  # Debian 12's Node 18 keeps `crypto` behind it; later ones have it anyway


def node() -> str:
    """Return where Node is.

    Raises:
        AssertionError: It, or a package that it needs, is not installed; `make interop` installs both.
    """
    path = shutil.which("node")
    assert path, "node is missing: apt-get install nodejs npm"
    assert (HERE / "node_modules").is_dir(), "run: make interop"
    return path


@contextmanager
def running_program(
    command: Sequence[str], log: Path, ready: str, *, folder: Path = HERE, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a program that serves, and end it.

    Args:
        command: The program and its words.
        log: Takes what it prints.
        ready: An address that answers 200 once it serves.
        folder: Where it runs.
        environment: Variables that it gets beside our own.

    Raises:
        AssertionError: It ended by itself, or did not answer in time; the message holds its log.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  a program that a test names
            command, cwd=folder, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
    try:
        ends = time.monotonic() + START_LIMIT_SECONDS
        pause = threading.Event()
        while not _answers(ready):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, f"no answer at {ready}\n{log.read_text(encoding='utf-8')}"
            pause.wait(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.ConnectionError:
        return False


@contextmanager
def running_look_alike(folder: Path, port: int, client: Mapping[str, Any], user: Mapping[str, Any]) -> Iterator[str]:
    """Serve oidc-provider as FranceConnect would be, and give its issuer.

    Args:
        folder: For its log.
        port: Where.
        client: Metadata of the one client (OpenID Connect Dynamic Client Registration 1.0 section 2).
        user: Claims of the one person.
    """
    issuer = f"http://localhost:{port}/api/v2"
    told = json.dumps({"port": port, "client": client, "user": user})
    with running_program(
        [node(), "look_alike.mjs", told], folder / "look-alike.log", f"{issuer}/.well-known/openid-configuration"
    ):
        yield issuer
