"""Purges on both databases: whom they warn, what they close, what they forget, and what is left when two run or one is killed."""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from idp.adapters.clients import ConfiguredClients
from idp.adapters.consistency import find_violations
from idp.adapters.directory_tables import guardian
from idp.adapters.message_reader import MessageReader
from idp.adapters.retention import SqlRetention
from idp.adapters.retention_tables import closing_warning
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import account, account_guardian, audit, outbox
from idp.journeys import messages
from idp.journeys.email_ports import ConfirmedEmail
from idp.journeys.local_time import paris_time
from idp.journeys.retention import PurgeReport, Retention
from idp.journeys.retention_rules import RetentionPolicy
from idp.journeys.rows import AuditEvent, FranceConnectLink, Message
from idp.journeys.session_end import SessionEnd
from idp.people.emails import parse_email
from tests.contracts.rows import add_account, session_of
from tests.contracts.test_expiry import StandingClock
from tests.protocol.surroundings import ENT

DAY = timedelta(days=1)
YEAR = 365 * DAY
TOLD = replace(ENT, backchannel_logout_uri="https://ent.example/adieu")
NUMBERS = ("+33639980001", "+33639980002")


class World:
    """Accounts, a clock, and a purge."""

    def __init__(self, stores: SqlStores, secrets: MasterKey, now: datetime) -> None:
        self.stores = stores
        self.secrets = secrets
        self.clock = StandingClock(now)

    def retention(self, policy: RetentionPolicy | None = None) -> Retention:
        ends = SessionEnd(ConfiguredClients((TOLD,)), self.secrets)
        return Retention(stores=self.stores, clock=self.clock, ends=ends, policy=policy or RetentionPolicy())

    def purge(self, policy: RetentionPolicy | None = None, *, dry: bool = False) -> PurgeReport:
        return self.retention(policy).run(dry=dry)

    def after(self, days: float, policy: RetentionPolicy | None = None) -> PurgeReport:
        self.clock.moment += days * DAY
        return self.purge(policy)

    def add(self, number: int = 1, mobiles: Sequence[str] = NUMBERS[:1], *, present: bool = True) -> int:
        """Add an account with one guardian's record for each number."""
        account_id = add_account(self.stores, self.clock.now(), number)
        with self.stores.engine.begin() as connection:
            for place, mobile in enumerate(mobiles):
                record = connection.execute(
                    insert(guardian).returning(guardian.c.id).values(
                        academy="8", jointure=f"{number}-{place}", family_name="DUPONT", birth_name="", given_names="Joe",
                        title="M.", mobile=mobile, present=present, digest="x",
                    )
                ).scalar_one()  # fmt: skip
                connection.execute(
                    insert(account_guardian).values(
                        guardian_id=record, account_id=account_id, proved_at=self.clock.now()
                    )
                )
        return account_id

    def sign_in(self, account_id: int) -> bool:
        with self.stores.writing() as desk:
            return desk.accounts.note_sign_in(account_id, self.clock.now(), password_hash="encoded")

    def texts(self, number: str = NUMBERS[0]) -> list[str]:
        return [one.text for one in MessageReader(self.stores.engine, self.secrets).load_messages(to=number)]

    def lines(self, event: str) -> list[tuple[int | None, dict[str, object]]]:
        with self.stores.engine.connect() as connection:
            rows = connection.execute(
                select(audit.c.account_id, audit.c.details).where(audit.c.event == event).order_by(audit.c.id)
            )
            return [(row.account_id, json.loads(row.details)) for row in rows]

    def accounts(self) -> list[int]:
        with self.stores.engine.connect() as connection:
            return list(connection.execute(select(account.c.id).order_by(account.c.id)).scalars())


@pytest.fixture
def world(stores: SqlStores, secrets: MasterKey, now: datetime) -> World:
    return World(stores, secrets, now)


def test_an_account_that_nobody_uses_is_announced_twice_and_then_closed(world: World) -> None:
    joe = world.add()
    assert world.after(334) == PurgeReport()
    assert world.after(1) == PurgeReport(warned=1)
    assert world.after(1) == PurgeReport()
    assert world.after(22) == PurgeReport(warned=1)
    assert world.after(6) == PurgeReport()
    assert world.accounts() == [joe]
    assert world.after(1) == PurgeReport(closed=1)
    assert world.accounts() == []
    text = "Votre compte parent sera fermé le 13/03/2032. Pour le garder, connectez-vous avant cette date."
    assert world.texts() == [text, text]
    assert world.lines("account.closing-announced") == [
        (joe, {"warning": 1, "closes": "2032-03-13", "messages": 1}),
        (joe, {"warning": 2, "closes": "2032-03-13", "messages": 1}),
    ]
    assert world.lines("account.removed") == [(joe, {"why": "unused"})]


