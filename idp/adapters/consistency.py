"""Walks the database and says what may not be: what a kill, a race or a restored copy would leave behind (guarantee 14).

**Half an account**, in these tables, would be any of these, and each has its sentence:

- an account whose identifiant was not reserved, so that it could be given again; or that has no seed;
- an account that holds no guardian's record: it signs in, and no ENT can be told who it is;
- an account of which no link stood when it was made, because every one was contested or had left the directory: guarantee 3 says that there
  is none;
- an account without the audit line of its making, or that no message announced; a line that tells of an account that is not there;
- a guardian's record that was given to an account without a proved link, or a confirmed link whose guardian's record was given to nobody;
- an activation that is over without an account, or that knows an account before it is over;
- a password page whose identifiant is reserved for nobody, a code to type that no message carries.

**Half a sign-in**: a session without its audit line, an answered request without its session, a used code without its one token, its
audit line or its client; a token that outlived its family or its session. **Half a message**: sent and given up at once, over and not
wiped, waiting and empty; a notice of a logout that did not happen, or that is over and still there. **Half a key**: a retired one
without an end, an algorithm of which none signs, or anything sealed that this master key does not open.

What the tables' own keys refuse (a guardian's record in two accounts, two accounts of one identifiant) is not asked again. An import that
did not end is no fault: it is run again. Everything is read in one snapshot, while the service runs. The sentences hold row numbers,
never personal data.

Times are compared. On a test instance whose clock was moved backwards, what was done later may look earlier.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from idp.adapters.children_tables import session_question
from idp.adapters.consistency_rules import (
    ACCOUNT_RULES,
    FICTION_RULES,
    GRANT_RULES,
    LINK_RULES,
    MESSAGE_RULES,
    WIPING_RULE,
    reference_rules,
)
from idp.adapters.directory_tables import kinship
from idp.adapters.email_tables import email_address, email_change
from idp.adapters.messages import SMS_CHANNEL
from idp.adapters.recovery_tables import recovery
from idp.adapters.stores import make_single
from idp.adapters.tables import (
    account,
    activation,
    audit,
    franceconnect_session,
    franceconnect_sign_in,
    identifiant,
    interaction,
    outbox,
    pushed_request,
    signing_key,
)
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import Step
from idp.journeys.ports import Secrets
from idp.people.records import KinshipState

_DAY = timedelta(days=1)
# Each column that is sealed, with the purpose under which its owner file seals it.
_SEALED = (
    (activation.c.last_answer, "activation-answer"),
    (recovery.c.state, "recovery-state"),
    (recovery.c.last_answer, "recovery-answer"),
    (interaction.c.request, "interaction-request"),
    (interaction.c.last_answer, "interaction-answer"),
    (interaction.c.step_up, "interaction-step-up"),
    (session_question.c.state, "session-question"),
    (session_question.c.last_answer, "session-question-answer"),
    (pushed_request.c.request, "pushed-request"),
    (franceconnect_sign_in.c.value, "franceconnect-sign-in"),
    (franceconnect_session.c.id_token, "franceconnect-id-token"),
    (email_address.c.address, "email-address"),
    (email_change.c.address, "email-address"),
    (outbox.c.recipient, "recipient"),
    (outbox.c.body, "outbox-body"),
    (signing_key.c.sealed, "signing-key"),
)
_STATE = "activation-state"
_AT_ONCE = 1000  # rows fetched together: memory stays bounded


def find_violations(engine: Engine, secrets: Secrets, now: datetime, *, keeps_bodies: bool) -> Iterator[str]:
    """Yield one sentence for each thing that may not be.

    Args:
        engine: The database.
        secrets: What opens its sealed values.
        now: The present moment.
        keeps_bodies: A test instance keeps what it sent, and what testers made up.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
    """
    rules = [*ACCOUNT_RULES, *LINK_RULES, *GRANT_RULES, *MESSAGE_RULES, *reference_rules()]
    if not keeps_bodies:
        rules += [WIPING_RULE, *FICTION_RULES]
    with _snapshot(engine) as connection:
        for rule in rules:
            rows = connection.execute(rule.offenders, {"day_ago": now - _DAY}).mappings()
            for row in rows:
                yield rule.sentence.format_map(row)
        yield from _unopened(connection, secrets)
        yield from _Activations(connection, secrets).walk()


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Read everything as it was at one moment, without holding up any writer."""
    if engine.dialect.name == "sqlite":
        with make_single(engine).connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
    else:
        options = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with options.connect() as connection:
            yield connection


