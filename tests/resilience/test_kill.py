"""kill -9 at seeded moments of five flows, and right around the commits that matter (guarantee 14). `make kill` does it at 200 moments."""

import pytest

from tests.house.serving import children_of, eventually, is_alive
from tests.resilience.campaign import Ground, kill_at_commit, kill_at_random

MOMENTS = [
    ("activation", 1),
    ("activation", 9),
    ("sign-in", 2),
    ("sign-in", 38),
    ("sending", 3),
    ("sign-out", 4),
    ("import", 12),
]
# The last commit of an activation makes the account, the last of a sign-in the tokens, the last of a sign-out the end of a session with its
# notice; the second of a sending notes that a text left.
DECISIVE = [
    ("activation", -1, "before"),
    ("activation", -1, "after"),
    ("sign-in", -1, "before"),
    ("sign-in", -1, "after"),
    ("sending", 2, "before"),
    ("sign-out", -1, "before"),
    ("sign-out", -1, "after"),
]


@pytest.fixture(scope="module", autouse=True)
def _measured(on: Ground) -> None:
    on.measure(1)


@pytest.mark.parametrize(("flow", "seed"), MOMENTS)
def test_what_was_confirmed_outlives_a_kill_at_any_moment(on: Ground, flow: str, seed: int) -> None:
    kill_at_random(on, flow, seed)


@pytest.mark.parametrize(("flow", "place", "side"), DECISIVE)
def test_what_was_confirmed_outlives_a_kill_right_around_its_commit(
    on: Ground, flow: str, place: int, side: str
) -> None:
    kill_at_commit(on, flow, place if place > 0 else on.commits[flow] + 1 + place, side)


def test_nobody_outlives_a_killed_parent_and_the_next_one_has_all_its_processes(on: Ground) -> None:
    on.house.settle()
    [parent] = on.house.pids("parent")
    family = children_of(parent)
    on.house.kill("parent")
    eventually(lambda: not any(map(is_alive, family)), "nobody is left")
    on.house.settle()
