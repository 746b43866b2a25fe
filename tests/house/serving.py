"""Real servers on free ports, and bounded waits for what other processes do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import requests

from tests.support.server import free_port

PATIENCE_SECONDS = 30


def eventually(question: Callable[[], Any], about: str) -> Any:
    """Ask until the answer is not empty.

    Raises:
        AssertionError: It stayed empty for half a minute.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    pause = Event()
    while time.monotonic() < ends:
        if answer := question():
            return answer
        pause.wait(0.02)
    raise AssertionError(f"not in {PATIENCE_SECONDS} s: {about}")


def is_alive(pid: int) -> bool:
    """Tell whether a process runs: a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(pid: int) -> set[int]:
    """Return the living children of a process."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state not in "ZX":
            found.add(int(place.name))
    return found


@dataclass
class Served:
    """A server under test."""

    process: "subprocess.Popen[str]"
    port: int
    directory: Path
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **more: str) -> str:
        """Return the body of an answer."""
        self.http.trust_env = False
        answer = self.http.get(f"http://127.0.0.1:{self.port}{path}", params=more, timeout=20)
        return answer.text

    def worker(self) -> int | None:
        """Return the process id of the web process that answered, or None."""
        try:
            return int(requests.get(f"http://127.0.0.1:{self.port}/pid", timeout=5).text)
        except requests.ConnectionError:
            return None

    def log(self) -> str:
        """Return what the server wrote."""
        return (self.directory / "log").read_text(encoding="utf-8")


def write_settings(directory: Path, port: int, more: str = "", address: str = "127.0.0.1") -> Path:
    path = directory / "preau.toml"
    path.write_text(
        f"""
issuer = "http://localhost:{port}"
test_instance = true
listen = "{address}:{port}"
master_key_file = "{directory}/master.key"
{more}
[sms]
file = "{directory}/outbox.pid"
""",
        encoding="utf-8",
    )
    return path


@contextmanager
def served(directory: Path, *words: str, more: str = "", port: int = 0, address: str = "127.0.0.1") -> Iterator[Served]:
    """Start a server; it is killed at the end if it still runs."""
    port = port or free_port()
    settings = write_settings(directory, port, more, address)
    with (directory / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "tests.house.run_serve", str(settings), *words],
            stdout=log,
            stderr=log,
            text=True,
            env={**os.environ, "PREAU_LOG_LEVEL": "info"},
        )
    try:
        yield Served(process, port, directory)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)