def test_every_number_that_the_school_knows_and_the_confirmed_address_are_told(world: World) -> None:
    joe = world.add(mobiles=(*NUMBERS, NUMBERS[0], "", "+14155550100"))
    with world.stores.writing() as desk:
        desk.emails.confirm(ConfirmedEmail(joe, parse_email("joe@famille.example"), world.clock.now()))
    assert world.after(335) == PurgeReport(warned=1)
    assert [len(world.texts(number)) for number in NUMBERS] == [1, 1]
    assert world.texts("+14155550100") == [], "no country that texts go to"
    [message] = MessageReader(world.stores.engine, world.secrets).load_messages("joe@famille.example")
    mail = message.mail
    assert mail is not None
    assert mail.subject == "Votre compte sera fermé le 13\u00a0mars 2032"
    assert "Vous ne l'avez pas utilisé depuis 11\u00a0mois." in mail.text


def test_the_number_is_the_one_that_the_school_knows_now(world: World) -> None:
    world.add()
    world.after(335)
    with world.stores.engine.begin() as connection:
        connection.execute(update(guardian).values(mobile=NUMBERS[1]))
    world.after(23)
    assert [len(world.texts(number)) for number in NUMBERS] == [1, 1]


@pytest.mark.parametrize("language", ["fr", "facile", "en"])
def test_the_warning_speaks_the_accounts_language(world: World, language: str) -> None:
    world.add()
    with world.stores.engine.begin() as connection:
        connection.execute(update(account).values(language=language))
    world.after(335)
    day = paris_time(world.clock.now() + 30 * DAY)
    assert world.texts() == [messages.sms_account_closing(day, language=language)]


def test_who_cannot_be_reached_has_the_same_days_and_is_counted(world: World) -> None:
    gone = world.add(present=False)
    assert world.after(335) == PurgeReport(warned=1, unreachable=1)
    assert world.after(23) == PurgeReport(warned=1, unreachable=1)
    assert world.lines("account.closing-announced")[0][1]["messages"] == 0
    assert world.accounts() == [gone]
    assert world.after(7) == PurgeReport(closed=1)


@pytest.mark.parametrize("days", [335, 358, 364.9])
def test_signing_in_keeps_the_account_for_the_whole_delay(world: World, days: float) -> None:
    joe = world.add()
    for _ in range(int(days) - 334):
        world.clock.moment += (335 if world.clock.moment.year == 2031 else 1) * DAY
        world.purge()
    assert world.sign_in(joe)
    assert world.after(30).closed == 0
    assert world.after(304) == PurgeReport()
    assert world.after(1) == PurgeReport(warned=1)
    assert world.accounts() == [joe]


def test_one_who_comes_through_franceconnect_alone_keeps_it_too(world: World) -> None:
    joe = world.add()
    world.clock.moment += 300 * DAY
    with world.stores.writing() as desk:
        desk.sessions.add_session(session_of(joe, world.clock.now()))
    assert world.after(60) == PurgeReport(kept=1)


def test_accounts_that_are_used_are_looked_at_once_in_a_delay(world: World) -> None:
    joe = world.add()
    world.clock.moment += 334 * DAY
    world.sign_in(joe)
    assert world.after(1) == PurgeReport(kept=1)
    for _ in range(5):
        assert world.after(60) == PurgeReport()


def test_a_dry_run_counts_and_changes_nothing(world: World, engine: Engine) -> None:
    world.add()
    world.add(2, present=False)
    world.clock.moment += 400 * DAY
    with world.stores.writing() as desk:
        desk.ledger.record(AuditEvent("sign-in.refused"), world.clock.now() - YEAR)
        desk.outbox.put(Message("sms", NUMBERS[0], "text"), at=world.clock.now() - YEAR)
    with engine.begin() as connection:
        connection.execute(update(outbox).values(sent_at=world.clock.now() - YEAR, attempts=1))
    expected = PurgeReport(warned=2, unreachable=1, audit_lines=1, messages=1)
    for _ in range(2):
        assert world.purge(dry=True) == expected
    assert world.purge() == expected
    world.clock.moment += 23 * DAY
    world.purge()
    world.clock.moment += 7 * DAY
    assert world.purge(dry=True).closed == 2
    assert len(world.accounts()) == 2


