"""`make stories`: N stories on W workers, R times, and what is left when each run is over.

`python -m tests.stories.campaign [--stories N] [--workers N] [--runs N] [--leak KIND]`. A story is a test of its own: an account activated,
a sign-in, the ID token checked. Exits 1 when a test failed or anything was left behind; `--leak` builds something in that must be found.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.stories.leaks import LEAKS
from tests.stories.watch import MOST_FILES, MOST_MEGABYTES, marked, still_open

HERE = Path(__file__).parent
PATIENCE_SECONDS = 5  # a worker ends after pytest has said its last word


@dataclass
class Outcome:
    """What one run came to."""

    seconds: float
    workers: list[dict[str, Any]]
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Tell the figures in one line."""
        grown = [max((one["grown"].get(name, 0) for one in self.workers), default=0) for name in _GROWN]
        told = ", ".join(f"{name} {most:+.0f} at most" for name, most in zip(_GROWN, grown, strict=True))
        stories = sum(one["stories"] for one in self.workers)
        return f"{stories} stories at {len(self.workers)} providers in {self.seconds:.0f} s; {told}"


_GROWN = ("the provider's open files", "the worker's open files", "the provider's megabytes")


def run(stories: int, workers: int, leaks: Sequence[str]) -> Outcome:
    """Run the stories once, in a folder of their own, and look for what they left."""
    mark = f"STORIES_RUN={uuid4().hex}"
    with tempfile.TemporaryDirectory(prefix="preau-stories-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        for folder in ("found", "temporary"):
            (place / folder).mkdir()
        began = time.monotonic()
        trouble = _run_pytest(
            place, mark, ["--stories", str(stories), "-n", str(workers), *(f"--leak={leak}" for leak in leaks)], stories
        )
        outcome = Outcome(
            time.monotonic() - began,
            [json.loads(one.read_text("utf-8")) for one in sorted((place / "found").iterdir())],
        )
        ports = [one["port"] for one in outcome.workers]
        outcome.wrong += trouble
        if len(outcome.workers) != workers or len(set(ports)) != workers:
            outcome.wrong.append(f"{workers} workers had providers at these ports: {ports}")
        outcome.wrong += [f"port {one['port']}: {sentence}" for one in outcome.workers for sentence in one["wrong"]]
        outcome.wrong += _left_running(mark, set(ports))
        outcome.wrong += [f"a file is left: {path.name}" for path in sorted((place / "temporary").iterdir())]
    return outcome


def _run_pytest(place: Path, mark: str, words: list[str], stories: int) -> list[str]:
    """Run it, with whatever temporary files anybody makes in a folder of their own, and return what it had to complain of."""
    name, _, value = mark.partition("=")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=short",
        "--maxfail=5",
        "-c",
        str(HERE / "pytest.ini"),
        str(HERE),
        "-p",
        "idp.testing.plugin",
    ]
    with (place / "output").open("w+", encoding="utf-8") as output:
        done = subprocess.run(  # noqa: S603  our own command
            [*command, "--basetemp", str(place / "pytest"), "--found", str(place / "found"), *words],
            env={**os.environ, name: value, "TMPDIR": str(place / "temporary")},
            stdin=subprocess.DEVNULL,
            stdout=output,  # a file: whoever outlives the run would hold a pipe open
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        said = output.read()
    if done.returncode == 0 and re.search(rf"^{stories} passed in ", said, re.MULTILINE):
        return []
    return [f"pytest ended with {done.returncode}:\n{said[:6000]}"]


def _left_running(mark: str, ports: set[int]) -> list[str]:
    """Return what still runs or listens, and end what is ours."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while (marked(mark) or still_open(ports)) and time.monotonic() < ends:
        time.sleep(0.1)
    left = marked(mark)
    wrong = [f"process {pid} is left: {command[:200]}" for pid, command in left.items()]
    wrong += [f"port {port} is still open" for port in sorted(still_open(ports))]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return wrong


def main(stories: int, workers: int, runs: int, leaks: Sequence[str]) -> None:
    """Run it so many times, tell each, and exit 1 when anything was wrong."""
    print(  # noqa: T201
        f"{stories} stories, {workers} workers, {runs} runs; a provider may grow by {MOST_FILES} open files and {MOST_MEGABYTES} MB"
    )
    wrong = 0
    for number in range(runs):
        outcome = run(stories, workers, leaks)
        print(f"run {number + 1}: {outcome}", flush=True)  # noqa: T201
        for sentence in outcome.wrong:
            print(f"  {sentence}", flush=True)  # noqa: T201
        wrong += len(outcome.wrong)
    if wrong:
        sys.exit(1)
    print("Nothing failed, and nothing was left behind.")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--leak", choices=LEAKS, action="append", default=[], help="several may be given")
    told = parser.parse_args()
    main(told.stories, told.workers, told.runs, told.leak)
