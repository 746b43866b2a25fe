"""What no row may say, as data: one statement that finds the rows which do, and one sentence for each of them.

The statements ask the database for the offenders alone, so that a directory of a million people is walked where it lies. Times of rows that
one transaction wrote are equal to the microsecond: that is how a fact is told to have its audit line and its message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, exists, func, literal, or_, select

from idp.adapters.children_tables import account_group
from idp.adapters.directory_tables import guardian, import_run, kinship, pupil
from idp.adapters.messages import SMS_CHANNEL
from idp.adapters.retention_tables import closing_warning, purge_mark
from idp.adapters.schema import metadata
from idp.adapters.tables import (
    access_token,
    account,
    account_guardian,
    audit,
    authorization_code,
    consent,
    identifiant,
    interaction,
    op_session,
    outbox,
    quota,
    refresh_token,
    session_client,
    signing_key,
)
from idp.adapters.tester_tables import armed_fault, extra_claims
from idp.journeys.account_removal import ACCOUNT_REMOVED
from idp.journeys.logout_notice import LOGOUT_CHANNEL
from idp.journeys.retention_ports import Trail
from idp.people.records import KinshipState


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement whose every row breaks the rule, and the sentence to say of one, with the row's columns between braces.

    A statement may ask for `day_ago`: rows that ran out before it may have been forgotten.
    """

    sentence: str
    offenders: Select[Any]


_STATES = [state.value for state in KinshipState]
_DECLARED = KinshipState.DECLARED.value
_CONFIRMED = KinshipState.CONFIRMED.value
_DAY_AGO = bindparam("day_ago", type_=authorization_code.c.used_at.type)
_TOKENS_OF_CODE = (
    select(func.count()).where(access_token.c.family == authorization_code.c.family).correlate(authorization_code)
).scalar_subquery()
_IS_REFRESHED = exists().where(refresh_token.c.family == authorization_code.c.family).correlate(authorization_code)
_IS_OFFLINE = (
    exists().where(refresh_token.c.family == access_token.c.family, refresh_token.c.offline).correlate(access_token)
)
_OTHER = refresh_token.alias("other")
_removal = audit.alias("removal")
_LINK_OF_RECORD = and_(kinship.c.academy == guardian.c.academy, kinship.c.guardian_jointure == guardian.c.jointure)
# The text of an activation's code comes before the account: an outbox that begins later was emptied by a tester.
_OUTBOX_REACHES_BACK = (
    exists().where(outbox.c.channel == SMS_CHANNEL, outbox.c.created_at < account.c.created_at).correlate(account)
)


def _has_line(at: ColumnElement[Any], account_id: ColumnElement[Any], table: Table) -> ColumnElement[bool]:
    return exists().where(audit.c.account_id == account_id, audit.c.at == at).correlate(table)


def _may_be_purged(trail: Trail, at: ColumnElement[Any], table: Table) -> ColumnElement[bool]:
    """Tell whether what was written at a moment is so old that a purge may have forgotten it."""
    return exists().where(purge_mark.c.trail == trail.value, purge_mark.c.before >= at).correlate(table)


_SIGNS = and_(signing_key.c.signs_since.is_not(None), signing_key.c.retired_at.is_(None))

