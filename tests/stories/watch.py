"""What is looked at from outside: a provider while its worker tells stories, and what is left when all is over. Linux only (proc(5))."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROC = Path("/proc")
WARM = 10  # stories after which nothing has a reason to grow
MOST_FILES = 8
"""More open files than after the first stories: connections that were not closed yet."""
MOST_MEGABYTES = 16
"""More memory, of all processes of one provider together."""
_LISTENING = "0A"  # TCP_LISTEN, in the kernel's own table


class Watch:
    """One worker and its provider.

    Args:
        base: The provider's address.
        settings: Its settings file.
    """

    def __init__(self, base: str, settings: Path) -> None:
        self._port = urlsplit(base).port
        self._settings = settings
        self._processes = below(os.getpid())
        self._stories = 0
        self._before: dict[str, float] = {}

    def note_story(self) -> None:
        """Say that a story is over; the last of the first ones is what the end is measured by."""
        self._stories += 1
        if self._stories == WARM:
            self._before = self._weigh()

    def conclude(self) -> dict[str, Any]:
        """Return figures, and `wrong`: a sentence for each thing that may not be."""
        after = self._weigh()
        grown = {name: after[name] - was for name, was in self._before.items()}
        wrong = [
            f"{name} grew by {grown[name]:.0f}, from {self._before[name]:.0f}"
            for name in grown
            if grown[name] > _MOST[name]
        ]
        if below(os.getpid()) != self._processes:
            wrong.append(f"a process came or went: {self._processes} became {below(os.getpid())}")
        wrong += self._errors_of_log() + self._check_database()
        return {"port": self._port, "stories": self._stories, "grown": grown, "after": after, "wrong": wrong}

    def _weigh(self) -> dict[str, float]:
        return {
            "the provider's open files": sum(map(open_files, self._processes)),
            "the worker's open files": open_files(os.getpid()),
            "the provider's megabytes": sum(map(resident_megabytes, self._processes)),
        }

    def _errors_of_log(self) -> list[str]:
        lines = self._settings.with_name("provider.log").read_text(encoding="utf-8").splitlines()
        return [f"its log says: {line}" for line in lines if not _is_calm(line)]

    def _check_database(self) -> list[str]:
        command = [sys.executable, "-m", "idp.cli", "--config", str(self._settings), "db", "check"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own command
        return [f"preau db check: {done.stderr or done.stdout}"] if done.returncode else []


_MOST = {
    "the provider's open files": MOST_FILES,
    "the worker's open files": MOST_FILES,
    "the provider's megabytes": MOST_MEGABYTES,
}


def _is_calm(line: str) -> bool:
    try:
        return json.loads(line)["level"] in {"debug", "info", "warning"}
    except (ValueError, TypeError, KeyError):
        return False  # a traceback, or what somebody printed


def below(root: int) -> list[int]:
    """Return every process below one, and not itself."""
    children = defaultdict(list)
    for pid in _all_processes():
        stat = _read(PROC / f"{pid}/stat").decode("latin1")
        if stat:
            children[int(stat[stat.rindex(")") + 2 :].split()[1])].append(pid)
    found, waiting = [], [root]
    while waiting:
        waiting += children[waiting.pop()]
        found = sorted({*found, *waiting})
    return found


def open_files(pid: int) -> int:
    """Return how many files, sockets and pipes a process holds open; 0 when it ended."""
    try:
        return sum(1 for _ in (PROC / f"{pid}/fd").iterdir())
    except OSError:
        return 0


def resident_megabytes(pid: int) -> float:
    """Return what a process weighs; 0 when it ended."""
    pages = _read(PROC / f"{pid}/statm").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if pages else 0.0


def marked(mark: str) -> dict[int, str]:
    """Return the command of every process whose environment, as it was started, holds this text: whoever its parent is by now."""
    found = {
        pid: _read(PROC / f"{pid}/cmdline")
        for pid in _all_processes()
        if mark.encode() in _read(PROC / f"{pid}/environ")
    }
    return {pid: command.replace(b"\0", b" ").decode(errors="replace").strip() for pid, command in found.items()}


def still_open(ports: set[int]) -> set[int]:
    """Return those of the ports that a program on this machine listens on."""
    rows = [
        line.split() for table in ("tcp", "tcp6") for line in _read(PROC / f"net/{table}").decode().splitlines()[1:]
    ]
    return ports & {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTENING}


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it ended meanwhile, or is somebody else's
