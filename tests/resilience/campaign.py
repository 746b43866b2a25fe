"""`make kill`: SIGKILL at seeded random moments of five flows, on both databases, and at every commit of each.

`python -m tests.resilience.campaign [--moments N] [--seed N] [--dialect NAME] [--flow NAME]`. A moment is replayed by its own seed, which
is printed with it: `--moments 1 --seed SEED --dialect NAME --flow NAME`. Exits 1 when anything was violated.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from threading import Event, Timer
from typing import Any

from tests.house.serving import eventually
from tests.resilience.flows import STORIES, Office, Story
from tests.resilience.gateway import running_gateway
from tests.resilience.house import House, standing_house
from tests.support.databases import DIALECTS, fresh_postgresql_database, running_postgresql

IMPORT = "import"
FLOWS = (*STORIES, IMPORT)
SIDES = ("before", "after")
COPIES = 20  # of the demo school, so that an import has some length


@dataclass
class Ground:
    """One database's house and office, with what each flow takes when nobody is killed."""

    house: House
    office: Office
    undisturbed: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    commits: dict[str, int] = field(default_factory=dict)

    def measure(self, times: int = 3) -> None:
        """Run each flow undisturbed, several times: how long it takes, how many commits it makes, what an import leaves."""
        for name, make in STORIES.items():
            taken = []
            for number in range(times):
                story = make(self.house, Random(number))
                story.prepare()
                self.house.plan(program_of(name), 1_000_000, "after")
                began = time.monotonic()
                story.run()
                taken.append(time.monotonic() - began)
                self.commits[name] = self.house.unplan()
                story.check()
            self.seconds[name] = median(taken)
        self.office.clear()
        self.plan_import(1_000_000, "after")
        began = time.monotonic()
        self.office.finish_import()
        self.seconds[IMPORT] = time.monotonic() - began
        self.commits[IMPORT] = self.unplan_import()
        self.undisturbed = self.office.dump()

    def plan_import(self, commit: int, side: str) -> None:
        """Let an import die at its n-th commit."""
        (self.office.folder / "commits").unlink(missing_ok=True)
        (self.office.folder / "plan").write_text(f"import {commit} {side}", encoding="ascii")

    def unplan_import(self) -> int:
        """Let imports live, and return how many commits were counted."""
        (self.office.folder / "plan").unlink(missing_ok=True)
        counted = self.office.folder / "commits"
        return counted.stat().st_size if counted.exists() else 0


def program_of(flow: str) -> str:
    """Return the program whose commits a flow is made of."""
    return {"sending": "outbox", IMPORT: "import"}.get(flow, "web")


@contextmanager
def ground(folder: Path, database_url: str, office_url: str) -> Iterator[Ground]:
    """Build a house and an office on two databases."""
    (folder / "office").mkdir()
    with running_gateway() as gateway, standing_house(folder, database_url, gateway) as house:
        office = Office.open(folder / "office", office_url, COPIES)
        try:
            yield Ground(house, office)
        finally:
            office.engine.dispose()


@contextmanager
def ground_of(dialect: str, folder: Path, server_url: str = "") -> Iterator[Ground]:
    """Build a house and an office on a kind of database."""
    if dialect == "sqlite":
        with ground(folder, f"sqlite:///{folder}/preau.db", f"sqlite:///{folder}/office/preau.db") as built:
            yield built
        return
    with (
        fresh_postgresql_database(server_url) as one,
        fresh_postgresql_database(server_url) as other,
        ground(folder, one, other) as built,
    ):
        yield built


# --- one death -----------------------------------------------------------------------------------------------------------------------


def kill_at_random(on: Ground, flow: str, seed: int) -> str:
    """Kill one process at a random moment of a flow, let the person try again, and check; return what was done."""
    draw = Random(seed)
    if flow == IMPORT:
        return _kill_import_at_random(on, draw)
    story = STORIES[flow](on.house, draw)
    role, choice = draw.choice(story.roles), draw.randrange(2)
    after = draw.random() * on.seconds[flow]
    story.prepare()
    killer = Timer(after, on.house.kill, (role, choice))
    killer.start()
    try:
        story.run()
    finally:
        killer.join()
    story.check()
    return f"{role} after {after:.3f} s"


