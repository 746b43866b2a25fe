"""`make bench-beside`: the certified provider does what the bench's visitors ask, on each store, as this one does."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bench import beside
from bench.beside import Side
from bench.node_provider import MEMORY, SQLITE, Node, find_node, running_node
from bench.places import PASSWORD, identifiant_of
from bench.visitor import Visitor

PEOPLE = {identifiant_of(0): {"family_name": "BENCH", "given_name": "Benoît"}}


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread of its own: in this one the browser of an earlier test keeps its loop running."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def node() -> Node:
    return find_node()


@pytest.fixture(params=[MEMORY, SQLITE])
def base(request: pytest.FixtureRequest, node: Node, tmp_path: Path) -> Iterator[str]:
    if request.param not in node.stores:
        pytest.skip(f"Node {node.version} brings no driver of SQLite: 22.13 or later does")
    with running_node(node, tmp_path, request.param, PEOPLE) as (base, _):
        yield base


def test_every_operation_is_done_by_the_provider_for_node(base: str) -> None:
    async def visit() -> None:
        visitor = Visitor(base)
        for operation in beside.OPERATIONS:
            for _ in range(2):
                await operation.act(visitor, 0)
        await visitor.browser.close()

    run(visit())


def test_the_provider_for_node_refuses_a_wrong_password_and_a_code_that_was_used(base: str) -> None:
    class Repeating(Visitor):
        """Redeems each code twice."""

        async def _redeem(self, code: str, verifier: str, nonce: str, client_id: str) -> None:
            await super()._redeem(code, verifier, nonce, client_id)
            await super()._redeem(code, verifier, nonce, client_id)

    async def visit() -> None:
        visitor = Repeating(base)
        with pytest.raises(AssertionError, match="401 b'wrong'"):
            await visitor.log_in(identifiant_of(0), "not-it")
        with pytest.raises(AssertionError, match=r"400 .*invalid_grant"):
            await visitor.log_in(identifiant_of(0), PASSWORD)
        await visitor.browser.close()

    run(visit())


def test_both_are_measured_in_interleaved_rounds(node: Node, tmp_path: Path) -> None:
    async def measure(sides: Sequence[Side]) -> str:
        operations = [one for one in await beside.choose(sides) if one.name in {"userinfo", "full login"}]
        found = await beside.measure(sides, operations, rounds=2, seconds=0)
        for side in sides:
            for visitor in side.crowd:
                await visitor.browser.close()
        return beside.tabulate(sides, found)

    with beside.running_sides(tmp_path, node) as sides:
        table = run(measure(sides))
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert lines[0][:5] == ["operation", "Préau on", "CPU-ms", "oidc-provider, memory", "ratio"]
    assert [line[:2] for line in lines[2:]] == [
        [operation, database] for operation in ("full login", "userinfo") for database in ("SQLite", "PostgreSQL")
    ]
    assert all(float(line[4].split()[0]) > 0 for line in lines[2:])