ACCOUNT_RULES = (
    Rule(
        "Account {id} signs in with an identifiant that was never reserved: it could be given to somebody else.",
        select(account.c.id)
        .outerjoin(identifiant, identifiant.c.value == account.c.identifiant)
        .where(identifiant.c.value.is_(None)),
    ),
    Rule(
        "Account {id} has an identifiant that is not in small letters: nobody can sign in with it.",
        select(account.c.id).where(account.c.identifiant != func.lower(account.c.identifiant)),
    ),
    Rule(
        "Account {id} has no seed: its subjects could be computed.",
        select(account.c.id).where(account.c.subject_seed == ""),
    ),
    Rule(
        "Account {id} is half an account: it holds no guardian's record.",
        select(account.c.id).where(
            ~exists().where(account_guardian.c.account_id == account.c.id).correlate(account),
            # One that was grouped into another has given its records away.
            ~exists().where(account_group.c.account_id == account.c.id).correlate(account),
        ),
    ),
    Rule(
        "Account {id} is half an account: no link of its guardian's records stood when it was made.",
        select(account.c.id).where(
            exists().where(account_guardian.c.account_id == account.c.id).correlate(account),
            ~select(kinship.c.id)
            .select_from(account_guardian)
            .join(guardian, guardian.c.id == account_guardian.c.guardian_id)
            .join(kinship, _LINK_OF_RECORD)
            .where(
                account_guardian.c.account_id == account.c.id,
                or_(
                    and_(kinship.c.state == _CONFIRMED, kinship.c.state_at >= account.c.created_at),
                    # Contested since: the account stays, its link does not.
                    and_(kinship.c.state == KinshipState.CONTESTED.value, kinship.c.state_at > account.c.created_at),
                ),
            )
            .correlate(account)
            .exists(),
        ),
    ),
    Rule(
        "Account {id} has no audit line of its making.",
        select(account.c.id).where(
            ~_has_line(account.c.created_at, account.c.id, account),
            ~_may_be_purged(Trail.AUDIT, account.c.created_at, account),
        ),
    ),
    Rule(
        "The ledger tells the making of account {account_id}, which is not there.",
        select(audit.c.account_id)
        .outerjoin(account, account.c.id == audit.c.account_id)
        .where(
            audit.c.event == "activation.account-made",
            account.c.id.is_(None),
            ~exists().where(_removal.c.account_id == audit.c.account_id, _removal.c.event == ACCOUNT_REMOVED),
        ),
    ),
    Rule(
        "Account {id} was made and no message announced it.",
        select(account.c.id).where(
            _OUTBOX_REACHES_BACK,
            ~exists().where(outbox.c.created_at == account.c.created_at).correlate(account),
            ~_may_be_purged(Trail.MESSAGES, account.c.created_at, account),
        ),
    ),
    Rule(
        "Account {id} is neither among those that may be unused nor was its person warned: no purge will ever look at it.",
        select(account.c.id)
        .outerjoin(closing_warning, closing_warning.c.account_id == account.c.id)
        .where(account.c.unused_since.is_(None), closing_warning.c.account_id.is_(None)),
    ),
    Rule(
        "Account {id} is to be closed, its person was warned, and it counts among the others all the same.",
        select(account.c.id)
        .join(closing_warning, closing_warning.c.account_id == account.c.id)
        .where(account.c.unused_since.is_not(None)),
    ),
    Rule(
        "An identifiant was reserved {count} times, in letters that differ by their case alone.",
        select(func.count().label("count"))
        .select_from(identifiant)
        .group_by(func.lower(identifiant.c.value))
        .having(func.count() > 1),
    ),
)

LINK_RULES = (
    Rule("Link {id} is in no known state.", select(kinship.c.id).where(kinship.c.state.not_in(_STATES))),
    Rule(
        "Link {id} is confirmed or contested, and nothing says since when.",
        select(kinship.c.id).where(kinship.c.state != _DECLARED, kinship.c.state_at.is_(None)),
    ),
    Rule(
        "Link {id} is only declared, and has the time of a proof.",
        select(kinship.c.id).where(kinship.c.state == _DECLARED, kinship.c.state_at.is_not(None)),
    ),
    Rule(
        "Link {id} is confirmed, and its guardian's record belongs to no account.",
        select(kinship.c.id)
        .outerjoin(guardian, _LINK_OF_RECORD)
        .outerjoin(account_guardian, account_guardian.c.guardian_id == guardian.c.id)
        .where(kinship.c.state == _CONFIRMED, account_guardian.c.account_id.is_(None)),
    ),
    Rule(
        "Guardian's record {guardian_id} belongs to account {account_id}, and none of its links was ever proved.",
        select(account_guardian.c.guardian_id, account_guardian.c.account_id)
        .join(guardian, guardian.c.id == account_guardian.c.guardian_id)
        .where(~exists().where(_LINK_OF_RECORD, kinship.c.state != _DECLARED).correlate(guardian)),
    ),
    Rule(
        "Link {id} counts as present, and its pupil or its guardian left the directory.",
        select(kinship.c.id)
        .outerjoin(guardian, _LINK_OF_RECORD)
        .outerjoin(pupil, and_(pupil.c.academy == kinship.c.academy, pupil.c.jointure == kinship.c.pupil_jointure))
        .where(kinship.c.present.is_(True), or_(guardian.c.present.is_(False), pupil.c.present.is_(False))),
    ),
)

