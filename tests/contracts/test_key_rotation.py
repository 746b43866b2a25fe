"""What an operator does with the keys, and what processes and verifiers see of it (OpenID Connect Core 1.0 section 10.1.1)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from joserfc.jwk import ECKey, Key
from sqlalchemy import Engine, select

from idp.adapters import key_rotation
from idp.adapters.consistency import find_violations
from idp.adapters.key_rotation import KeyRefusedError, KeyRotation, Rotated, TooEarly
from idp.adapters.ledger import LedgerReader
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.tables import signing_key
from idp.protocol.key_rotation import JWKS_LIFETIME, KNOWN_AFTER, PUBLISHED_BEFORE, KeyState
from idp.protocol.signing_keys import sign_jwt, verify_jwt
from tests.contracts.test_outbox import HandClock

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LONGEST_USE = 8 * HOUR


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(now)


@pytest.fixture
def rotation(engine: Engine, secrets: MasterKey, clock: HandClock) -> KeyRotation:
    return KeyRotation(engine, secrets, clock, LONGEST_USE)


@pytest.fixture
def process(engine: Engine, secrets: MasterKey, clock: HandClock) -> SqlSigningKeys:
    """One that has made the first keys."""
    keys = SqlSigningKeys(engine, secrets, clock)
    keys.load_published_keys()
    return keys


@pytest.fixture(autouse=True)
def _sound(engine: Engine, secrets: MasterKey, clock: HandClock) -> Iterator[None]:
    yield
    assert list(find_violations(engine, secrets, clock.now(), keeps_bodies=True)) == []


def kids(process: SqlSigningKeys) -> set[str]:
    return {one.kid for one in process.load_published_keys()}


def rotate(rotation: KeyRotation, algorithm: str = "ES256", *, in_a_hurry: bool = False) -> Rotated:
    done = rotation.rotate(algorithm, in_a_hurry=in_a_hurry)
    assert isinstance(done, Rotated)
    return done


def states(rotation: KeyRotation, algorithm: str = "ES256") -> list[str]:
    lives, now = rotation.load_keys()
    return sorted(life.state_at(now).value for life in lives if life.algorithm == algorithm)


def next_kid(rotation: KeyRotation) -> str:
    lives, now = rotation.load_keys()
    [kid] = [one.kid for one in lives if one.algorithm == "ES256" and one.state_at(now) is KeyState.NEXT]
    return kid


# --- rotate ----------------------------------------------------------------------------------------------------------------------------


def test_the_next_key_signs_the_old_one_stays_published_and_another_is_next(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    old = process.load_active_key("ES256")
    [coming] = [one.kid for one in process.load_published_keys() if one.algorithm == "ES256" and one != old]
    clock.moment += PUBLISHED_BEFORE
    done = rotate(rotation)
    assert (done.active.kid, done.retiring.kid) == (coming, old.kid)
    assert process.load_active_key("ES256").kid == coming
    assert {old.kid, coming, done.next.kid} <= kids(process)
    assert states(rotation) == ["active", "next", "retiring"]
    assert states(rotation, "RS256") == ["active", "next"]


def test_a_next_key_that_was_not_published_long_enough_does_not_sign(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock, now: datetime
) -> None:
    old = process.load_active_key("ES256")
    clock.moment += PUBLISHED_BEFORE - SECOND
    refused = rotation.rotate("ES256")
    assert isinstance(refused, TooEarly)
    assert (refused.active.kid, refused.signs_from, refused.made) == (old.kid, now + PUBLISHED_BEFORE, False)
    assert process.load_active_key("ES256").kid == old.kid


def test_a_verifier_that_keeps_a_document_as_long_as_it_may_knows_every_key_that_signs(
    engine: Engine, secrets: MasterKey, rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += PUBLISHED_BEFORE
    late = SqlSigningKeys(engine, secrets, clock)
    late.load_published_keys()
    rotate(rotation)
    # The last process to read the list again still gives the old one to a verifier, and that one keeps it to the last second.
    clock.moment += timedelta(seconds=59)
    kept = late.load_published_keys()
    clock.moment += JWKS_LIFETIME
    assert isinstance(rotation.rotate("ES256"), TooEarly), "six minutes are not ten"
    token = sign_jwt({"sub": "x"}, process.load_active_key("ES256"))
    assert verify_jwt(token, kept).claims == {"sub": "x"}


def test_in_a_hurry_a_key_signs_as_soon_as_every_process_publishes_it(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += KNOWN_AFTER - SECOND
    assert isinstance(rotation.rotate("ES256", in_a_hurry=True), TooEarly)
    clock.moment += SECOND
    assert rotate(rotation, in_a_hurry=True).active.kid == process.load_active_key("ES256").kid


def test_where_there_is_no_next_key_one_is_made_and_does_not_sign_yet(
    engine: Engine, rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    old = process.load_active_key("ES256")
    with engine.begin() as connection:
        connection.execute(signing_key.delete().where(signing_key.c.signs_since.is_(None)))
    clock.moment += HOUR
    done = rotation.rotate("ES256", in_a_hurry=True)
    assert isinstance(done, TooEarly)
    assert (done.made, done.active.kid, done.next.created_at) == (True, old.kid, clock.moment)
    assert done.signs_from == clock.moment + KNOWN_AFTER


@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_an_algorithm_begins_with_a_key_that_signs_and_one_that_is_next(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock, algorithm: str
) -> None:
    done = rotation.rotate(algorithm)
    assert isinstance(done, TooEarly)
    assert done.made
    assert states(rotation, algorithm) == ["active", "next"]
    clock.moment += PUBLISHED_BEFORE
    assert {done.active.kid, done.next.kid} <= kids(process)
    assert rotate(rotation, algorithm).active.kid == done.next.kid


def test_of_two_operators_who_rotate_at_once_one_does(
    engine: Engine,
    rotation: KeyRotation,
    process: SqlSigningKeys,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = process.load_active_key("ES256")
    clock.moment += PUBLISHED_BEFORE
    monkeypatch.setattr(key_rotation, "generate_key", lambda _: ECKey.generate_key("P-256"))
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: rotation.rotate("ES256"), range(8)))
    [won] = [one for one in done if isinstance(one, Rotated)]
    assert won.retiring.kid == old.kid
    assert {one.active.kid for one in done} == {won.active.kid}, "the others are told who signs"
    assert states(rotation) == ["active", "next", "retiring"]
    lines = LedgerReader(engine).load_lines(event="key.rotated")
    assert [line.details for line in lines] == [{"algorithm": "ES256", "kid": won.active.kid, "after": old.kid}]


def test_a_next_key_that_somebody_takes_out_meanwhile_does_not_sign(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, coming = process.load_active_key("ES256").kid, next_kid(rotation)
    clock.moment += PUBLISHED_BEFORE

    def generate_slowly(algorithm: str) -> Key:
        del algorithm
        rotation.retire(coming)
        return ECKey.generate_key("P-256")

    monkeypatch.setattr(key_rotation, "generate_key", generate_slowly)
    with pytest.raises(KeyRefusedError, match="at this very moment"):
        rotation.rotate("ES256")
    clock.moment += timedelta(minutes=1)
    assert process.load_active_key("ES256").kid == old


# --- how long a key is published -------------------------------------------------------------------------------------------------------


def test_an_old_key_leaves_by_itself_when_nothing_that_it_signed_is_used_any_more(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += PUBLISHED_BEFORE
    old = rotate(rotation).retiring
    assert old.published_until == clock.moment + KNOWN_AFTER + LONGEST_USE
    clock.moment = old.published_until - SECOND
    process.load_published_keys()
    assert old.kid in kids(process)
    clock.moment += timedelta(minutes=1)
    assert old.kid not in kids(process)
    assert states(rotation).count("retired") == 1


def test_what_the_last_process_signed_with_an_old_key_is_verified_by_any(
    engine: Engine, secrets: MasterKey, rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += PUBLISHED_BEFORE
    process.load_published_keys()
    rotate(rotation)
    clock.moment += timedelta(seconds=59)
    token = sign_jwt({"sub": "x"}, process.load_active_key("ES256"))
    another = SqlSigningKeys(engine, secrets, clock)
    clock.moment += LONGEST_USE
    assert verify_jwt(token, another.load_published_keys()).claims == {"sub": "x"}


def test_of_a_key_that_signs_no_more_the_public_half_alone_is_kept(
    engine: Engine, secrets: MasterKey, rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    before = process.load_active_key("ES256").key.as_dict(private=False)
    clock.moment += PUBLISHED_BEFORE
    old = rotate(rotation).retiring
    with engine.connect() as connection:
        sealed = connection.execute(select(signing_key.c.sealed).where(signing_key.c.kid == old.kid)).scalar_one()
    kept = json.loads(secrets.unseal("signing-key", sealed))
    assert "d" not in kept
    assert {name: kept[name] for name in ("kty", "crv", "x", "y")} == {
        name: before[name] for name in ("kty", "crv", "x", "y")
    }


# --- retire ----------------------------------------------------------------------------------------------------------------------------


def test_the_key_that_signs_is_not_taken_out(rotation: KeyRotation, process: SqlSigningKeys) -> None:
    kid = process.load_active_key("ES256").kid
    with pytest.raises(KeyRefusedError, match="signs with ES256"):
        rotation.retire(kid)
    assert states(rotation).count("active") == 1


def test_an_unknown_key_is_said_to_be_unknown(rotation: KeyRotation) -> None:
    with pytest.raises(KeyRefusedError, match="There is no key nobody"):
        rotation.retire("nobody")


def test_an_old_key_is_taken_out_at_once(
    engine: Engine, rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += PUBLISHED_BEFORE
    old = rotate(rotation).retiring
    clock.moment += HOUR
    assert rotation.retire(old.kid).published_until == clock.moment
    assert old.kid not in kids(process)
    [line] = LedgerReader(engine).load_lines(event="key.retired")
    assert line.details == {"algorithm": "ES256", "kid": old.kid}
    clock.moment += HOUR
    assert rotation.retire(old.kid).published_until == clock.moment - HOUR, "a second time changes nothing"


def test_a_key_that_a_process_may_still_sign_with_is_taken_out_when_none_does(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    clock.moment += PUBLISHED_BEFORE
    process.load_published_keys()
    old = rotate(rotation).retiring
    rotated_at = clock.moment
    clock.moment += SECOND
    assert rotation.retire(old.kid).published_until == rotated_at + KNOWN_AFTER
    clock.moment += timedelta(seconds=58)
    assert process.load_active_key("ES256").kid == old.kid
    clock.moment = rotated_at + KNOWN_AFTER
    assert old.kid not in kids(process)


def test_a_next_key_is_taken_out_and_another_takes_its_place(
    rotation: KeyRotation, process: SqlSigningKeys, clock: HandClock
) -> None:
    leaked = next_kid(rotation)
    assert rotation.retire(leaked).published_until == clock.moment
    clock.moment += timedelta(minutes=1)
    assert leaked not in kids(process)
    assert next_kid(rotation) in kids(process) - {leaked}
