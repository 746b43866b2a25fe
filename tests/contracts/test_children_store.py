"""What imports brought for accounts and how far sessions are with questions: the contract of `journeys.children_ports.ChildrenStore`."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from idp.adapters.children_tables import link_news
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.added_children import find_added_children
from idp.journeys.children_ports import News, NewsKind, QuestionRow
from idp.journeys.children_told import ChildrenTold
from idp.journeys.directory_ports import Kind, Operation, SourceRecord
from idp.journeys.policy import ActivationPolicy
from idp.journeys.rows import FranceConnectLink
from tests.contracts.rows import add_account, session_of
from tests.directory.conftest import FAMILY, Office, record

ADDED, REMOVED = NewsKind.ADDED, NewsKind.REMOVED
PHONE = "+33639980001"


def pupil_of(jointure: str, guardian: str, *, class_name: str = "3A", gone: bool = False) -> SourceRecord:
    """Return the record of a pupil whose one guardian this is; "" for none."""
    return record(
        Kind.PUPIL,
        jointure,
        operation=Operation.DELETE if gone else Operation.ADD,
        ENTElevePersRelEleve=(f"{guardian}$20$1$1$1$0",) if guardian else (),
        ENTEleveClasses=f"S1${class_name}",
    )


class Standing:
    """A clock that a test moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def joe(stores: SqlStores, office: Office, now: datetime) -> int:
    """Somebody who proved his one link."""
    office.import_records(FAMILY)
    account_id = add_account(stores, now)
    with stores.writing() as desk:
        held = desk.people.load_guardians_by_mobile(PHONE)
        desk.accounts.attach_guardian(account_id, held[0].id, now)
    office.answer(contested=False)
    return account_id


def untold(stores: SqlStores) -> list[News]:
    with stores.reading() as desk:
        return desk.children.load_untold(None, 10)


def has_news(stores: SqlStores) -> bool:
    with stores.reading() as desk:
        account = desk.accounts.load_by_identifiant("j.dupont0001")
    assert account is not None
    return account.has_news