GRANT_RULES = (
    Rule(
        "A session ({id}) has no audit line of its sign-in.",
        select(op_session.c.id).where(~_has_line(op_session.c.auth_time, op_session.c.account_id, op_session)),
    ),
    Rule(
        "A code of session {session_id} belongs to another account than its session.",
        select(authorization_code.c.session_id)
        .join(op_session, op_session.c.id == authorization_code.c.session_id)
        .where(authorization_code.c.account_id != op_session.c.account_id),
    ),
    Rule(
        "Family {family} has a used code and {tokens} access tokens instead of one.",
        # A token may be forgotten a day after its end, before its code is.
        select(authorization_code.c.family, _TOKENS_OF_CODE.label("tokens")).where(
            authorization_code.c.used_at.is_not(None),
            or_(
                and_(_TOKENS_OF_CODE > 1, ~_IS_REFRESHED),
                and_(_TOKENS_OF_CODE == 0, authorization_code.c.used_at > _DAY_AGO),
            ),
        ),
    ),
    Rule(
        "Family {family} has an access token, and its code was never used.",
        select(access_token.c.family)
        .join(authorization_code, authorization_code.c.family == access_token.c.family)
        .where(authorization_code.c.used_at.is_(None)),
    ),
    Rule(
        "Family {family} has an access token for another account, session or client than its code.",
        select(access_token.c.family)
        .join(authorization_code, authorization_code.c.family == access_token.c.family)
        .where(
            or_(
                access_token.c.account_id != authorization_code.c.account_id,
                access_token.c.session_id != authorization_code.c.session_id,
                access_token.c.client_id != authorization_code.c.client_id,
            )
        ),
    ),
    Rule(
        "Family {family} was revoked, and an access token of it was not.",
        select(access_token.c.family)
        .join(authorization_code, authorization_code.c.family == access_token.c.family)
        .where(authorization_code.c.revoked_at.is_not(None), access_token.c.revoked_at.is_(None), ~_IS_OFFLINE),
    ),
    Rule(
        "Family {family} was revoked, and a refresh token of it was not.",
        select(refresh_token.c.family)
        .join(authorization_code, authorization_code.c.family == refresh_token.c.family)
        .where(
            authorization_code.c.revoked_at.is_not(None),
            refresh_token.c.revoked_at.is_(None),
            refresh_token.c.offline.is_(False),
        ),
    ),
    Rule(
        "Family {family} has a refresh token that was revoked, and another one that was not.",
        select(refresh_token.c.family)
        .join(_OTHER, _OTHER.c.family == refresh_token.c.family)
        .where(refresh_token.c.revoked_at.is_not(None), _OTHER.c.revoked_at.is_(None)),
    ),
    Rule(
        "Family {family} has {tokens} refresh tokens that can be used instead of one.",
        select(refresh_token.c.family, func.count().label("tokens"))
        .where(refresh_token.c.used_at.is_(None))
        .group_by(refresh_token.c.family)
        .having(func.count() > 1),
    ),
    Rule(
        "Family {family} has a refresh token that was used, and none that came after it.",
        select(refresh_token.c.family)
        .where(refresh_token.c.expires_at > _DAY_AGO)
        .group_by(refresh_token.c.family)
        .having(func.count(refresh_token.c.used_at) == func.count()),
    ),
    Rule(
        "Session {id} ended, and a code of it was not revoked.",
        select(op_session.c.id)
        .join(authorization_code, authorization_code.c.session_id == op_session.c.id)
        .where(op_session.c.ended_at.is_not(None), authorization_code.c.revoked_at.is_(None)),
    ),
    Rule(
        "Session {id} ended, and an access token of it was not revoked.",
        select(op_session.c.id)
        .join(access_token, access_token.c.session_id == op_session.c.id)
        .where(op_session.c.ended_at.is_not(None), access_token.c.revoked_at.is_(None), ~_IS_OFFLINE),
    ),
    Rule(
        "Session {id} ended, and a refresh token that may not outlive it was not revoked.",
        select(op_session.c.id)
        .join(refresh_token, refresh_token.c.session_id == op_session.c.id)
        .where(
            op_session.c.ended_at.is_not(None), refresh_token.c.revoked_at.is_(None), refresh_token.c.offline.is_(False)
        ),
    ),
    Rule(
        "Family {family} has a used code, and no audit line tells that tokens were issued.",
        select(authorization_code.c.family).where(
            authorization_code.c.used_at.is_not(None),
            ~_has_line(authorization_code.c.used_at, authorization_code.c.account_id, authorization_code),
        ),
    ),
    Rule(
        "A token stands for client {client_id} alone, and no audit line tells that it was issued.",
        select(access_token.c.client_id)
        .outerjoin(audit, and_(audit.c.at == access_token.c.issued_at, audit.c.client_id == access_token.c.client_id))
        .where(access_token.c.account_id.is_(None), audit.c.id.is_(None)),
    ),
    Rule(
        "Family {family} has a used code, and its session does not remember the client.",
        select(authorization_code.c.family)
        .outerjoin(
            session_client,
            and_(
                session_client.c.session_id == authorization_code.c.session_id,
                session_client.c.client_id == authorization_code.c.client_id,
            ),
        )
        .where(authorization_code.c.used_at.is_not(None), session_client.c.session_id.is_(None)),
    ),
    Rule(
        "A request that waits for a person ({id}) was answered by a session that is not there.",
        select(interaction.c.id)
        .outerjoin(op_session, op_session.c.id == interaction.c.session_id)
        .where(interaction.c.session_id.is_not(None), op_session.c.id.is_(None)),
    ),
    Rule(
        "Account {account_id} allowed a client to be told something, and no audit line says so.",
        select(consent.c.account_id).where(
            ~_has_line(consent.c.given_at, consent.c.account_id, consent),
            ~_may_be_purged(Trail.AUDIT, consent.c.given_at, consent),
        ),
    ),
    Rule(
        "Account {account_id} allowed a client something without openid: nothing was asked.",
        select(consent.c.account_id).where((literal(" ") + consent.c.scope + " ").not_like("% openid %")),
    ),
    Rule(
        "Key {kid} signs no more, and nothing says until when it is published.",
        select(signing_key.c.kid).where(signing_key.c.retired_at.is_not(None), signing_key.c.published_until.is_(None)),
    ),
    Rule(
        "Key {kid} has an end, and was not retired.",
        select(signing_key.c.kid).where(signing_key.c.retired_at.is_(None), signing_key.c.published_until.is_not(None)),
    ),
    Rule(
        "Keys of {algorithm} are there, and none signs.",
        select(signing_key.c.algorithm).group_by(signing_key.c.algorithm).having(func.count(case((_SIGNS, 1))) == 0),
    ),
)

