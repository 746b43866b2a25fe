"""Who has a number that a stranger typed: what nobody has is read like anybody's, and is never taken for hers."""

import pytest
from sqlalchemy import Engine, insert

from idp.adapters.directory_tables import guardian
from idp.adapters.stores import SqlStores
from idp.people.persons import Holders

JOE, ANGELA, GONE = "+33639980010", "+33639980020", "+33639980030"
BEFORE_SHARED, SHARED, AFTER_SHARED = "+33639980049", "+33639980050", "+33639980051"


@pytest.fixture
def school(engine: Engine) -> None:
    """Two records with Joe's number, one with Angela's, one who left, one whose number the school does not know."""
    with engine.begin() as connection:
        for number, (mobile, present) in enumerate(
            ((JOE, True), (ANGELA, True), (JOE, True), (GONE, False), ("", True)), start=1
        ):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", given_names="Joe",
                    mobile=mobile, present=present, digest="x",
                )
            )  # fmt: skip


def find(stores: SqlStores, e164: str) -> Holders:
    with stores.reading() as desk:
        return desk.people.find_holders(e164)


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(("e164", "ids"), [(JOE, [1, 3]), (ANGELA, [2])])
def test_somebodys_number_finds_its_present_records(stores: SqlStores, e164: str, ids: list[int]) -> None:
    found = find(stores, e164)
    assert (found.ids, found.are_theirs) == (ids, True)
    with stores.reading() as desk:
        assert list(found.records) == desk.people.load_guardians_by_mobile(e164)


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize(
    ("e164", "read"),
    [
        pytest.param("+33639980000", [1, 3], id="before all"),
        pytest.param("+33639980015", [2], id="between two"),
        pytest.param("+33639980099", [2], id="after all: the last one"),
        pytest.param(GONE, [2], id="somebody who left"),
        pytest.param("", [1, 3], id="no number: nobody has it, whose number the school does not know neither"),
    ],
)
def test_a_number_of_nobody_reads_anothers_records_which_are_not_theirs(
    stores: SqlStores, e164: str, read: list[int]
) -> None:
    found = find(stores, e164)
    assert (found.ids, found.are_theirs) == (read, False)


@pytest.mark.usefixtures("school")
def test_of_a_number_that_many_share_a_stranger_has_a_few_records_read_and_its_holders_all(
    stores: SqlStores, engine: Engine
) -> None:
    shared = [
        {
            "id": number, "academy": "8", "jointure": f"G{number}", "family_name": "DUPONT", "given_names": "Joe",
            "mobile": SHARED, "present": True, "digest": "x",
        }
        for number in range(100, 400)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(guardian), shared)
    assert find(stores, SHARED).ids == list(range(100, 400))
    for e164 in (BEFORE_SHARED, AFTER_SHARED):
        found = find(stores, e164)
        assert (len(found.ids), found.are_theirs) == (4, False)
        assert set(found.ids) < set(range(100, 400))


@pytest.mark.parametrize("e164", [JOE, ""])
def test_where_the_school_knows_no_number_at_all_nothing_is_read(stores: SqlStores, e164: str) -> None:
    assert find(stores, e164) == Holders((), are_theirs=False)
