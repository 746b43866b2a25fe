"""Drives acts against a server: as fast as it answers, or at a given rate; says what the driving itself cost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.processes import load_cpu_seconds

Act = Callable[[int], Awaitable[object]]
"""One operation by the visitor of this number."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed."""

    count: int
    seconds: float
    server_cpu: float  # seconds, of every process under the given roots
    driver_cpu: float  # seconds
    waits: Sequence[float]  # seconds from when each operation was due to its end, shortest first

    @property
    def milliseconds(self) -> float:
        """Processor time of one operation."""
        return self.server_cpu * 1000 / self.count

    @property
    def rate(self) -> float:
        """Operations in one second."""
        return self.count / self.seconds

    @property
    def driver_share(self) -> float:
        """How busy the driver's one core was: near 1, it is the driver that was measured."""
        return self.driver_cpu / self.seconds

    def percentile(self, part: float) -> float:
        """Return the wait, in milliseconds, that this part of all operations stayed under."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * part))] * 1000


async def drive(act: Act, *, visitors: int, count: int, roots: Sequence[int]) -> Run:
    """Let every visitor act again as soon as it was answered (a closed loop).

    Args:
        act: What they do.
        visitors: How many act at once.
        count: Operations of all of them together, at least.
        roots: Processes whose trees are charged.
    """
    each = -(-count // visitors)
    waits: list[float] = []

    async def visit(one: int) -> None:
        for _ in range(each):
            began = time.perf_counter()
            await act(one)
            waits.append(time.perf_counter() - began)

    return await _measure([visit(one) for one in range(visitors)], each * visitors, roots, waits)


async def drive_at(act: Act, *, rate: float, visitors: int, count: int, roots: Sequence[int]) -> Run:
    """Begin `rate` operations each second, whether or not the former ones are over (an open loop, as long as a visitor is free).

    An operation that finds no visitor free waits for one, and its wait counts from when it was due.
    """
    waits: list[float] = []
    free: asyncio.Queue[int] = asyncio.Queue()
    for one in range(visitors):
        free.put_nowait(one)
    begins = time.perf_counter()

    async def begin(number: int) -> None:
        due = begins + number / rate
        await asyncio.sleep(due - time.perf_counter())
        one = await free.get()
        await act(one)
        free.put_nowait(one)
        waits.append(time.perf_counter() - due)

    return await _measure([begin(number) for number in range(count)], count, roots, waits)


async def _measure(acts: Sequence[Awaitable[None]], count: int, roots: Sequence[int], waits: list[float]) -> Run:
    charged = [load_cpu_seconds(root) for root in roots]
    driver, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*acts)
    seconds, driver = time.perf_counter() - began, time.process_time() - driver
    spent = sum(load_cpu_seconds(root) - before for root, before in zip(roots, charged, strict=True))
    return Run(count, seconds, spent, driver, sorted(waits))
