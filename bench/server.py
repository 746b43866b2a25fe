"""Starts what is measured: `python -m bench.server SETTINGS KIND`.

KIND is `bare` (a view that returns ten bytes of JSON, on our server), `no-hash` (the provider, with passwords compared in clear, so that
argon2's cost does not hide the rest), `counting` (the same, saying what it asks of the database) or `whole`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from flask import Flask

import idp.app
from idp.runtime import BusyAnswer, GatedApplication, RunGate, behind_proxies, refusals
from idp.serve import WEB, serve
from idp.settings import Settings, load_settings

START_SECONDS = 30


class ClearHasher:
    """In the place of argon2."""

    def __init__(self, **settings: Any) -> None:
        del settings

    def hash(self, password: str) -> str:
        """Return the password."""
        return password

    def verify(self, encoded: str | None, password: str) -> bool:
        """Compare."""
        return encoded == password


def create_bare(settings: Settings) -> Any:
    """Return an application with one view, behind our run gate."""
    app = Flask(__name__)

    @app.get("/readyz")
    def bare() -> dict[str, int]:
        return {"ok": 1}

    return behind_proxies(gated(app.wsgi_app, RunGate(settings.requests_at_once)), settings.trusted_proxies)


def gated(application: Any, gate: RunGate) -> GatedApplication:
    """Return an application behind our gate, with room for every visitor of a bench."""
    words: dict[str, Any] = {"test_instance": False, "secure": False, "machine_paths": ("/",)}
    return GatedApplication(application, gate, BusyAnswer(**words), refusals(**words))


@contextmanager
def running(settings: Path, kind: str) -> Iterator[int]:
    """Run a server and give its process id.

    Raises:
        SystemExit: It did not answer in 30 s.
    """
    command = [sys.executable, "-m", "bench.server", str(settings), kind]
    with running_command(command, settings.with_suffix(".log"), load_settings(settings).origin) as pid:
        yield pid


@contextmanager
def running_command(command: Sequence[str], log: Path, base: str, *, folder: Path | None = None) -> Iterator[int]:
    """Run a program that serves at `base`, and give its process id.

    Args:
        command: The program and its words.
        log: Takes what it prints.
        base: Where it answers `/readyz`.
        folder: Where it runs; None: here.

    Raises:
        SystemExit: It did not answer in 30 s, or ended by itself.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)  # noqa: S603  our own command
        try:
            _wait(base, process, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def _wait(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < ends and process.poll() is None:
            try:
                if session.get(f"{base}/readyz", timeout=2).ok:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.02)
    raise SystemExit(f"no answer at {base}:\n{log.read_text('utf-8')[-2000:]}")


def main(path: str, kind: str) -> None:
    """Serve until SIGTERM."""
    settings = load_settings(Path(path))
    if kind == "bare":
        serve(settings, web="bench.server:create_bare", outbox=None, check=lambda _: None)
        return
    if kind != "whole":
        setattr(idp.app, "Argon2Hasher", ClearHasher)  # noqa: B010  for the processes forked from this one
    serve(settings, web="bench.counting:create_counting" if kind == "counting" else WEB)


if __name__ == "__main__":
    main(*sys.argv[1:])