_SENT_OR_FAILED = or_(outbox.c.sent_at.is_not(None), outbox.c.failed_at.is_not(None))
# Written for an unknown person, so that it takes as long as for a known one, and never meant to go out.
_WITHHELD = and_(outbox.c.sent_at == outbox.c.created_at, outbox.c.recipient.is_(None), outbox.c.body.is_(None))

MESSAGE_RULES = (
    Rule(
        "Message {id} is both sent and given up.",
        select(outbox.c.id).where(outbox.c.sent_at.is_not(None), outbox.c.failed_at.is_not(None)),
    ),
    Rule(
        "Message {id} is sent or given up, and nobody ever tried it.",
        select(outbox.c.id).where(_SENT_OR_FAILED, outbox.c.attempts < 1, ~_WITHHELD),
    ),
    Rule(
        "Message {id} waits to be sent, and its number or its text is gone.",
        select(outbox.c.id).where(~_SENT_OR_FAILED, or_(outbox.c.body.is_(None), outbox.c.recipient.is_(None))),
    ),
    Rule(
        "The notice of a logout ({id}) waits, and no session ended with it.",
        # A session may be forgotten a day after it ran out.
        select(outbox.c.id).where(
            outbox.c.channel == LOGOUT_CHANNEL,
            outbox.c.created_at > _DAY_AGO,
            ~exists().where(op_session.c.ended_at == outbox.c.created_at).correlate(outbox),
            ~exists().where(audit.c.event == ACCOUNT_REMOVED, audit.c.at == outbox.c.created_at).correlate(outbox),
        ),
    ),
    Rule(
        "The notice of a logout ({id}) is over, and is still there.",
        select(outbox.c.id).where(outbox.c.channel == LOGOUT_CHANNEL, _SENT_OR_FAILED),
    ),
    Rule(
        "A counter ({purpose}) is below one.",
        select(quota.c.key.label("purpose")).where(quota.c.used < 1),
    ),
    Rule(
        "Import {id} ended without a report.",
        select(import_run.c.id).where(import_run.c.ended_at.is_not(None), import_run.c.report == ""),
    ),
    Rule(
        "Import {id} has a report and no end.",
        select(import_run.c.id).where(import_run.c.ended_at.is_(None), import_run.c.report != ""),
    ),
)

WIPING_RULE = Rule(
    "Message {id} is over, and its number or its text was not wiped.",
    select(outbox.c.id).where(_SENT_OR_FAILED, or_(outbox.c.body.is_not(None), outbox.c.recipient.is_not(None))),
)
"""Not for a test instance, which keeps them for its simulated phone."""
FICTION_RULES = (
    Rule(
        "Account {account_id} has claims that a tester made up, and this is no test instance.",
        select(extra_claims.c.account_id),
    ),
    Rule("Fault {id} is armed, and this is no test instance.", select(armed_fault.c.id)),
)


def reference_rules() -> Iterator[Rule]:
    """Yield one rule for each foreign key: SQLite looks at these only where a connection asks it to, and never at rows that are there."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.alias()
            yield Rule(
                f"A row of {table.name} belongs to {key.column.table.name} {{id}}, which is not there.",
                select(key.parent.label("id"))
                .outerjoin(parent, parent.c[key.column.name] == key.parent)
                .where(key.parent.is_not(None), parent.c[key.column.name].is_(None)),
            )
