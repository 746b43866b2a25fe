"""`journeys.session_ports.RegisteredClientStore`, and what `journeys.client_office` keeps in it, on every database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.client_office import ClientOffice, Enrolled
from idp.journeys.rows import RegisteredClientRow
from tests.contracts.rows import add_session_with_grants, load_token, refresh_token_of, token_of
from tests.contracts.test_expiry import StandingClock

REDIRECT_URI = "https://ent.example/retour"
METADATA = {
    "redirect_uris": [REDIRECT_URI],
    "token_endpoint_auth_method": "client_secret_basic",
    "client_name": "ENT Sureau é",
}
PUBLIC = {**METADATA, "token_endpoint_auth_method": "none"}


def row_of(now: datetime, number: int = 1, **changes: Any) -> RegisteredClientRow:
    """Return a client that was registered at its number's second."""
    row = RegisteredClientRow(f"{number:032x}", "secret hash", "token hash", METADATA, now + timedelta(seconds=number))
    return replace(row, **changes)


def add(stores: SqlStores, *rows: RegisteredClientRow) -> None:
    with stores.writing() as desk:
        for row in rows:
            assert desk.clients.add_client(row)


@pytest.fixture
def office(stores: SqlStores, secrets: MasterKey, now: datetime) -> ClientOffice:
    return ClientOffice(stores, StandingClock(now), secrets)


def test_a_client_comes_back_as_it_was_kept(stores: SqlStores, now: datetime) -> None:
    one, other = row_of(now), row_of(now, 2, client_secret_hash=None, registration_token_hash=None, metadata=PUBLIC)
    add(stores, other, one)
    with stores.reading() as desk:
        assert desk.clients.load_client(one.client_id) == one
        assert desk.clients.load_client(other.client_id) == other
        assert desk.clients.load_clients() == [one, other], "oldest first"


@pytest.mark.parametrize("client_id", ["f" * 32, "F" * 32, "ent", "", "\x00" * 32, "\ud800", "é" * 32, "1" * 10_000])
def test_an_id_that_none_has_is_answered_whatever_it_is(stores: SqlStores, now: datetime, client_id: str) -> None:
    add(stores, row_of(now))
    with stores.reading() as desk:
        assert desk.clients.load_client(client_id) is None


def test_of_fifty_threads_as_many_are_kept_as_there_may_be(stores: SqlStores, now: datetime) -> None:
    def register(number: int) -> bool:
        with stores.writing() as desk:
            return desk.clients.add_client(row_of(now, number), at_most=7)

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(register, range(50))).count(True) == 7
    with stores.reading() as desk:
        assert len(desk.clients.load_clients()) == 7


def test_of_fifty_threads_one_changes_what_all_have_seen(stores: SqlStores, now: datetime) -> None:
    add(stores, row_of(now))

    def change(number: int) -> bool:
        changed = row_of(now, metadata={**METADATA, "client_name": f"ENT {number}"}, revision=1)
        with stores.writing() as desk:
            return desk.clients.save_client(changed, expected_revision=0)

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(change, range(50)))
    assert won.count(True) == 1
    with stores.reading() as desk:
        kept = desk.clients.load_client(row_of(now).client_id)
    assert kept is not None
    assert (kept.metadata["client_name"], kept.revision) == (f"ENT {won.index(True)}", 1)


def test_a_client_is_removed_once_and_cannot_be_changed_afterwards(stores: SqlStores, now: datetime) -> None:
    row = row_of(now)
    add(stores, row, row_of(now, 2))
    with stores.writing() as desk:
        assert desk.clients.remove_client(row.client_id)
    with stores.writing() as desk:
        assert not desk.clients.remove_client(row.client_id)
        assert not desk.clients.save_client(replace(row, revision=1), expected_revision=0)
        assert [one.client_id for one in desk.clients.load_clients()] == [row_of(now, 2).client_id]


def test_the_origins_of_clients_without_a_secret_are_known_and_no_part_of_one_is(
    stores: SqlStores, now: datetime
) -> None:
    uris = ["https://ent.example/a", "https://ent.example:8443/b"]
    add(stores, row_of(now), row_of(now, 2, metadata={**PUBLIC, "redirect_uris": uris}))
    with stores.writing() as desk:
        known = [desk.clients.is_public_origin(one) for one in ("https://ent.example", "https://ent.example:8443")]
        parts = [
            desk.clients.is_public_origin(one)
            for one in ("https://ent.exampl", "ent.example", "", " ", "https://ent.example:844")
        ]
        desk.clients.save_client(row_of(now, 2, revision=1), expected_revision=0)
        later = desk.clients.is_public_origin("https://ent.example")
    assert (known, parts, later) == ([True, True], [False] * 5, False)


