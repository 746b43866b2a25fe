"""Accounts that become one and two again: the contract of `journeys.grouping_ports.GroupingStore`."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from idp.adapters.children_tables import account_group
from idp.adapters.stores import SqlStores
from idp.journeys.rows import FranceConnectLink
from tests.contracts.rows import add_account
from tests.directory.conftest import FAMILY, Office, record

DAYS = timedelta(days=30)


@pytest.fixture
def pair(stores: SqlStores, engine: Engine, now: datetime) -> tuple[int, int]:
    """Two accounts, each with a record of its own; the second one is linked with FranceConnect."""
    Office(engine).import_records([*FAMILY, record("PersRelEleve", "G2", {"sn": ("DUPONT",), "givenName": ("Joe",)})])
    kept, other = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        for account_id, guardian in zip((kept, other), desk.people.load_guardians([1, 2, 3, 4]), strict=False):
            desk.accounts.attach_guardian(account_id, guardian.id, now)
        assert desk.franceconnect.add_link(FranceConnectLink("https://fc", "sub", other, "hash", now))
    return kept, other


def records(stores: SqlStores, account_id: int) -> set[str]:
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(account_id)
    assert holder is not None
    return {one.jointure for one in holder.guardians}


def test_records_move_and_the_link_is_set_aside(stores: SqlStores, pair: tuple[int, int], now: datetime) -> None:
    kept, other = pair
    mine, theirs = records(stores, kept), records(stores, other)
    with stores.writing() as desk:
        group = desk.groupings.group(other, kept, now, now + DAYS)
        assert group is not None
        assert (group.account_id, group.into_id, group.until, group.is_linked) == (other, kept, now + DAYS, True)
        assert desk.groupings.group(other, kept, now, now + DAYS) is None, "once"
    assert (records(stores, kept), records(stores, other)) == (mine | theirs, set())
    with stores.reading() as desk:
        assert desk.accounts.load_by_identifiant("j.dupont0002") is None, "it signs in no more"
        assert desk.accounts.load_by_identifiant("j.dupont0001") is not None
        assert desk.franceconnect.load_link("https://fc", "sub") is None
        assert desk.groupings.load_groups(kept, now) == [group]
        assert desk.groupings.load_groups(other, now) == []
        assert desk.groupings.load_groups(kept, now + DAYS) == [], "too late"


def test_what_went_comes_back_once(stores: SqlStores, pair: tuple[int, int], now: datetime) -> None:
    kept, other = pair
    mine, theirs = records(stores, kept), records(stores, other)
    with stores.writing() as desk:
        group = desk.groupings.group(other, kept, now, now + DAYS)
    assert group is not None
    with stores.writing() as desk:
        assert desk.groupings.ungroup(group)
        assert not desk.groupings.ungroup(group)
    assert (records(stores, kept), records(stores, other)) == (mine, theirs)
    with stores.reading() as desk:
        assert desk.accounts.load_by_identifiant("j.dupont0002") is not None
        link = desk.franceconnect.load_link("https://fc", "sub")
    assert link is not None
    assert (link.account_id, link.linked_at) == (other, now)


def test_an_end_that_was_planned_is_remembered(stores: SqlStores, pair: tuple[int, int], now: datetime) -> None:
    kept, other = pair
    with stores.writing() as desk:
        group = desk.groupings.group(other, kept, now, now + DAYS, closes_at=now + timedelta(days=3))
    assert group is not None
    assert group.closes_at == now + timedelta(days=3)
    with stores.reading() as desk:
        assert desk.groupings.load_groups(kept, now) == [group]


def test_one_of_an_older_release_had_none(
    stores: SqlStores, engine: Engine, pair: tuple[int, int], now: datetime
) -> None:
    kept, other = pair
    with stores.writing() as desk:
        desk.groupings.group(other, kept, now, now + DAYS, closes_at=now)
    with engine.begin() as connection:
        connection.execute(update(account_group).values(set_aside='{"guardians": [1], "link": null}'))
    with stores.reading() as desk:
        assert [one.closes_at for one in desk.groupings.load_groups(kept, now)] == [None]


def test_nobody_is_rebound_by_taking_them_apart(stores: SqlStores, pair: tuple[int, int], now: datetime) -> None:
    kept, other = pair
    with stores.writing() as desk:
        group = desk.groupings.group(other, kept, now, now + DAYS)
        assert desk.franceconnect.add_link(FranceConnectLink("https://fc", "sub", kept, "hash", now))
    assert group is not None
    with stores.writing() as desk:
        assert desk.groupings.ungroup(group)
        link = desk.franceconnect.load_link("https://fc", "sub")
    assert link is not None
    assert link.account_id == kept


@pytest.mark.parametrize("gone", [0, 1])
def test_either_account_may_be_removed(
    stores: SqlStores, engine: Engine, pair: tuple[int, int], now: datetime, gone: int
) -> None:
    kept, other = pair
    with stores.writing() as desk:
        desk.groupings.group(other, kept, now, now + DAYS)
    with stores.writing() as desk:
        desk.people.unconfirm_kinships(pair[gone])
        desk.accounts.remove_account(pair[gone])
    with engine.connect() as connection:
        assert connection.execute(select(account_group)).all() == []
