"""What a new password does, on real databases: kept, everybody else out, ENTs and the person told, one line in the audit trail."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, insert, select

from idp.adapters.directory_tables import guardian
from idp.adapters.message_reader import MessageReader
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import account_guardian, audit
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_pages import Visit
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import Step
from idp.journeys.new_password import NewPassword, own_words_of
from idp.journeys.policy import ActivationPolicy
from idp.journeys.rows import ActivationRow
from idp.people.records import AccountHolder
from idp.protocol.consent import Consent
from tests.contracts.rows import add_session_with_grants, code_of, refresh_token_of, session_of
from tests.contracts.test_session_end import notices, session_end

FIRST, SECOND, ABROAD = "+33639980001", "+33639980002", "+32470000000"
GOOD = "Cartable-Bleu-42"


@pytest.fixture
def new_password(secrets: MasterKey) -> NewPassword:
    return NewPassword(
        judge=ZxcvbnJudge(),
        hasher=Argon2Hasher(memory_kib=8, time_cost=1, parallelism=1, at_once=1),
        session_end=session_end(secrets),
        policy=ActivationPolicy(),
    )


Hold = Callable[[], AccountHolder]


@pytest.fixture
def hold(stores: SqlStores, engine: Engine, now: datetime) -> Hold:
    """Somebody with a session that an ENT knows, one where she is now, refresh tokens of both, a consent, and three records."""
    account_id = add_session_with_grants(stores, now).account_id
    with engine.begin() as connection:
        for number, mobile in enumerate((FIRST, SECOND, FIRST, ABROAD, ""), start=1):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile=mobile, present=True, digest="x",
                )
            )  # fmt: skip
            values = {"guardian_id": number, "account_id": account_id, "proved_at": now}
            connection.execute(insert(account_guardian).values(**values))
    with stores.writing() as desk:
        present = session_of(account_id, now, "present")
        desk.sessions.add_session(present)
        desk.grants.add_code(code_of(present, now, "code of present"))
        desk.grants.add_refresh_token(refresh_token_of(code_of(present, now), now, "refresh of present"))
        desk.grants.add_refresh_token(refresh_token_of(code_of(session_of(account_id, now), now), now, offline=True))
        desk.consents.save_consent(account_id, "ent", Consent(frozenset({"openid"})), now)

    def load() -> AccountHolder:
        with stores.reading() as desk:
            holder = desk.accounts.load_holder(account_id)
        assert holder is not None
        return holder

    return load


def keep(new_password: NewPassword, stores: SqlStores, holder: AccountHolder, now: datetime, sid: str | None) -> int:
    encoded = new_password.hash(GOOD)
    with stores.writing() as desk:
        return new_password.keep(desk, holder, encoded, now, by="recovery", reference="REFERENC", keeping=sid)


@pytest.mark.parametrize(("keeping", "ended"), [(None, ["present", "sid"]), ("present", ["sid"])])
def test_it_is_kept_and_everybody_else_is_out(
    new_password: NewPassword,
    stores: SqlStores,
    engine: Engine,
    hold: Hold,
    now: datetime,
    keeping: str,
    ended: list[str],
) -> None:
    holder = hold()
    assert keep(new_password, stores, holder, now, keeping) == len(ended)
    with stores.reading() as desk:
        sessions = [desk.sessions.load_session_by_id(sid) for sid in ("present", "sid")]
        refresh = [desk.grants.load_refresh_token(name) for name in ("refresh of present", "refresh")]
        allowed = desk.consents.load_consent(holder.account.id, "ent")
    assert sorted(one.id for one in sessions if one and one.ended_at == now) == ended
    assert [one.revoked_at for one in refresh if one] == [now, now]
    assert allowed is None
    assert notices(engine) == 1
    hasher = Argon2Hasher(memory_kib=8, time_cost=1, parallelism=1, at_once=1)
    assert hasher.verify(hold().account.password_hash, GOOD)


@pytest.mark.parametrize(
    ("had", "event", "said"),
    [
        ("an argon2 hash", "account.password-changed", "Votre mot de passe a été changé le 14/03 à 10:26."),
        (None, "account.password-added", "Un mot de passe a été ajouté à votre compte le 14/03 à 10:26."),
    ],
    ids=["a new one", "a first one"],
)
def test_every_number_that_the_school_knows_of_her_is_told_once_and_the_trail_has_it(
    new_password: NewPassword,
    stores: SqlStores,
    engine: Engine,
    secrets: MasterKey,
    hold: Hold,
    now: datetime,
    had: str | None,
    event: str,
    said: str,
) -> None:
    with stores.writing() as desk:
        desk.accounts.set_password(hold().account.id, had, now)
    holder = hold()
    keep(new_password, stores, holder, now, None)
    told = MessageReader(engine, secrets).load_messages()
    assert sorted(one.to for one in told) == [FIRST, SECOND]
    assert {one.text for one in told} == {f"{said} Ce n'est pas vous ? Appelez le secrétariat de l'école."}
    with engine.connect() as connection:
        lines = connection.execute(select(audit.c.event, audit.c.reference, audit.c.account_id, audit.c.details)).all()
    assert [line[:3] for line in lines] == [(event, "REFERENC", holder.account.id)]
    assert '"by": "recovery"' in lines[0].details
    assert '"sessions": 2' in lines[0].details


def test_an_activation_tells_the_other_numbers_and_leaves_the_proved_one_to_its_own_words(
    new_password: NewPassword, stores: SqlStores, engine: Engine, secrets: MasterKey, hold: Hold, now: datetime
) -> None:
    holder = hold()
    parts = AccountParts(secrets, ActivationPolicy())
    row = ActivationRow("id", "hash", None, 0, Step.PASSWORD, "REFERENC", None, b"", None, now, now, now)
    with stores.writing() as desk:
        visit = Visit(desk, row, ActivationState(phone=FIRST), now)
        parts.tell_elsewhere(visit, holder.account.id, lambda said: new_password.announce(now, said, is_first=True))
    [told] = MessageReader(engine, secrets).load_messages()
    assert (told.to, told.text[:44]) == (SECOND, "Un mot de passe a été ajouté à votre compte ")


@pytest.mark.parametrize(
    ("password", "confirmation", "faults"),
    [
        (GOOD, GOOD, []),
        ("", "", [("mot-de-passe", "empty"), ("confirmation", "empty")]),
        ("Court-1", "Court-2", [("mot-de-passe", "rules"), ("confirmation", "differs")]),
        ("Password-1!", "Password-1!", []),
        ("Dupont-Bleu-42", "Dupont-Bleu-42", [("mot-de-passe", "own-name")]),
    ],
)
def test_it_is_judged_as_in_an_activation(
    new_password: NewPassword, hold: Hold, password: str, confirmation: str, faults: list[tuple[str, str]]
) -> None:
    judged = new_password.read(password, confirmation, own_words_of(hold()))
    assert [(one.control, one.code) for one in judged.faults] == faults
    assert (judged.strength > 0) is bool(password)