# --- the office ------------------------------------------------------------------------------------------------------------------------


def enrolled(office: ClientOffice, metadata: dict[str, Any] = METADATA) -> Enrolled:
    made = office.enrol(metadata, changes_itself=True)
    assert made is not None
    return made


def test_neither_the_secret_nor_the_token_can_be_read_in_the_table(office: ClientOffice, engine: Engine) -> None:
    made = enrolled(office)
    assert made.client_secret is not None
    assert min(len(made.client_secret), len(made.registration_access_token)) >= 43, "256 bits in base64"
    with engine.connect() as connection:
        kept = repr(connection.execute(text("SELECT * FROM registered_client")).all())
    assert made.client_secret not in kept
    assert made.registration_access_token not in kept
    assert office.is_secret(made.row, made.client_secret)
    assert office.is_token(made.row, made.registration_access_token)
    other = enrolled(office)
    assert not office.is_secret(other.row, made.client_secret)
    assert not office.is_token(other.row, made.registration_access_token)


def test_a_client_without_a_secret_or_a_token_has_none_that_an_empty_text_would_be(office: ClientOffice) -> None:
    made = office.enrol(PUBLIC, changes_itself=False)
    assert made is not None
    assert (made.client_secret, made.registration_access_token) == (None, "")
    assert not office.is_secret(made.row, "")
    assert not office.is_token(made.row, "")
    assert office.rotate_secret(made.row.client_id) is None


def test_a_new_secret_ends_the_former_one_at_once(office: ClientOffice) -> None:
    made = enrolled(office)
    renewed = office.rotate_secret(made.row.client_id)
    assert renewed is not None
    row = office.load(made.row.client_id)
    assert row is not None
    assert made.client_secret is not None
    assert renewed.client_secret is not None
    assert (office.is_secret(row, made.client_secret), office.is_secret(row, renewed.client_secret)) == (False, True)


def test_a_change_that_meets_a_new_secret_does_not_bring_the_former_one_back(
    office: ClientOffice, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    made = enrolled(office)
    operator: list[Enrolled | None] = []

    class Overtaken(ClientOffice):
        def load(self, client_id: str) -> RegisteredClientRow | None:
            row = super().load(client_id)
            if not operator:
                operator.append(office.rotate_secret(client_id))
            return row

    renamed = {**METADATA, "client_name": "ENT Frêne"}
    assert Overtaken(stores, StandingClock(now), secrets).change(made.row.client_id, renamed) is not None
    row = office.load(made.row.client_id)
    [rotated] = operator
    assert row is not None
    assert rotated is not None
    assert (row.metadata["client_name"], row.revision) == ("ENT Frêne", 2)
    assert office.is_secret(row, rotated.client_secret or "")


def test_what_has_gone_is_neither_changed_nor_given_a_secret_nor_removed_again(office: ClientOffice) -> None:
    gone = enrolled(office).row.client_id
    assert office.remove(gone)
    assert not office.remove(gone)
    assert office.change(gone, METADATA) is None
    assert office.rotate_secret(gone) is None
    assert office.load_all() == []


def test_with_a_client_go_its_codes_and_its_tokens(office: ClientOffice, stores: SqlStores, now: datetime) -> None:
    client_id = enrolled(office).row.client_id
    code = replace(add_session_with_grants(stores, now), client_id=client_id, family="other", code_hash="its code")
    with stores.writing() as desk:
        desk.grants.add_code(code)
        desk.grants.add_access_token(token_of(code, now, "its token"))
        desk.grants.add_refresh_token(refresh_token_of(code, now, offline=True))
    assert office.remove(client_id)
    with stores.reading() as desk:
        its = (
            desk.grants.load_code("its code"),
            load_token(desk, "its token"),
            desk.grants.load_refresh_token("refresh"),
        )
        others = (desk.grants.load_code("code"), load_token(desk, "token"))
    assert [one.revoked_at for one in its if one] == [now] * 3
    assert [one.revoked_at for one in others if one] == [None] * 2
