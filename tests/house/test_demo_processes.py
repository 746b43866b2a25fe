"""The demo's programs live and die together: the real provider and the real ENT, on free ports."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.house.serving import children_of, eventually, is_alive
from tests.support.server import free_port


@dataclass
class Running:
    """A demo under test."""

    process: "subprocess.Popen[str]"
    ports: tuple[int, int, int]
    log: Path

    def said(self) -> str:
        """Return what it printed so far."""
        return self.log.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        """Tell whether it has printed where to click."""
        assert self.process.poll() is None, self.said()
        return "Ctrl-C stops everything." in self.said()

    def family(self) -> set[int]:
        """Return every process under it."""
        found, new = set[int](), {self.process.pid}
        while new:
            new = {child for parent in new for child in children_of(parent)} - found
            found |= new
        return found


@contextmanager
def running_demo(directory: Path) -> Iterator[Running]:
    ports = free_port(), free_port(), free_port()
    log = directory / "demo.log"
    words = ["--directory", str(directory / "demo"), "--idp-port", str(ports[0]), "--ent-port", str(ports[1])]
    words += ["--fc-port", str(ports[2])]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "idp.cli", "demo", *words],
            stdout=output,
            stderr=output,
            text=True,
            env={**os.environ, "PREAU_WORKERS": "not for the demo"},
        )
    try:
        running = Running(process, ports, log)
        eventually(running.is_ready, "the demo is ready")
        yield running
    finally:
        process.kill()
        process.wait(30)


def test_ctrl_c_stops_the_three_programs_and_a_second_start_finds_the_school(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        family = demo.family()
        for port in demo.ports:
            assert requests.get(f"http://localhost:{port}/healthz", timeout=10).ok
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(40) == 0, demo.said()
        assert not any(map(is_alive, family))
        assert demo.said().endswith("The demo has stopped.\n")
    with running_demo(tmp_path) as demo:
        ready = f"http://localhost:{demo.ports[0]}/readyz"
        eventually(lambda: requests.get(ready, timeout=10).ok, "a process looks for messages")


def test_nobody_outlives_a_demo_that_is_killed(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        family = demo.family()
        assert len(family) >= 7  # three parents, three web processes, one outbox
        demo.process.kill()
        demo.process.wait(30)
        eventually(lambda: not any(map(is_alive, family)), "nobody is left")


def test_a_program_that_ends_ends_the_demo_with_a_sentence(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        family = demo.family()
        (ent,) = (
            pid for pid in children_of(demo.process.pid) if b"ent_client" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(ent, signal.SIGKILL)
        assert demo.process.wait(40) == 1, demo.said()
        assert "The ENT has stopped: " in demo.said()
        eventually(lambda: not any(map(is_alive, family)), "nobody is left")


def test_a_database_of_another_version_is_one_sentence_that_says_how_to_begin_again(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        demo.process.send_signal(signal.SIGINT)
        demo.process.wait(40)
    with closing(sqlite3.connect(tmp_path / "demo/preau.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = subprocess.run(  # noqa: S603  our own command
        [
            sys.executable,
            "-m",
            "idp.cli",
            "demo",
            "--directory",
            str(tmp_path / "demo"),
            "--idp-port",
            str(free_port()),
            "--ent-port",
            str(free_port()),
            "--fc-port",
            str(free_port()),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("`preau db upgrade` refused: The database was made by another version of Préau")
    assert done.stderr.endswith(f"To begin again: delete {tmp_path}/demo (make demo-clean).\n")
    assert len(done.stderr.splitlines()) == 1
