"""Families documents taken into a real database: what a load makes, what a second one changes, and what a reset gives back."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from idp.adapters.case_library import case_names, load_case
from idp.adapters.consistency import find_violations
from idp.adapters.directory import DirectoryStore
from idp.adapters.message_reader import MessageReader
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import metadata
from idp.journeys.directory_desk import ImportUnderWay
from idp.journeys.families.civil import simulated_sub
from idp.journeys.families.document import FamiliesRefused
from idp.journeys.families.loading import FamiliesLoader, FamiliesPolicy, FamiliesReport
from idp.journeys.families.reading import read_document
from idp.journeys.policy import SignInPolicy
from idp.people.affiliations import affiliations, reference_ids
from idp.people.records import AccountHolder, KinshipState
from idp.sandbox.fault_rules import DocumentFaults
from tests.families.documents import PASSWORD, TEXT, changed, document

FRANCECONNECT = "http://localhost:8401/api/v2"
JOE = "p.arbre1101"
Load = Callable[..., FamiliesReport]


class Still:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the one moment that there is."""
        return self._now


class Counted:
    """Argon2 at its cheapest, counted."""

    def __init__(self) -> None:
        self.hashes = 0
        self._real = Argon2Hasher(memory_kib=8, time_cost=1, parallelism=1, at_once=1)

    def hash(self, password: str) -> str:
        """Hash, and count it."""
        self.hashes += 1
        return self._real.hash(password)

    def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether it is the password."""
        return self._real.verify(encoded, password)


@pytest.fixture
def hasher() -> Counted:
    return Counted()


@pytest.fixture
def load(engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime, hasher: Counted) -> Load:
    def run(*texts: str, issuer: str = FRANCECONNECT) -> FamiliesReport:
        loader = FamiliesLoader(
            stores=stores,
            directory=DirectoryStore(engine),
            clock=Still(now),
            secrets=secrets,
            hasher=hasher,
            is_common=ZxcvbnJudge().is_common,
            judge=DocumentFaults(None),
            policy=FamiliesPolicy(issuer, "preau", SignInPolicy()),
        )
        return loader.load([read_document(one, f"{place}.toml") for place, one in enumerate(texts)])

    return run


@pytest.fixture
def check(engine: Engine, secrets: MasterKey, now: datetime) -> Callable[[], list[str]]:
    return lambda: list(find_violations(engine, secrets, now, keeps_bodies=True))


def rows(engine: Engine, *names: str) -> dict[str, Sequence[Any]]:
    tables = [table for table in metadata.sorted_tables if table.name in names]
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all() for table in tables
        }


def holder_of(stores: SqlStores, identifiant: str) -> AccountHolder:
    with stores.reading() as desk:
        account = desk.accounts.load_by_identifiant(identifiant)
        assert account is not None
        holder = desk.accounts.load_holder(account.id)
    assert holder is not None
    return holder


def test_a_load_makes_what_imports_and_an_activation_would(
    load: Load, stores: SqlStores, hasher: Counted, check: Callable[[], list[str]]
) -> None:
    report = load(TEXT)
    assert (report.added, report.changed, report.made, report.kept) == (7, 0, [JOE], [])
    joe = holder_of(stores, JOE)
    assert hasher.verify(joe.account.password_hash, PASSWORD)
    assert (joe.account.family_name, joe.account.given_name) == ("ARBRE", "Paul")
    assert affiliations(joe) == ("resp1d", "resp2d")
    assert [one[:9] for one in reference_ids(joe)] == ["{AAF}08||", "{AAF}10||"]
    assert {link.pupil.given_name for link in joe.kinships} == {"Lou", "Max"}
    assert check() == []


def test_the_account_is_linked_with_who_the_simulator_will_say(load: Load, stores: SqlStores) -> None:
    load(TEXT)
    person = next(one.franceconnect for _, one in document().guardians() if one.franceconnect)
    assert person is not None
    with stores.reading() as desk:
        link = desk.franceconnect.load_link(FRANCECONNECT, simulated_sub(person, "preau"))
    assert link is not None
    assert link.account_id == holder_of(stores, JOE).account.id


def test_who_has_a_password_too_is_made_where_there_is_no_franceconnect(
    load: Load, engine: Engine, check: Callable[[], list[str]]
) -> None:
    assert load(TEXT, issuer="").made == [JOE]
    assert rows(engine, "franceconnect_link")["franceconnect_link"] == []
    assert check() == []


def test_whose_only_way_in_is_franceconnect_is_left_out_without_it(load: Load, engine: Engine) -> None:
    report = load(changed((', password = "Cartable-Bleu-42"', "")), issuer="")
    assert (report.made, report.kept) == ([], [])
    assert report.notes == [f"{JOE} was not made: this instance has no FranceConnect, its only way in."]
    assert rows(engine, "account")["account"] == []


def test_nobody_gets_a_text(load: Load, engine: Engine, secrets: MasterKey) -> None:
    load(TEXT)
    assert MessageReader(engine, secrets).load_messages() == []


def test_a_second_load_changes_nothing_and_hashes_nothing(load: Load, engine: Engine, hasher: Counted) -> None:
    load(TEXT)
    everything = [table.name for table in metadata.sorted_tables if table.name != "import_run"]
    before, hashed = rows(engine, *everything), hasher.hashes
    report = load(TEXT)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 7)
    assert (report.made, report.kept) == ([], [JOE])
    assert rows(engine, *everything) == before
    assert (hashed, hasher.hashes) == (1, 1)


def test_a_second_load_leaves_alone_what_a_person_did_since(load: Load, engine: Engine, stores: SqlStores) -> None:
    load(TEXT)
    with engine.begin() as connection:
        connection.execute(text("UPDATE account SET password_hash = 'of her own'"))
        connection.execute(text("UPDATE kinship SET state = 'contested' WHERE state = 'confirmed'"))
    load(TEXT)
    assert holder_of(stores, JOE).account.password_hash == "of her own"
    assert holder_of(stores, JOE).kinships == ()


@pytest.mark.usefixtures("now")
def test_a_reset_gives_the_accounts_back_as_they_were(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, check: Callable[[], list[str]]
) -> None:
    load(TEXT)
    before = holder_of(stores, JOE)
    with engine.begin() as connection:
        connection.execute(text("UPDATE account SET password_hash = 'another'"))
        connection.execute(text("UPDATE kinship SET state = 'contested', state_at = 1 WHERE state = 'confirmed'"))
    for _ in range(2):
        back_to_seed(engine, secrets)
        after = holder_of(stores, JOE)
        assert after.account.password_hash == before.account.password_hash
        assert after.account.subject_seed == before.account.subject_seed
        assert {link.pupil.given_name for link in after.kinships} == {"Lou", "Max"}
        assert len(rows(engine, "franceconnect_link")["franceconnect_link"]) == 1
        assert check() == []


def test_a_reset_forgets_accounts_that_no_document_names(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    load(TEXT)
    with stores.writing() as desk:
        desk.accounts.reserve_identifiant("x.other0001", now)
        desk.accounts.add_account(
            identifiant="x.other0001", subject_seed="x", password_hash=None, family_name="X", given_name="Y", at=now
        )
    back_to_seed(engine, secrets)
    assert [row.identifiant for row in rows(engine, "account")["account"]] == [JOE]
    assert [row.value for row in rows(engine, "identifiant")["identifiant"]] == [JOE]


def test_another_password_in_the_document_holds_from_the_next_reset(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, hasher: Counted
) -> None:
    load(TEXT)
    load(changed((PASSWORD, "Ardoise-Verte-17")))
    assert hasher.verify(holder_of(stores, JOE).account.password_hash, PASSWORD)
    back_to_seed(engine, secrets)
    assert hasher.verify(holder_of(stores, JOE).account.password_hash, "Ardoise-Verte-17")


LEFT = changed(('school = "college"\n', 'school = "college"\nwhen = "left"\n'))
LATER = changed(('school = "ecole"\n', 'school = "ecole"\nwhen = "later"\n'))


def test_a_pupil_who_left_was_proved_and_is_told_no_more(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, check: Callable[[], list[str]]
) -> None:
    assert load(LEFT).made == [JOE]

    def told() -> list[str]:
        holder = holder_of(stores, JOE)
        assert len(holder.guardians) == 2
        assert check() == []
        return [link.pupil.given_name for link in holder.kinships]

    assert told() == ["Max"]
    report = load(LEFT)
    assert (report.added, report.changed) == (0, 0)
    assert told() == ["Max"]
    back_to_seed(engine, secrets)
    assert told() == ["Max"]


def test_a_pupil_who_came_later_is_known_and_not_proved(
    load: Load, stores: SqlStores, check: Callable[[], list[str]]
) -> None:
    load(LATER)
    joe = holder_of(stores, JOE)
    assert [link.pupil.given_name for link in joe.kinships] == ["Lou"]
    assert len(joe.guardians) == 1
    with stores.reading() as desk:
        records = desk.people.load_guardians_by_mobile("+33639980501")
        links = desk.people.load_kinships([one.id for one in records])
    assert [link.state for link in links] == [KinshipState.CONFIRMED, KinshipState.DECLARED]
    assert load(LATER).added == 0
    assert check() == []


CONTESTED = changed(
    ('{ guardian = "paul", relation = "father" }]', '{ guardian = "paul", relation = "father", contested = true }]')
)


def test_a_contested_link_stays_so_by_an_import_and_by_a_reset(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, check: Callable[[], list[str]]
) -> None:
    load(CONTESTED)
    for again in (lambda: load(CONTESTED), lambda: back_to_seed(engine, secrets)):
        again()
        states = sorted(row.state for row in rows(engine, "kinship")["kinship"])
        assert states == ["confirmed", "contested", "declared"]
        assert [link.pupil.given_name for link in holder_of(stores, JOE).kinships] == ["Lou"]
        assert check() == []


def test_who_contested_every_pupil_has_no_account_and_keeps_her_word(
    load: Load, engine: Engine, secrets: MasterKey, check: Callable[[], list[str]]
) -> None:
    contested = load_case("every-link-contested")
    load(contested)
    at = rows(engine, "kinship")
    load(contested)
    assert rows(engine, "kinship") == at
    back_to_seed(engine, secrets)
    assert [row.state for row in rows(engine, "kinship")["kinship"]] == ["contested"]
    assert rows(engine, "account")["account"] == []
    assert check() == []


def test_a_locked_account_waits_and_is_locked_again_by_a_reset(
    load: Load, engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    load(load_case("locked"))
    [full] = rows(engine, "quota")["quota"]
    assert full.used == SignInPolicy().tries_per_identifiant
    assert full.resets_at - now == SignInPolicy().tries_window
    load(load_case("locked"))
    assert rows(engine, "quota")["quota"] == [full]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM quota"))
    load(load_case("locked"))
    assert rows(engine, "quota")["quota"] == [full]
    back_to_seed(engine, secrets)
    assert [row.used for row in rows(engine, "quota")["quota"]] == [full.used]


def test_faults_write_nothing(load: Load, engine: Engine) -> None:
    with pytest.raises(FamiliesRefused, match="may be somebody's"):
        load(changed(("06 39 98 05 02", "06 12 34 56 78")))
    assert rows(engine, "guardian", "school", "import_run", "seed") == {
        "guardian": [], "school": [], "import_run": [], "seed": [],
    }  # fmt: skip


def test_somebody_who_is_known_already_may_stand_in_the_way(load: Load, engine: Engine) -> None:
    load(
        changed(
            ('key = "arbre"', 'key = "bois"'),
            ('account = { identifiant = "p.arbre1101", password = "Cartable-Bleu-42" }\n', ""),
            ("linked = true\n", ""),
        )
    )
    with pytest.raises(FamiliesRefused) as refused:
        load(TEXT)
    [fault] = refused.value.faults
    assert str(fault) == (
        "0.toml, line 27: families[0].guardians[0].account cannot be made, beside those who are known already: "
        "several records of one directory agree."
    )
    assert rows(engine, "account") == {"account": []}
    assert [row.key for row in rows(engine, "seed")["seed"]] == ["family:arbre", "family:bois"], (
        "to take their records out again by"
    )


def test_an_identifiant_that_is_somebody_else_s_is_refused(
    load: Load, stores: SqlStores, engine: Engine, now: datetime
) -> None:
    with stores.writing() as desk:
        desk.accounts.reserve_identifiant(JOE, now)
    with pytest.raises(
        FamiliesRefused, match="its identifiant, its record or its identity at FranceConnect is another"
    ):
        load(TEXT)
    assert rows(engine, "account", "account_guardian") == {"account": [], "account_guardian": []}
    assert [row.key for row in rows(engine, "seed")["seed"]] == ["family:arbre"], "to take its records out again by"


def test_an_account_whose_only_pupil_left_before_anybody_kept_it_is_refused(load: Load, engine: Engine) -> None:
    left = load_case("child-left")
    load(left)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM seed"))
    with pytest.raises(FamiliesRefused, match="no link that it needs stands in the directory any more"):
        load(left)


def test_a_link_that_nobody_states_in_the_document_is_not_proved(
    load: Load, stores: SqlStores, check: Callable[[], list[str]]
) -> None:
    other = changed(("Max", "Zed"), ('key = "max"', 'key = "zed"'))
    load(TEXT)
    load(other)
    assert {link.pupil.given_name for link in holder_of(stores, JOE).kinships} == {"Lou", "Max"}
    assert check() == []


def test_the_whole_library_is_taken_in_together_and_again(
    load: Load, engine: Engine, secrets: MasterKey, hasher: Counted, check: Callable[[], list[str]]
) -> None:
    texts = [load_case(name) for name in case_names()]
    first = load(*texts)
    made = sum(one.count("identifiant =") for one in texts)
    assert (len(first.made), first.notes, check()) == (made, [], [])
    again = load(*texts)
    assert (again.added, again.changed, len(again.kept)) == (0, 0, made)
    hashed = hasher.hashes
    back_to_seed(engine, secrets)
    assert len(rows(engine, "account")["account"]) == made
    assert (check(), hasher.hashes) == ([], hashed)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do everything at the same moment, and return what each act returned or raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait()
        try:
            return act()
        except Exception as failure:  # noqa: BLE001  looked at by the test
            return failure

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_resets_at_the_same_moment_leave_one_seed(
    load: Load, engine: Engine, secrets: MasterKey, check: Callable[[], list[str]]
) -> None:
    load(TEXT, load_case("contested-link"), load_case("locked"))
    for _ in range(5):
        assert at_once(*[lambda: back_to_seed(engine, secrets)] * 4) == [None] * 4
        assert len(rows(engine, "account")["account"]) == 3
        assert check() == []


def test_replicas_that_start_at_the_same_moment_make_one_account(
    load: Load, engine: Engine, check: Callable[[], list[str]]
) -> None:
    texts = (TEXT, load_case("contested-link"), load_case("locked"))
    done = at_once(*[lambda: load(*texts)] * 3)
    assert all(isinstance(one, FamiliesReport | ImportUnderWay) for one in done), done
    load(*texts)
    assert len(rows(engine, "account")["account"]) == 3
    assert check() == []
