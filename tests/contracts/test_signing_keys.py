from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, local

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key
from sqlalchemy import Engine, select, text

from idp.adapters import signing_keys
from idp.adapters.key_rotation import KeyRotation, Rotated
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import ALWAYS, SqlSigningKeys
from idp.adapters.tables import signing_key
from idp.protocol.jwks_rfc7517 import to_jwks
from tests.contracts.test_outbox import HandClock


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(now)


def rows_of(engine: Engine) -> list[tuple[str, bool]]:
    """Return algorithm and whether it signs, of each key that was never retired."""
    with engine.connect() as connection:
        found = connection.execute(select(signing_key).where(signing_key.c.retired_at.is_(None)))
        return sorted((row.algorithm, row.signs_since is not None) for row in found)


ONE_OF_EACH = [("ES256", False), ("ES256", True), ("RS256", False), ("RS256", True)]


def test_two_processes_that_start_at_once_agree_on_one_key_for_each_algorithm(
    engine: Engine, secrets: MasterKey, clock: HandClock
) -> None:
    both = [SqlSigningKeys(engine, secrets, clock) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.load_published_keys(), both))
    clock.moment += timedelta(minutes=1)
    for algorithm in ("RS256", "ES256"):
        kids = {one.load_active_key(algorithm).kid for one in both}
        assert len(kids) == 1
    assert rows_of(engine) == ONE_OF_EACH


def test_processes_that_made_their_keys_at_the_same_moment_keep_one_of_each(
    engine: Engine, secrets: MasterKey, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = 8
    here = Barrier(processes)
    made = local()

    def generate_together(algorithm: str) -> Key:
        made.count = getattr(made, "count", 0) + 1
        if made.count == 2 * len(ALWAYS):
            here.wait(30)
        # Quick to make, whatever it is for.
        del algorithm
        return ECKey.generate_key("P-256")

    monkeypatch.setattr(signing_keys, "generate_key", generate_together)
    each = [SqlSigningKeys(engine, secrets, clock) for _ in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda one: one.load_published_keys(), each))
    assert rows_of(engine) == ONE_OF_EACH


@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_keys_of_another_algorithm_are_made_once_a_client_asks_for_it(
    engine: Engine, secrets: MasterKey, clock: HandClock, algorithm: str
) -> None:
    without = SqlSigningKeys(engine, secrets, clock)
    with pytest.raises(KeyError):
        without.load_active_key(algorithm)
    key = SqlSigningKeys(engine, secrets, clock, [*ALWAYS, algorithm]).load_active_key(algorithm)
    assert rows_of(engine) == sorted([*ONE_OF_EACH, (algorithm, False), (algorithm, True)])
    clock.moment += timedelta(minutes=1)
    assert key.kid in {one.kid for one in without.load_published_keys()}, "published by whoever does not need it, too"


def test_a_key_is_parsed_once(engine: Engine, secrets: MasterKey, clock: HandClock) -> None:
    keys = SqlSigningKeys(engine, secrets, clock)
    first = keys.load_active_key("RS256")
    clock.moment += timedelta(minutes=1)
    assert keys.load_active_key("RS256") is first


def test_the_keys_that_sign_are_published_first(engine: Engine, secrets: MasterKey, clock: HandClock) -> None:
    keys = SqlSigningKeys(engine, secrets, clock)
    sign = {keys.load_active_key(algorithm).kid for algorithm in ALWAYS}
    published = [one.kid for one in keys.load_published_keys()]
    assert (len(published), set(published[:2])) == (4, sign)


def test_what_one_process_signs_another_verifies(engine: Engine, secrets: MasterKey, clock: HandClock) -> None:
    key = SqlSigningKeys(engine, secrets, clock).load_active_key("ES256")
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, {"sub": "x"}, key.key, ["ES256"])
    published = {one.kid: one for one in SqlSigningKeys(engine, secrets, clock).load_published_keys()}
    assert jwt.decode(token, published[key.kid].key, algorithms=["ES256"]).claims == {"sub": "x"}
    assert key.kid == key.key.thumbprint()


def test_private_parts_are_sealed_and_another_master_key_opens_none(
    engine: Engine, secrets: MasterKey, clock: HandClock
) -> None:
    SqlSigningKeys(engine, secrets, clock).load_published_keys()
    with engine.connect() as connection:
        for sealed in connection.execute(text("SELECT sealed FROM signing_key")).scalars():
            assert b'"d"' not in bytes(sealed)
    with pytest.raises(ValueError, match="not sealed with this key"):
        SqlSigningKeys(engine, MasterKey(b"k" * 32), clock).load_published_keys()


def test_what_another_process_changed_is_seen_after_a_minute(
    engine: Engine, secrets: MasterKey, clock: HandClock
) -> None:
    keys = SqlSigningKeys(engine, secrets, clock)
    first = keys.load_active_key("RS256")
    clock.moment += timedelta(minutes=10)
    keys.load_published_keys()
    rotated = KeyRotation(engine, secrets, clock, timedelta(hours=8)).rotate("RS256")
    assert isinstance(rotated, Rotated)
    clock.moment += timedelta(seconds=59)
    assert keys.load_active_key("RS256").kid == first.kid
    clock.moment += timedelta(seconds=1)
    assert keys.load_active_key("RS256").kid == rotated.active.kid
    assert first.kid in {one.kid for one in keys.load_published_keys()}, "what it signed may still be alive"


def test_a_process_forgets_the_private_half_of_a_key_that_signs_no_more(
    engine: Engine, secrets: MasterKey, clock: HandClock
) -> None:
    keys = SqlSigningKeys(engine, secrets, clock)
    first = keys.load_active_key("RS256")
    assert first.key.is_private
    clock.moment += timedelta(minutes=10)
    KeyRotation(engine, secrets, clock, timedelta(hours=8)).rotate("RS256")
    [kept] = [one for one in keys.load_published_keys() if one.kid == first.kid]
    assert not kept.key.is_private
    assert to_jwks([kept]) == to_jwks([first])
