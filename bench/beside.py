"""What the same requests cost here and at a certified provider for Node: `python -m bench.beside [--write] [--node PATH]`.

Both are driven by the same visitors, in turn within each round; the ratio is taken round by round.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.driver import Run, drive
from bench.logins import DIALECTS, VISITORS
from bench.node_provider import Node, find_node, running_node
from bench.places import PASSWORD, add_accounts, describe_machine, fresh_database, identifiant_of, make_place
from bench.results import end_progress, keep, make_table, show_progress, today
from bench.server import running
from bench.visitor import Visitor

ROUNDS, FEWEST = 9, 3
SECONDS = 100
BOUNDARIES = """\
Compared: the same requests of the same driver, one process each, one registration of the client (secret in the header, PKCE,
RS256, opaque access tokens, pairwise `sub`, no consent), refresh tokens that rotate, passwords in clear on both sides.

Not compared: what is done for an answer. Préau keeps what it issues in a database, as hashes, with an audit line, limits on what
may be tried, a log and whole pages. oidc-provider is a library, set up here with the least that signs somebody in: a page of
three lines, nothing counted or noted; and what is in its memory is lost with its process, and unknown to a second one."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table."""

    name: str
    count: int  # in each round
    act: Callable[[Visitor, int], Awaitable[object]]  # takes a visitor, and his number
    grant: str = "authorization_code"  # left out where one of both does not have it


OPERATIONS = (
    Operation("full login", 80, lambda one, number: one.log_in(identifiant_of(number), PASSWORD)),
    Operation("sign-on with a live session", 120, lambda one, _: one.sign_on()),
    Operation("userinfo", 1000, lambda one, _: one.ask_userinfo()),
    Operation("refresh with rotation", 200, lambda one, _: one.refresh(), "refresh_token"),
    Operation("introspection", 800, lambda one, _: one.introspect(), "refresh_token"),
    Operation("client credentials", 800, lambda one, _: one.ask_for_itself(), "client_credentials"),
    Operation("discovery", 2000, lambda one, _: one.load_discovery()),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the servers that are measured.

    Attributes:
        name: In the table.
        ours: Whether it is this provider.
        base: Its address.
        roots: Processes whose trees are charged.
        crowd: Its visitors.
    """

    name: str
    ours: bool
    base: str
    roots: Sequence[int]
    crowd: Sequence[Visitor]


@contextmanager
def running_sides(folder: Path, node: Node) -> Iterator[Sequence[Side]]:
    """Run this provider on each database, and the other on each of its stores."""
    with ExitStack() as servers:
        sides = []
        for dialect, name in DIALECTS.items():
            database = servers.enter_context(fresh_database(folder, dialect))
            add_accounts(database, VISITORS)
            place = make_place(folder, dialect, database)
            pid = servers.enter_context(running(place.settings, "no-hash"))
            sides.append(_make_side(f"Préau, {name}", place.base, [pid, *database.roots], ours=True))
        people = {identifiant_of(one): {"family_name": "BENCH", "given_name": "Benoît"} for one in range(VISITORS)}
        for store in node.stores:
            base, pid = servers.enter_context(running_node(node, folder, store, people))
            sides.append(_make_side(f"oidc-provider, {store}", base, [pid], ours=False))
        yield sides


def _make_side(name: str, base: str, roots: Sequence[int], *, ours: bool) -> Side:
    return Side(name, ours, base, roots, [Visitor(base) for _ in range(VISITORS)])


async def choose(sides: Sequence[Side]) -> Sequence[Operation]:
    """Return the operations that every side can do, as its metadata say."""
    metadata = [await side.crowd[0].load_discovery() for side in sides]
    return [one for one in OPERATIONS if all(one.grant in found["grant_types_supported"] for found in metadata)]


async def measure(
    sides: Sequence[Side], operations: Sequence[Operation], *, rounds: int = ROUNDS, seconds: float = SECONDS
) -> Mapping[str, Mapping[str, Sequence[float]]]:
    """Run every operation at every side in turn; return CPU-ms of each round, by operation and side.

    Args:
        sides: Of `running_sides`.
        operations: Of `choose`.
        rounds: At most so many, after one that warms up: Node compiles what it has seen often.
        seconds: No round begins later, three apart.
    """
    ends = time.monotonic() + seconds
    found: dict[str, dict[str, list[float]]] = {one.name: {side.name: [] for side in sides} for one in operations}
    for number in range(-1, rounds):
        if number >= FEWEST and time.monotonic() > ends:
            break
        show_progress(f"round {number + 1} of {rounds}" if number >= 0 else "warming up")
        for operation in operations:
            for side in sides:
                run = await _run(operation, side)
                if number >= 0:
                    found[operation.name][side.name].append(run.milliseconds)
    end_progress()
    return found


async def _run(operation: Operation, side: Side) -> Run:
    return await drive(
        lambda one: operation.act(side.crowd[one], one), visitors=VISITORS, count=operation.count, roots=side.roots
    )


def tabulate(sides: Sequence[Side], found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Return the table: each of ours on a line, each of theirs with its ratio in two columns."""
    ours, theirs = ([side.name for side in sides if side.ours is whose] for whose in (True, False))
    heads = ["operation", "Préau on", "CPU-ms"]
    for name in theirs:
        heads += [name, "ratio"]
    rows = []
    for operation, costs in found.items():
        for name in ours:
            row = [operation, name.removeprefix("Préau, "), _spread(costs[name])]
            for other in theirs:
                ratios = [one / two for one, two in zip(costs[name], costs[other], strict=True)]
                row += [_spread(costs[other]), _spread(ratios)]
            rows.append(row)
    return make_table(heads, rows)


def _spread(values: Sequence[float]) -> str:
    """Return the median, and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


async def main(*, write: bool, node: Node, rounds: int, seconds: float) -> None:
    """Measure, print, and keep if asked."""
    machine = f"{describe_machine()}; {node.describe()}"
    print(machine)
    with tempfile.TemporaryDirectory() as name, running_sides(Path(name), node) as sides:
        operations = await choose(sides)
        found = await measure(sides, operations, rounds=rounds, seconds=seconds)
        table = tabulate(sides, found)
    done = len(next(iter(next(iter(found.values())).values())))
    said = (
        f"Medians of {done} interleaved rounds with their quartiles, {VISITORS} visitors at once. "
        "A ratio is what Préau costs, divided by what oidc-provider does."
    )
    left_out = [one.name for one in OPERATIONS if one not in operations]
    if left_out:
        said += f" Left out, because not both can do it: {', '.join(left_out)}."
    print(f"{table}\n\n{said}\n\n{BOUNDARIES}")
    if write:
        keep("beside", f"{today()}, {machine}. {said}\n\n{table}\n\n{BOUNDARIES}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/performance.md")
    parser.add_argument("--node", default="node", help="the program, or its path")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at most so many")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="no round begins later, the first three apart")
    told = parser.parse_args()
    asyncio.run(main(write=told.write, node=find_node(told.node), rounds=told.rounds, seconds=told.seconds))
