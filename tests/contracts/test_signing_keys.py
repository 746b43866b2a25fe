from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import Engine, select, text, update

from idp.adapters import signing_keys
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.tables import signing_key
from tests.contracts.test_outbox import HandClock


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(now)


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
    active = [key.kid for key in both[0].load_published_keys()]
    assert len(active) == 2


def test_processes_that_made_their_keys_at_the_same_moment_keep_one_of_each(
    engine: Engine, secrets: MasterKey, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = 8
    here = Barrier(processes)
    generate = signing_keys._generate

    def generate_together(algorithm: str) -> object:
        made = ECKey.generate_key("P-256") if algorithm == "ES256" else generate(algorithm)
        if algorithm == signing_keys.ALGORITHMS[-1]:
            here.wait(30)
        return made

    monkeypatch.setattr(signing_keys, "_generate", generate_together)
    each = [SqlSigningKeys(engine, secrets, clock) for _ in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda one: one.load_published_keys(), each))
    with engine.connect() as connection:
        kept = connection.execute(select(signing_key.c.algorithm).where(signing_key.c.active)).scalars().all()
    assert sorted(kept) == sorted(signing_keys.ALGORITHMS)


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
    with engine.begin() as connection:
        connection.execute(update(signing_key).where(signing_key.c.kid == first.kid).values(active=False))
    assert keys.load_active_key("RS256").kid == first.kid
    clock.moment += timedelta(seconds=60)
    assert keys.load_active_key("RS256").kid != first.kid, "a new one was made, since none signs"
    assert first.kid in {one.kid for one in keys.load_published_keys()}, "what it signed may still be alive"
