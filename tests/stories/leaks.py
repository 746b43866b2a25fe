"""Leaks of each kind, to be built in: a search that finds none has to be seen finding one."""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.stories.watch import below

LEAKS = ("process", "port", "file", "connections", "memory", "log", "database", "death")
_SECONDS = "60"  # nothing of it outlives its own demonstration by much
_KEPT: list[socket.socket] = []
_TAKES_THE_PORT = """
import socket, sys, time
held = socket.socket()
held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
for _ in range(3000):
    try:
        held.bind(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.01)
held.listen()
time.sleep(float(sys.argv[2]))
"""


def prepare(kinds: Sequence[str]) -> None:
    """Arm what has to be inside the provider from its start."""
    if {"memory", "log"}.intersection(kinds):
        os.environ |= {"STORIES_LEAKS": " ".join(kinds), "PYTHONPATH": str(Path(__file__).parent / "inside")}


def build_in(kind: str, base: str, settings: Path) -> None:
    """Leave something behind, at the end of a worker's stories."""
    port = urlsplit(base).port or 0
    match kind:
        case "process":
            _outlive("import sys, time; time.sleep(float(sys.argv[1]))", _SECONDS)
        case "port":
            _outlive(_TAKES_THE_PORT, str(port), _SECONDS, env={})  # without the mark by which processes are found
        case "file":
            (Path(tempfile.gettempdir()) / "left-behind").touch()
        case "connections":
            _KEPT.extend(socket.create_connection(("127.0.0.1", port)) for _ in range(20))
            time.sleep(1)  # until the provider has taken them
        case "database":
            with sqlite3.connect(settings.with_name("preau.db")) as database:
                database.execute("DELETE FROM audit")
        case "death":
            os.kill(below(os.getpid())[-1], 9)
            time.sleep(1)


def _outlive(program: str, *words: str, env: dict[str, str] | None = None) -> None:
    subprocess.Popen(  # noqa: S603  our own
        [sys.executable, "-c", program, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ).returncode = 0  # nobody waits for it, and nobody is to be warned of that