def test_no_more_persons_are_warned_in_an_hour_than_the_policy_says_and_the_next_run_goes_on(world: World) -> None:
    policy = RetentionPolicy(warnings_per_hour=2)
    for number in range(5):
        world.add(number)
    assert world.after(335, policy) == PurgeReport(warned=2, postponed=True)
    assert world.purge(policy) == PurgeReport(postponed=True)
    assert world.after(1 / 24, policy) == PurgeReport(warned=2, postponed=True)
    assert world.after(1 / 24, policy) == PurgeReport(warned=1)
    assert len(world.lines("account.closing-announced")) == 5


def test_where_accounts_are_kept_for_ever_none_is_looked_at(world: World) -> None:
    joe = world.add()
    assert world.after(4000, RetentionPolicy(closes_unused=False)) == PurgeReport()
    assert world.accounts() == [joe]


def test_an_account_whose_person_asked_for_its_end_is_closed_when_that_has_come(world: World, engine: Engine) -> None:
    asked, stays = world.add(), world.add(2)
    with engine.begin() as connection:
        connection.execute(update(account).where(account.c.id == asked).values(closes_at=world.clock.now() + 30 * DAY))
    assert world.after(29.9) == PurgeReport()
    world.clock.moment += DAY
    assert world.purge(dry=True) == PurgeReport(ended=1)
    assert world.purge(RetentionPolicy(closes_unused=False)) == PurgeReport(ended=1)
    assert world.accounts() == [stays]
    assert world.lines("account.removed") == [(asked, {"why": "asked"})]
    assert world.texts() == [], "she knows"


@pytest.mark.parametrize("way", ["asked", "unused"])
def test_who_comes_back_in_the_very_moment_of_the_closing_keeps_the_account(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    joe = world.add()
    if way == "asked":
        with engine.begin() as connection:
            connection.execute(update(account).values(closes_at=world.clock.now() + 30 * DAY))
        world.clock.moment += 31 * DAY
    else:
        world.after(335)
        world.after(23)
        world.clock.moment += 8 * DAY
    name = {"asked": "load_asked", "unused": "load_warned"}[way]
    find = getattr(SqlRetention, name)

    def find_and_lose(self: SqlRetention, *asked: Any) -> Any:
        found = find(self, *asked)
        if found:
            with engine.begin() as connection:  # as a sign-in of a moment ago that was not committed when this was read
                connection.execute(update(account).values(signed_in_at=world.clock.now(), closes_at=None))
        return found

    monkeypatch.setattr(SqlRetention, name, find_and_lose)
    done = world.purge()
    assert (done.closed, done.ended) == (0, 0)
    assert world.accounts() == [joe]


def test_the_ents_of_a_session_that_lives_are_told_and_nothing_of_the_account_is_left(
    world: World, engine: Engine, secrets: MasterKey
) -> None:
    joe = world.add()
    world.after(335)
    world.after(23)
    live = replace(session_of(joe, world.clock.now() - 400 * DAY), expires_at=world.clock.now() + 99 * DAY)
    with world.stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.sessions.note_client(live.id, TOLD.client_id, live.auth_time)
        desk.franceconnect.add_link(FranceConnectLink("fc", "sub", joe, "identity", world.clock.now()))
        desk.emails.confirm(ConfirmedEmail(joe, parse_email("joe@famille.example"), world.clock.now()))
    assert world.after(7).closed == 1
    with world.stores.reading() as desk:
        assert desk.franceconnect.load_link("fc", "sub") is None
        assert desk.emails.load_accounts(parse_email("joe@famille.example")) == []
        assert desk.sessions.load_session_by_id(live.id) is None
    with engine.connect() as connection:
        assert connection.execute(select(outbox.c.id).where(outbox.c.channel == "logout")).all()
        assert connection.execute(select(closing_warning)).all() == []
    assert not [
        one for one in find_violations(engine, secrets, world.clock.now(), keeps_bodies=True) if "logout" in one
    ]


def test_of_four_purges_at_once_each_person_is_warned_once_and_each_account_closed_once(world: World) -> None:
    ids = [world.add(number) for number in range(12)]

    def together() -> list[PurgeReport]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda _: world.purge(), range(4)))

    for days, name in ((335, "warned"), (23, "warned"), (7, "closed")):
        world.clock.moment += days * DAY
        assert sum(getattr(one, name) for one in together()) == len(ids)
    assert len(world.lines("account.closing-announced")) == 2 * len(ids)
    assert [line[0] for line in world.lines("account.removed")].count(ids[0]) == 1
    assert len(world.lines("account.removed")) == len(ids)


