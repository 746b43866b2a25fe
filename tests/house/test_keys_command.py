"""`preau keys`: what an operator reads, and what happens."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp.adapters import clock
from idp.cli import main
from idp.cli_keys import keys_rotate
from idp.protocol.signing_keys import ALGORITHMS
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.server import write_settings

AT = datetime(
    2031, 3, 14, 9, 26, 53, 1, tzinfo=UTC
)  # what may be done from then on may be done a second later at the earliest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = write_settings(tmp_path, 8400)
    assert preau(path, "init").exit_code == 0
    assert preau(path, "db", "upgrade").exit_code == 0
    return path


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    """An instance whose first keys were made at AT, seen at that moment."""
    world = build_world(load_settings(path))
    assert isinstance(world.clock, clock.TestClock)
    world.clock.freeze()
    world.clock.set(AT)
    world.keys.load_published_keys()
    yield world
    world.engine.dispose()


def preau(path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(path), *words])


def later(world: World, by: timedelta) -> None:
    assert isinstance(world.clock, clock.TestClock)
    world.clock.advance(by)


def listed(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(preau(path, "keys", "list", "--json").stdout)
    return found


def kid_of(path: Path, algorithm: str, state: str) -> str:
    [kid] = [one["kid"] for one in listed(path) if (one["algorithm"], one["state"]) == (algorithm, state)]
    return str(kid)


# --- list ------------------------------------------------------------------------------------------------------------------------------


def test_before_anybody_served_there_are_no_keys(path: Path) -> None:
    assert preau(path, "keys", "list").stdout == "There are no keys yet: the first process that serves makes them.\n"
    assert listed(path) == []


def test_the_list_says_of_each_key_where_it_is_in_its_life(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    assert preau(path, "keys", "rotate", "--algorithm", "RS256").exit_code == 0
    old, new = kid_of(path, "RS256", "retiring"), kid_of(path, "RS256", "active")
    lines = preau(path, "keys", "list").stdout.splitlines()
    assert lines[0].split("  ")[0] == "algorithm"
    cells = {line.split()[-1]: line.split()[:-1] for line in lines[1:]}
    began, now = "2031-03-14T09:26:53Z", "2031-03-14T09:36:53Z"
    assert cells[old] == ["RS256", "retiring", began, began, "2031-03-14T17:38:53Z"]
    assert cells[new] == ["RS256", "active", began, now, "-"]
    assert cells[kid_of(path, "RS256", "next")] == ["RS256", "next", now, "-", "-"]
    assert [line.split()[0] for line in lines[1:]] == ["RS256"] * 3 + ["ES256"] * 2
    assert [one for one in listed(path) if one["kid"] == old] == [
        {
            "kid": old,
            "algorithm": "RS256",
            "state": "retiring",
            "created_at": began,
            "signs_since": began,
            "retired_at": now,
            "published_until": "2031-03-14T17:38:53Z",
        }
    ]


def test_an_old_key_stays_as_long_as_a_token_that_outlives_the_session(path: Path, world: World) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[tokens]\nid_token_seconds = 36000\n", encoding="utf-8")
    later(world, timedelta(minutes=10))
    assert "stays published until 2031-03-14T19:38:53Z" in preau(path, "keys", "rotate").stdout


# --- rotate ----------------------------------------------------------------------------------------------------------------------------


def test_rotate_lets_the_next_key_of_every_algorithm_sign(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    old = {one: kid_of(path, one, "active") for one in ("RS256", "ES256")}
    new = {one: kid_of(path, one, "next") for one in ("RS256", "ES256")}
    done = preau(path, "keys", "rotate")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{one}: {new[one]} signs now. {old[one]} stays published until 2031-03-14T17:38:53Z."
        f" {kid_of(path, one, 'next')} is next, and may sign from 2031-03-14T09:46:54Z."
        for one in ("RS256", "ES256")
    ]
    assert {one: kid_of(path, one, "active") for one in old} == new


def test_before_anybody_served_rotate_makes_the_first_keys(path: Path) -> None:
    done = preau(path, "keys", "rotate")
    assert (done.exit_code, [line.split(";")[0].split()[:3] for line in done.stdout.splitlines()]) == (
        0,
        [["RS256:", "keys", "were"], ["ES256:", "keys", "were"]],
    )


def test_rotate_says_from_when_the_next_key_may_sign_and_exits_1(path: Path, world: World) -> None:
    later(world, timedelta(seconds=1.5))
    done = preau(path, "keys", "rotate", "--algorithm", "ES256")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"ES256: the next key, {kid_of(path, 'ES256', 'next')}, was published at 2031-03-14T09:26:53Z. It may sign from"
        " 2031-03-14T09:36:54Z, when every client knows it. With --now: from 2031-03-14T09:28:54Z.\n"
    )


def test_one_algorithm_that_has_to_wait_does_not_keep_the_others(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    preau(path, "keys", "rotate", "--algorithm", "RS256")
    done = preau(path, "keys", "rotate")
    assert done.exit_code == 1
    assert done.stderr.startswith("RS256: the next key, ")
    assert done.stdout.startswith("ES256: ")


def test_in_a_hurry_it_warns_of_clients_that_keep_older_keys(path: Path, world: World) -> None:
    old = kid_of(path, "RS256", "active")
    new = kid_of(path, "RS256", "next")
    later(world, timedelta(minutes=1))
    early = preau(path, "keys", "rotate", "--algorithm", "RS256", "--now")
    assert early.exit_code == 1
    assert "from 2031-03-14T09:28:54Z, when every process publishes it, not earlier." in early.stderr
    later(world, timedelta(minutes=1))
    done = preau(path, "keys", "rotate", "--algorithm", "RS256", "--now")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        (
            f"WARNING: {new} was published at 2031-03-14T09:26:53Z only. Until 2031-03-14T09:36:54Z clients that keep older keys, and do"
            " not ask again when they meet a new one, refuse whoever signs in."
        ),
        f"WARNING: if {old} leaked, whoever has it can still sign as this provider: preau keys retire {old}",
    ]


def test_in_a_hurry_a_key_that_every_client_knows_signs_without_that_warning(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    done = preau(path, "keys", "rotate", "--now")
    assert done.exit_code == 0
    assert [line.split()[:3] for line in done.stderr.splitlines()] == [["WARNING:", "if", one] for one in (
        kid_of(path, "RS256", "retiring"), kid_of(path, "ES256", "retiring"),
    )]  # fmt: skip


@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_an_algorithm_is_begun_ahead_of_the_client_that_will_ask_for_it(
    path: Path, world: World, algorithm: str
) -> None:
    done = preau(path, "keys", "rotate", "--algorithm", algorithm)
    active, coming = kid_of(path, algorithm, "active"), kid_of(path, algorithm, "next")
    assert (done.exit_code, done.stdout) == (
        0,
        (
            f"{algorithm}: keys were missing. {active} signs; {coming} is next, was made just now, and may sign from"
            " 2031-03-14T09:36:54Z: run this again then.\n"
        ),
    )
    later(world, timedelta(minutes=10))
    assert f"{algorithm}: {coming} signs now." in preau(path, "keys", "rotate").stdout, "it belongs to all from now on"


def test_every_algorithm_that_we_sign_with_can_be_rotated() -> None:
    [choice] = [option.type for option in keys_rotate.params if option.name == "algorithm"]
    assert tuple(choice.choices) == ALGORITHMS  # type: ignore[attr-defined]  # it is a Choice


# --- retire ----------------------------------------------------------------------------------------------------------------------------


def test_retire_takes_an_old_key_out(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    preau(path, "keys", "rotate", "--algorithm", "ES256")
    later(world, timedelta(hours=1))
    kid = kid_of(path, "ES256", "retiring")
    done = preau(path, "keys", "retire", kid)
    assert (done.exit_code, done.stdout) == (
        0,
        f"{kid} is published until 2031-03-14T10:36:53Z. Clients may keep it for five minutes more.\n",
    )
    assert kid_of(path, "ES256", "retired") == kid


def test_retire_refuses_the_key_that_signs_and_one_that_is_not_there(path: Path, world: World) -> None:
    del world
    kid = kid_of(path, "ES256", "active")
    signing, unknown = preau(path, "keys", "retire", kid), preau(path, "keys", "retire", "nobody")
    assert (signing.exit_code, unknown.exit_code) == (1, 1)
    assert signing.stderr == (
        f"{kid} signs with ES256: let another one sign first (preau keys rotate --algorithm ES256).\n"
    )
    assert unknown.stderr == "There is no key nobody: see preau keys list.\n"


@pytest.mark.parametrize("kid", ["-hyphen", "-halting", "--json", "_under"])
def test_a_kid_may_begin_like_an_option(path: Path, kid: str) -> None:
    assert preau(path, "keys", "retire", kid).stderr == f"There is no key {kid}: see preau keys list.\n"


# --- what can be wrong -----------------------------------------------------------------------------------------------------------------


def test_another_master_key_is_said_in_one_sentence(path: Path, world: World) -> None:
    later(world, timedelta(minutes=10))
    file = world.settings.master_key_file
    file.unlink()
    create_master_key(file)
    done = preau(path, "keys", "rotate")
    assert (done.exit_code, done.stderr) == (
        1,
        "The keys cannot be opened with this master key: put the one of that time back (master_key or master_key_file).\n",
    )
    assert kid_of(path, "RS256", "active"), "nothing was done, and the list needs no key"


def test_a_database_without_tables_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = write_settings(tmp_path, 8400)
    preau(path, "init")
    done = preau(path, "keys", "list")
    assert (done.exit_code, done.stderr.splitlines()) == (1, ["The database refuses: no such table: signing_key."])