def _kill_import_at_random(on: Ground, draw: Random) -> str:
    after = draw.random() * on.seconds[IMPORT]
    on.office.clear()
    with on.office.begin_import() as process:
        Event().wait(after)
        process.kill()
    _check_import(on)
    return f"import after {after:.3f} s"


def kill_at_commit(on: Ground, flow: str, commit: int, side: str) -> None:
    """Kill the process that makes the n-th commit of a flow, before or after it, let the person try again, and check."""
    if flow == IMPORT:
        on.office.clear()
        on.plan_import(commit, side)
        with on.office.begin_import() as process:
            process.communicate(timeout=60)
        assert process.returncode == -9, "the import was killed"
        assert on.unplan_import() == commit
        _check_import(on)
        return
    story: Story = STORIES[flow](on.house, Random(f"{flow} {commit} {side}"))
    story.prepare()
    on.house.plan(program_of(flow), commit, side)
    story.run()
    # A sender that finds nothing commits too: the last of the counted commits may come after the last text has left.
    eventually(lambda: on.house.counted() >= commit, f"commit {commit} comes, and the process is killed")
    on.house.unplan()
    story.check()


def _check_import(on: Ground) -> None:
    left = on.office.violations()
    assert not left, left
    on.office.finish_import()
    left = on.office.violations()
    assert not left, left
    assert on.office.dump() == on.undisturbed, "an import that is run again ends like one that nobody disturbed"


# --- the campaign ----------------------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What a campaign found."""

    deaths: int = 0
    violations: list[str] = field(default_factory=list)

    def count(self, what: str, death: Any) -> None:
        """Run one death and note what it violated."""
        self.deaths += 1
        try:
            told = death() or ""
        except Exception:  # noqa: BLE001  whatever is wrong is told with its seed, and the campaign goes on
            self.violations.append(what)
            print(f"VIOLATED {what}\n{traceback.format_exc()}", flush=True)  # noqa: T201
        else:
            print(f"{self.deaths:4} {what} {told}", flush=True)  # noqa: T201


def main() -> int:
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make kill")
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", choices=DIALECTS, action="append")
    parser.add_argument("--flow", choices=FLOWS, action="append")
    parser.add_argument("--commits", action=argparse.BooleanOptionalAction, default=None, help="every commit, too")
    asked = parser.parse_args()
    dialects, flows = asked.dialect or list(DIALECTS), asked.flow or list(FLOWS)
    began = time.monotonic()
    tally = Tally()
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="preau-kill-")))
        server = stack.enter_context(running_postgresql(root / "postgresql")) if "postgresql" in dialects else ""
        for place, dialect in enumerate(dialects):
            (root / dialect / "house").mkdir(parents=True)
            with ground_of(dialect, root / dialect / "house", server) as on:
                on.measure()
                mine = range(asked.seed + place, asked.seed + asked.moments, len(dialects))
                for number, seed in enumerate(mine):
                    flow = flows[number % len(flows)]
                    what = f"{dialect} {flow} --seed {seed}"
                    tally.count(what, lambda on=on, flow=flow, seed=seed: kill_at_random(on, flow, seed))
                if asked.commits if asked.commits is not None else asked.moments > 1:
                    _kill_at_every_commit(on, dialect, flows, tally)
    seconds = time.monotonic() - began
    print(  # noqa: T201
        f"{tally.deaths} deaths, seeds {asked.seed} to {asked.seed + asked.moments - 1}: "
        f"{len(tally.violations)} violated anything, {seconds:.0f} s."
    )
    for what in tally.violations:
        print(f"  {what}")  # noqa: T201
    return 1 if tally.violations else 0


def _kill_at_every_commit(on: Ground, dialect: str, flows: list[str], tally: Tally) -> None:
    for flow in flows:
        for commit in range(1, on.commits[flow] + 1):
            for side in SIDES:
                what = f"{dialect} {flow} {side} commit {commit} of {on.commits[flow]}"
                tally.count(what, lambda flow=flow, commit=commit, side=side: kill_at_commit(on, flow, commit, side))


if __name__ == "__main__":
    sys.exit(main())