def test_lines_and_messages_go_after_their_delays_and_what_is_younger_stays(world: World, engine: Engine) -> None:
    start = world.clock.now()
    for day in range(3):
        with world.stores.writing() as desk:
            desk.ledger.record(AuditEvent("sign-in.refused"), start + day * DAY)
            desk.outbox.put(Message("sms", NUMBERS[0], f"of day {day}"), at=start + day * DAY)
    with engine.begin() as connection:
        connection.execute(update(outbox).values(sent_at=outbox.c.created_at, attempts=1))
    assert world.after(89.5) == PurgeReport()
    assert world.after(1) == PurgeReport(messages=1)
    assert world.texts() == ["of day 2", "of day 1"]
    assert world.after(275) == PurgeReport(audit_lines=1, messages=2)
    keeps = RetentionPolicy(audit_kept=None, messages_kept=None)
    assert world.after(4000, keeps) == PurgeReport()
    assert world.purge() == PurgeReport(audit_lines=2)


def test_however_many_lines_are_due_one_run_forgets_them_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.journeys.retention._LINES_AT_ONCE", 2)
    for _ in range(5):
        with world.stores.writing() as desk:
            desk.ledger.record(AuditEvent("sign-in.refused"), world.clock.now())
    assert world.after(366) == PurgeReport(audit_lines=5)


def test_the_check_of_the_database_asks_for_no_line_that_a_purge_forgot(
    world: World, engine: Engine, secrets: MasterKey
) -> None:
    def complaints() -> list[str]:
        found = find_violations(engine, secrets, world.clock.now(), keeps_bodies=True)
        return [one for one in found if "audit line of its making" in one]

    joe = world.add()
    assert complaints(), "nothing was forgotten yet"
    world.clock.moment += YEAR
    world.sign_in(joe)
    with world.stores.writing() as desk:
        desk.ledger.record(AuditEvent("sign-in.refused"), world.clock.now() - YEAR)
    assert world.purge().audit_lines == 1
    assert complaints() == []
    world.add(2)
    assert complaints(), "of the other one it is still asked"


def test_the_check_of_the_database_finds_accounts_that_no_purge_would_look_at(
    world: World, engine: Engine, secrets: MasterKey
) -> None:
    def complaints() -> list[str]:
        found = find_violations(engine, secrets, world.clock.now(), keeps_bodies=True)
        return [one for one in found if "warned" in one]

    joe = world.add()
    world.after(335)
    assert complaints() == []
    with engine.begin() as connection:
        connection.execute(update(account).values(unused_since=world.clock.now()))
    assert complaints() == [
        f"Account {joe} is to be closed, its person was warned, and it counts among the others all the same."
    ]
    with engine.begin() as connection:
        connection.execute(closing_warning.delete())
        connection.execute(update(account).values(unused_since=None))
    assert complaints() == [
        f"Account {joe} is neither among those that may be unused nor was its person warned: no purge will ever look at it."
    ]


@pytest.mark.parametrize("seed", range(4))
def test_whenever_purges_come_nobody_loses_an_account_that_she_used_or_of_whose_end_she_was_not_told(
    world: World, seed: int
) -> None:
    drawn = random.Random(seed)  # noqa: S311  the same story each time
    policy = RetentionPolicy(audit_kept=None)
    used = {world.add(number, present=number % 4 > 0): world.clock.now() for number in range(8)}
    told: dict[int, list[date]] = {account_id: [] for account_id in used}

    def purge(times: int) -> None:
        there, seen = world.accounts(), len(world.lines("account.closing-announced"))
        for _ in range(times):
            world.purge(policy)
        for account_id, details in world.lines("account.closing-announced")[seen:]:
            assert account_id is not None
            told[account_id].append(date.fromisoformat(str(details["closes"])))
        for account_id in set(there) - set(world.accounts()):
            assert world.clock.now() >= used[account_id] + YEAR
            assert len(told[account_id]) == 2
            assert paris_time(world.clock.now()).date() >= max(told[account_id])

    for _ in range(25):
        world.clock.moment += drawn.choice((0.3, 1, 6, 7, 23, 30, 90, 200)) * DAY
        there = world.accounts()
        for account_id in drawn.sample(there, min(len(there), drawn.choice((0, 0, 1, 3)))):
            assert world.sign_in(account_id)
            used[account_id], told[account_id] = world.clock.now(), []
        purge(drawn.choice((0, 1, 1, 3)))
    for days in (400, 30, 30):
        world.clock.moment += days * DAY
        purge(1)
    assert world.accounts() == []