def test_a_link_that_an_import_adds_is_news_until_somebody_was_told(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    assert untold(stores) == []
    assert not has_news(stores)
    office.import_records([pupil_of("P2", "G1")])
    assert untold(stores) == [News(joe, ADDED)]
    assert has_news(stores)
    with stores.writing() as desk:
        links = desk.children.load_untold_links(News(joe, ADDED))
        assert desk.children.mark_told(News(joe, ADDED), links, now)
        assert not desk.children.mark_told(News(joe, ADDED), links, now), "the second one finds nothing to mark"
    assert untold(stores) == []
    assert has_news(stores), "told, and still to be proved"
    office.import_records([pupil_of("P2", "G1", class_name="3B")])
    assert untold(stores) == [], "the same child is no news twice"


def test_whoever_comes_through_franceconnect_has_the_same_news(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    with stores.writing() as desk:
        assert desk.franceconnect.add_link(FranceConnectLink("https://fc", "sub", joe, "hash", now))

    def has_news() -> bool:
        with stores.reading() as desk:
            link = desk.franceconnect.load_link("https://fc", "sub")
        assert link is not None
        return bool(link.has_news)

    assert not has_news()
    office.import_records([pupil_of("P2", "G1")])
    assert has_news()


def test_what_turns_out_to_be_none_is_forgotten_and_the_rest_stays(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    office.import_records([pupil_of("P2", "G1"), pupil_of("P3", "G1")])
    with stores.writing() as desk:
        kept, gone = desk.children.load_untold_links(News(joe, ADDED))
        desk.children.forget_news(joe, but=[kept])
    with stores.writing() as desk:
        assert desk.children.load_untold_links(News(joe, ADDED)) == [kept]
        desk.children.forget_news(joe)
    assert not has_news(stores)
    with stores.writing() as desk:
        desk.children.renew_news(joe, now)
    assert has_news(stores)
    assert untold(stores) == [], "as known since then"
    assert gone


def test_a_record_with_the_number_of_one_that_is_held_is_news_and_one_that_is_held_elsewhere_is_not(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    office.import_records([record(Kind.GUARDIAN, "G9", sn="DURAND"), pupil_of("P9", "G9")])
    assert untold(stores) == [News(joe, ADDED)], "whether it is the same person is for the journey to say"
    with stores.writing() as desk:
        desk.children.forget_news(joe)
    second = add_account(stores, now, 2)
    with stores.writing() as desk:
        record_id = next(one.id for one in desk.people.load_guardians_by_mobile(PHONE) if one.jointure == "G9")
        desk.accounts.attach_guardian(second, record_id, now)
    office.import_records([pupil_of("P9", "G9", class_name="4C")])
    assert untold(stores) == [News(second, ADDED)]


def test_a_record_of_the_same_person_is_asked_about_until_another_account_holds_it(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    school = record(Kind.SCHOOL, "S1", ENTStructureUAI="9990010I", ENTServAcCodeAcademie="10")
    office.import_records([school, record(Kind.GUARDIAN, "G1"), record(Kind.PUPIL, "P1", givenName="Tom")])
    with stores.reading() as desk:
        assert [one.pupil.given_name for one in find_added_children(desk, joe).links] == ["Tom"]
        elsewhere = next(one for one in desk.people.load_guardians_by_mobile(PHONE) if one.academy == "10")
    second = add_account(stores, now, 2)
    with stores.writing() as desk:
        assert desk.accounts.attach_guardian(second, elsewhere.id, now)
        assert find_added_children(desk, joe).links == (), "whoever activated twice groups her accounts"
        assert [one.pupil.given_name for one in find_added_children(desk, second).links] == ["Tom"]


def test_a_proved_link_that_is_stated_no_longer_is_news_and_a_pupil_who_leaves_is_none(
    stores: SqlStores, office: Office, joe: int
) -> None:
    office.import_records([pupil_of("P1", "")])
    assert untold(stores) == [News(joe, REMOVED)]
    assert not has_news(stores), "nothing to be proved"
    office.import_records([pupil_of("P1", "G1")])
    assert untold(stores) == [], "it came back before anybody was told"
    office.import_records([pupil_of("P1", "G1", gone=True)], academy="8")
    assert untold(stores) == []
    office.import_records([record(Kind.GUARDIAN, "G1", givenName=("Joe Paul",))], academy="8")
    assert untold(stores) == [], "nor when the guardian's own record changes afterwards"


def test_an_account_that_goes_takes_its_news_along(stores: SqlStores, office: Office, joe: int, engine: Engine) -> None:
    office.import_records([pupil_of("P2", "G1")])
    with stores.writing() as desk:
        desk.people.unconfirm_kinships(joe)
        desk.accounts.remove_account(joe)
    with engine.connect() as connection:
        assert connection.execute(select(link_news)).all() == []


def test_a_question_is_kept_sealed_with_one_winner_for_each_turn(
    stores: SqlStores, office: Office, joe: int, now: datetime
) -> None:
    del office
    with stores.writing() as desk:
        desk.sessions.add_session(session_of(joe, now))
        row = desk.children.load_question("sid", "children")
        assert (row.turn, row.state, row.last_answer) == (0, b"", None)
        row.turn, row.state = 1, b"state"
        assert desk.children.save_question(row, expected_turn=0)
        assert not desk.children.save_question(row, expected_turn=0), "the other of two first answers"
        assert desk.children.load_question("sid", "identity").turn == 0, "each question by itself"
        second = QuestionRow("sid", "children", 2, b"more", b"answer")
        assert not desk.children.save_question(second, expected_turn=7)
        assert desk.children.save_question(second, expected_turn=1)
    with stores.reading() as desk:
        assert desk.children.load_question("sid", "children") == second


def test_what_a_session_is_asked_is_kept_with_it(stores: SqlStores, office: Office, joe: int, now: datetime) -> None:
    del office
    with stores.writing() as desk:
        desk.sessions.add_session(session_of(joe, now))
        desk.sessions.ask_session("sid", ("children",))
    with stores.reading() as desk:
        live = desk.sessions.load_session_by_id("sid")
    assert live is not None
    assert live.asks == ("children",)


# --- telling, on the real stores ------------------------------------------------------------------------------------------------------


def telling(stores: SqlStores, secrets: MasterKey, clock: Standing, **policy: int) -> ChildrenTold:
    return ChildrenTold(stores=stores, clock=clock, secrets=secrets, policy=ActivationPolicy(fiction=True, **policy))


def test_whoever_is_told_is_told_once(
    stores: SqlStores, office: Office, secrets: MasterKey, joe: int, now: datetime
) -> None:
    assert joe
    office.import_records([pupil_of("P2", "G1"), pupil_of("P3", "G1")])
    one = telling(stores, secrets, Standing(now))
    assert (one.run_once(), one.run_once()) == (1, 0), "two children of one import, one text"


def test_news_never_spend_what_codes_need_and_wait_for_the_next_hour(
    stores: SqlStores, office: Office, secrets: MasterKey, joe: int, now: datetime
) -> None:
    clock = Standing(now)
    one = telling(stores, secrets, clock, sms_per_hour=2)
    office.import_records([pupil_of("P2", "G1")])
    assert one.run_once() == 1
    office.import_records([pupil_of("P3", "G1")])
    assert one.run_once() == 0, "half of two are spent"
    assert untold(stores) == [News(joe, ADDED)], "it waits"
    clock.moment += timedelta(hours=1, seconds=1)
    assert one.run_once() == 1


def test_news_have_half_of_the_days_budget_too(
    stores: SqlStores, office: Office, secrets: MasterKey, joe: int, now: datetime
) -> None:
    clock = Standing(now)
    one = telling(stores, secrets, clock, sms_per_day=2)
    office.import_records([pupil_of("P2", "G1")])
    assert one.run_once() == 1
    office.import_records([pupil_of("P3", "G1")])
    clock.moment += timedelta(hours=2)
    assert one.run_once() == 0, "half of two are spent"
    assert untold(stores) == [News(joe, ADDED)], "it waits"
    clock.moment += timedelta(hours=22, seconds=1)
    assert one.run_once() == 1


def test_whose_link_stands_again_is_not_told_that_it_was_taken_away(
    stores: SqlStores, engine: Engine, secrets: MasterKey, joe: int, now: datetime
) -> None:
    with stores.reading() as desk:
        holder = desk.accounts.load_holder(joe)
    assert holder is not None
    with engine.begin() as connection:
        of = {"account_id": joe, "kinship_id": holder.kinships[0].id, "kind": REMOVED.value, "since": now}
        connection.execute(insert(link_news).values(of))
    assert telling(stores, secrets, Standing(now)).run_once() == 0
    assert untold(stores) == [], "looked at, and dropped"


def test_a_number_that_got_enough_texts_gets_no_more_this_hour(
    stores: SqlStores, office: Office, secrets: MasterKey, joe: int, now: datetime
) -> None:
    one = telling(stores, secrets, Standing(now), sms_per_number_hour=0)
    office.import_records([pupil_of("P2", "G1")])
    assert one.run_once() == 0
    assert untold(stores) == [News(joe, ADDED)]


def test_nobody_is_told_of_what_is_no_longer_so(
    stores: SqlStores, office: Office, secrets: MasterKey, joe: int, now: datetime
) -> None:
    assert joe
    office.import_records([pupil_of("P2", "G1")])
    office.import_records([pupil_of("P2", "G1", gone=True)], academy="8")
    assert telling(stores, secrets, Standing(now)).run_once() == 0
    assert untold(stores) == [], "looked at, and dropped"