def _unopened(connection: Connection, secrets: Secrets) -> Iterator[str]:
    for column, purpose in _SEALED:
        rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(column).where(column.is_not(None)))
        count = sum(not _opens(secrets, purpose, value) for value in rows.scalars())
        if count:
            yield f"{count} of {column.table.name}.{column.name} cannot be opened with this master key."


def _opens(secrets: Secrets, purpose: str, sealed: bytes) -> bool:
    try:
        secrets.unseal(purpose, sealed)
    except ValueError:
        return False
    return True


class _Activations:
    """What activations under way remember, beside what the tables say."""

    def __init__(self, connection: Connection, secrets: Secrets) -> None:
        self._connection = connection
        self._secrets = secrets

    def walk(self) -> Iterator[str]:
        """Yield what is wrong with each activation."""
        unopened = 0
        for row in self._connection.execute(select(activation)).all():
            try:
                state = ActivationState.from_bytes(self._secrets.unseal(_STATE, row.state))
            except ValueError:
                unopened += 1
                continue
            for fault in self._faults(Step(row.step), row.reference, state):
                yield f"Activation {row.reference} {fault}."
        if unopened:
            yield f"{unopened} of activation.state cannot be opened with this master key."

    def _faults(self, step: Step, reference: str, state: ActivationState) -> Iterator[str]:
        if step in {Step.DONE, Step.LINKED}:
            yield from self._faults_of_the_end(state)
        elif state.account_id is not None and not state.resets_password and state.proof is None:
            yield f"knows account {state.account_id} and is not over"
        if state.identifiant and not self._is_there(
            select(identifiant).where(identifiant.c.value == state.identifiant)
        ):
            yield "shows an identifiant that is not reserved"
        if step is Step.PASSWORD and not state.identifiant:
            yield "asks for a password and has no identifiant to show"
        if step is Step.NOBODY_LEFT and self._is_there(
            select(kinship).where(
                kinship.c.id.in_(state.contested_ids), kinship.c.state != KinshipState.CONTESTED.value
            )
        ):
            yield "ended because nobody was left, and a link that it contested is not contested"
        if step is Step.CODE and state.guardian_ids and state.code_hash and not self._was_announced(reference, state):
            yield "waits for a code that no message carries"

    def _faults_of_the_end(self, state: ActivationState) -> Iterator[str]:
        row = self._connection.execute(
            select(account.c.identifiant).where(account.c.id == state.account_id)
        ).one_or_none()
        if row is None:
            yield "says that an account was made, and there is none"
        elif row.identifiant != state.identifiant:
            yield "shows another identifiant than its account's"
        if state.done_at is None:
            yield "is over, and nothing says since when"

    def _was_announced(self, reference: str, state: ActivationState) -> bool:
        sent_at = state.code_sent_at
        return (
            self._is_there(select(outbox).where(outbox.c.created_at == sent_at))
            or self._is_there(
                select(audit).where(
                    audit.c.reference == reference,
                    audit.c.event == "activation.sms-country-refused",
                    audit.c.at == sent_at,
                )
            )
            # Emptied by a tester.
            or not self._is_there(select(outbox).where(outbox.c.channel == SMS_CHANNEL, outbox.c.created_at <= sent_at))
        )

    def _is_there(self, statement: Select[Any]) -> bool:
        return self._connection.execute(statement.limit(1)).first() is not None
