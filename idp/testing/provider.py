"""A provider in a process of its own: its directory is copied from one that was prepared once, so that it starts quickly."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests

from idp.runtime import die_with_parent

_START_SECONDS = 180  # of eight at once on a busy machine; one that fails says so at once
_STOP_SECONDS = 15
_TRIES = 3  # at a port that another program took meanwhile
_PAUSE_SECONDS = 0.05


class ProviderError(Exception):
    """The provider cannot be prepared or started; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a suite wants of its provider.

    Attributes:
        families: Families documents of its own.
        cases: Named cases; `all` for every one.
        settings: More lines of the settings, in TOML, before any table.
    """

    families: tuple[Path, ...] = ()
    cases: tuple[str, ...] = ("all",)
    settings: str = ""

    def __post_init__(self) -> None:
        """Check what the settings have no place for.

        Raises:
            ProviderError: There is more than one document: an instance names one.
        """
        if len(self.families) > 1:
            raise ProviderError("preau_families names several documents: write them into one.")


def prepare_template(folder: Path, wishes: Wishes) -> Path:
    """Make a database with the tables and the families, once for all who share the folder, and return its directory.

    Raises:
        ProviderError: The families cannot be taken in; the message says why.
    """
    template, lock = folder / "preau-template", folder / "preau-template.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        _wait_for(template, folder / "preau-template.failed")
        return template
    unfinished = folder / "preau-template.partial"
    unfinished.mkdir()
    settings = _write_settings(unfinished, 8400, wishes)
    try:
        _run(settings, "init")
        _run(settings, "db", "upgrade")
        if wishes.families or wishes.cases:
            _run(settings, "families", "load")
    except ProviderError as error:
        (folder / "preau-template.failed").write_text(str(error), encoding="utf-8")
        raise
    unfinished.rename(template)
    return template


def _wait_for(template: Path, failed: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while not template.exists():
        if failed.exists():
            raise ProviderError(failed.read_text(encoding="utf-8"))
        if time.monotonic() > ends:
            raise ProviderError("another worker prepares the database and does not come to an end")
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def running_provider(template: Path, folder: Path, wishes: Wishes) -> Iterator[str]:
    """Serve a copy of the template, give its address, and stop it at the end.

    Raises:
        ProviderError: It does not start.
    """
    place = folder / "preau"
    shutil.copytree(template, place)
    for attempt in range(_TRIES):
        port = _free_port()
        process = _start(_write_settings(place, port, wishes), place / "provider.log")
        try:
            base = f"http://localhost:{port}"
            if _becomes_healthy(base, process, place / "provider.log", is_last=attempt == _TRIES - 1):
                yield base
                return
        finally:
            _stop(process)


def _write_settings(place: Path, port: int, wishes: Wishes) -> Path:
    def quoted(text: object) -> str:
        return json.dumps(str(text), ensure_ascii=False)  # a JSON string is a TOML basic string

    families = f"file = {quoted(wishes.families[0].absolute())}\n" if wishes.families else ""
    path = place / "preau.toml"
    path.write_text(
        f"""issuer = "http://localhost:{port}"
test_instance = true
listen = "127.0.0.1:{port}"
database_url = {quoted(f"sqlite:///{place}/preau.db")}
master_key_file = {quoted(place / "master.key")}
{wishes.settings}

[sandbox]
enabled = true

[sms]
adapter = "file"
file = {quoted(place / "sms.jsonl")}

[registration]
mode = "open"

[argon2]
# The cheapest that argon2 takes: a test suite is about behaviour.
memory_kib = 8
time_cost = 1

[families]
{families}cases = {json.dumps(wishes.cases)}
""",
        encoding="utf-8",
    )
    return path


def _run(settings: Path, *words: str) -> None:
    done = subprocess.run(  # noqa: S603  our own command
        [*_command(settings), *words], capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        raise ProviderError(f"preau {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")


def _start(settings: Path, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  our own command
            [*_command(settings), "serve"],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=_environment(),
            # However the suite ends, nothing stays behind.
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
            process_group=0,
        )


def _becomes_healthy(base: str, process: "subprocess.Popen[bytes]", log: Path, *, is_last: bool) -> bool:
    ends = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        try:
            if requests.get(f"{base}/readyz", timeout=2).ok:
                return True
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(_PAUSE_SECONDS)
    said = log.read_text(encoding="utf-8", errors="replace")
    if is_last or "is taken" not in said:
        raise ProviderError(f"the provider does not start:\n{said}")
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _command(settings: Path) -> Sequence[str]:
    return (sys.executable, "-m", "idp.cli", "--config", str(settings))


def _environment() -> dict[str, str]:
    """The provider is what its file says, not what the suite's own variables happen to hold."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREAU_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
