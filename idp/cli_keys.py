"""`preau keys`: the keys that sign ID tokens, as whoever runs the service sees them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.adapters.key_rotation import KeyRotation, Rotated, TooEarly
    from idp.protocol.key_rotation import KeyLife
    from idp.settings import Settings

_ALGORITHMS = (
    "RS256",
    "ES256",
    "PS256",
    "EdDSA",
)  # protocol.signing_keys.ALGORITHMS, which would load cryptography here
_COLUMNS = ("algorithm", "state", "created", "signs since", "published until", "kid")


@click.group()
def keys() -> None:
    """The keys that sign ID tokens."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@with_settings
def keys_list(settings: "Settings", *, as_json: bool) -> None:
    """List every key: which sign, which are next, until when old ones stay published."""
    with _rotating(settings) as rotation:
        lives, now = rotation.load_keys()
    found = sorted(lives, key=lambda life: (_ALGORITHMS.index(life.algorithm), life.created_at))
    if as_json:
        click.echo(json.dumps([_to_json(life, now) for life in found], indent=2))
    elif found:
        _tell_table([_COLUMNS, *(_to_row(life, now) for life in found)])
    else:
        click.echo("There are no keys yet: the first process that serves makes them.")


@keys.command("rotate")
@click.option(
    "--algorithm", type=click.Choice(_ALGORITHMS), help="Of these keys. Default: of every algorithm that has keys."
)
@click.option(
    "--now",
    "in_a_hurry",
    is_flag=True,
    help="Do not wait until every client knows the next key, as when a key leaked: it signs as soon as every process publishes it.",
)
@with_settings
def keys_rotate(settings: "Settings", algorithm: str | None, *, in_a_hurry: bool) -> None:
    """Let the next key sign, keep the old one published while its tokens live, and make another next one.

    Exits with 1 when a next key may not sign yet; the other algorithms are rotated all the same.
    """
    from idp.adapters.key_rotation import Rotated

    refused = False
    with _rotating(settings) as rotation:
        for one in (algorithm,) if algorithm else rotation.load_algorithms():
            done = rotation.rotate(one, in_a_hurry=in_a_hurry)
            if isinstance(done, Rotated):
                _tell_rotated(done, in_a_hurry=in_a_hurry)
            elif done.made:
                click.echo(_tell_made(done))
            else:
                refused = True
                click.echo(_tell_too_early(done, in_a_hurry=in_a_hurry), err=True)
    if refused:
        sys.exit(1)


# A kid may begin with a hyphen, and with -h.
@keys.command("retire", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid", metavar="KID")
@with_settings
def keys_retire(settings: "Settings", kid: str) -> None:
    """Take the key KID out of the published ones: what it signed is refused from then on.

    The key that signs is refused: rotate first.
    """
    with _rotating(settings) as rotation:
        life = rotation.retire(kid)
    click.echo(
        f"{kid} is published until {_iso_or_none(life.published_until)}. Clients may keep it for five minutes more."
    )


@contextmanager
def _rotating(settings: "Settings") -> Iterator["KeyRotation"]:
    from idp.adapters.key_rotation import KeyRefusedError
    from idp.world import build_world

    with database_faults():
        world = build_world(settings)
        try:
            yield world.rotation
        except KeyRefusedError as refusal:
            refuse(str(refusal))
        except ValueError:
            refuse(
                "The keys cannot be opened with this master key: put the one of that time back (master_key or master_key_file)."
            )
        finally:
            world.engine.dispose()


def _tell_rotated(done: "Rotated", *, in_a_hurry: bool) -> None:
    from idp.protocol.key_rotation import PUBLISHED_BEFORE

    active, old = done.active, done.retiring
    click.echo(
        f"{active.algorithm}: {active.kid} signs now. {old.kid} stays published until {_iso_or_none(old.published_until)}."
        f" {done.next.kid} is next, and may sign from {_from(done.next.may_sign_from(in_a_hurry=False))}."
    )
    if not in_a_hurry:
        return
    known_to_all = active.created_at + PUBLISHED_BEFORE
    if active.signs_since is not None and active.signs_since < known_to_all:
        click.echo(
            f"WARNING: {active.kid} was published at {_iso(active.created_at)} only. Until {_from(known_to_all)} clients that keep older"
            " keys, and do not ask again when they meet a new one, refuse whoever signs in.",
            err=True,
        )
    click.echo(
        f"WARNING: if {old.kid} leaked, whoever has it can still sign as this provider: preau keys retire {old.kid}",
        err=True,
    )


def _tell_made(done: "TooEarly") -> str:
    return (
        f"{done.next.algorithm}: keys were missing. {done.active.kid} signs; {done.next.kid} is next, was made just now, and may sign"
        f" from {_from(done.signs_from)}: run this again then."
    )


def _tell_too_early(done: "TooEarly", *, in_a_hurry: bool) -> str:
    known_by = "process publishes it, not earlier" if in_a_hurry else "client knows it"
    hint = "" if in_a_hurry else f" With --now: from {_from(done.next.may_sign_from(in_a_hurry=True))}."
    return (
        f"{done.next.algorithm}: the next key, {done.next.kid}, was published at {_iso(done.next.created_at)}. It may sign from"
        f" {_from(done.signs_from)}, when every {known_by}.{hint}"
    )


def _tell_table(rows: "list[tuple[str, ...]]") -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())


def _to_row(life: "KeyLife", now: datetime) -> tuple[str, ...]:
    since, until = (_iso_or_none(one) or "-" for one in (life.signs_since, life.published_until))
    return (life.algorithm, life.state_at(now), _iso(life.created_at), since, until, life.kid)


def _to_json(life: "KeyLife", now: datetime) -> dict[str, str | None]:
    return {
        "kid": life.kid,
        "algorithm": life.algorithm,
        "state": life.state_at(now),
        "created_at": _iso(life.created_at),
        "signs_since": _iso_or_none(life.signs_since),
        "retired_at": _iso_or_none(life.retired_at),
        "published_until": _iso_or_none(life.published_until),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _iso_or_none(moment: datetime | None) -> str | None:
    return _iso(moment) if moment else None


def _from(moment: datetime) -> str:
    """Write a moment from which something works: never a part of a second too early."""
    return _iso(moment + timedelta(microseconds=999_999))
