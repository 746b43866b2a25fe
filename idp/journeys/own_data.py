"""« Mes données »: a copy of everything that is held on a person, for herself (docs/reference/account-copy.md has the format).

No secret is in it: neither hashes nor what subjects are derived from. Nothing of another parent is in it, and of a child whose birth date
was not proved the name alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.journeys.account_answers import AtHome
from idp.journeys.ports import Clock, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.people.records import Guardian, Kinship, KinshipState

FORMAT = "preau-account-copy/1"
_MOST_LINES = 1000
"""Of sessions and of history, the newest ones."""


@dataclass(frozen=True, slots=True)
class AccountCopy:
    """A document, and the name of its file without its ending."""

    document: dict[str, Any]
    name: str


class OwnData:
    """Collects it."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def collect(self, home: AtHome) -> AccountCopy | None:
        """Return the copy, for somebody who proved herself lately; None: the account was removed a moment ago."""
        now = self._clock.now()
        with self._stores.reading() as desk:
            return self._collect(desk, home.live.account_id, now)

    def note_copied(self, home: AtHome) -> None:
        """Write down that a copy was taken."""
        with self._stores.writing() as desk:
            desk.ledger.record(AuditEvent("account.data-copied", account_id=home.live.account_id), self._clock.now())

    def _collect(self, desk: UnitOfWork, account_id: int, now: datetime) -> AccountCopy | None:
        holder = desk.accounts.load_holder(account_id)
        dates = desk.accounts.load_dates(account_id)
        if holder is None or dates is None:
            return None
        account = holder.account
        confirmed, change = desk.emails.load_confirmed(account_id), desk.emails.load_change(account_id)
        link = desk.franceconnect.load_link_of_account(account_id)
        sessions = desk.sessions.load_account_sessions(account_id)[:_MOST_LINES]
        sites = desk.sessions.load_session_clients([one.id for one in sessions])
        links = desk.people.load_kinships([one.id for one in holder.guardians])
        document = {
            "format": FORMAT,
            "made_at": _say(now),
            "account": {
                "identifiant": account.identifiant,
                "family_name": account.family_name,
                "given_name": account.given_name,
                "has_password": account.password_hash is not None,
                **{name: _say(at) for name, at in dates.items()},
            },
            "emails": [
                *(
                    [{"address": confirmed.email.address, "confirmed_at": _say(confirmed.confirmed_at)}]
                    if confirmed
                    else []
                ),
                *([{"address": change.email.address, "requested_at": _say(change.requested_at)}] if change else []),
            ],
            "franceconnect": {"issuer": link.issuer, "sub": link.sub, "linked_at": _say(link.linked_at)}
            if link
            else None,
            "school_records": [_describe_record(one) for one in holder.guardians],
            "children": [_describe_child(one) for one in links],
            "sessions": [
                {
                    "opened_at": _say(one.auth_time),
                    "last_used_at": _say(one.touched_at),
                    "ended_at": _say(one.ended_at),
                    "means": list(one.amr),
                    "device": one.device,
                    "sites": _sites_of(one.id, sites),
                }
                for one in sessions
            ],
            "consents": [
                {
                    "site": one.client_id,
                    "given_at": _say(one.given_at),
                    "scope": sorted(one.consent.scope),
                    "claims": sorted(one.consent.claims),
                    "resources": sorted(one.consent.resources),
                }
                for one in desk.consents.load_account_consents(account_id)
            ],
            "history": [
                {"at": _say(one.at), "event": one.event, "site": one.client_id}
                for one in desk.ledger.load_newest(account_id, (), at_most=_MOST_LINES)
            ],
        }
        return AccountCopy(document, f"preau-{account.identifiant}-{now:%Y-%m-%d}")


def _describe_record(record: Guardian) -> dict[str, Any]:
    return {
        "academy": record.academy,
        "id": record.jointure,
        "title": record.title,
        "family_name": record.family_name,
        "birth_name": record.birth_name,
        "given_names": list(record.given_names),
        "mobile": record.mobile.e164 if record.mobile else None,
        "birth_date": record.birth_date.isoformat() if record.birth_date else None,
    }


def _describe_child(link: Kinship) -> dict[str, Any]:
    """Say what the person proved to know; of others the name, as the pages do (guarantee 2)."""
    child: dict[str, Any] = {
        "family_name": link.pupil.family_name,
        "given_name": link.pupil.given_name,
        "link": link.state.value,
    }
    if link.state is not KinshipState.CONFIRMED:
        return child
    return child | {
        "birth_date": link.pupil.birth_date.isoformat(),
        "class": link.pupil.class_name,
        "school": link.school.name if link.school else None,
    }


def _sites_of(session_id: str, given: Sequence[tuple[str, str]]) -> list[str]:
    return [client_id for of, client_id in given if of == session_id]


def _say(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
