"""How people stand, as a tester asks: records, children and links, account, sessions, what locks them out. Nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.journeys.dates_ceilings import dates_quota_key
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Stores, UnitOfWork
from idp.journeys.rehearsal import load_account
from idp.journeys.rows import SessionRow
from idp.people.persons import group_persons
from idp.people.records import Account, Guardian, Kinship


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted against a person, and whether it locks her out.

    Attributes:
        what: ``passwords`` or ``birth-dates``.
        used: Wrong ones in the present window.
        limit: How many there may be.
        until: When the window ends.
    """

    what: str
    used: int
    limit: int
    until: datetime

    @property
    def locks(self) -> bool:
        """Whether no more are taken."""
        return self.used >= self.limit


@dataclass(frozen=True, slots=True)
class SessionReport:
    """A session, and the clients that were given tokens in it."""

    row: SessionRow
    clients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonReport:
    """How one person stands. `account` is None, and there is no session, before an activation."""

    guardians: tuple[Guardian, ...]
    links: tuple[Kinship, ...]
    account: Account | None
    by_franceconnect: bool
    sessions: tuple[SessionReport, ...]
    counters: tuple[Counter, ...]
    waiting: tuple[
        tuple[str, datetime], ...
    ] = ()  # numbers that an import changed, and until when they recover nothing


class PersonReports:
    """Reads how people stand."""

    def __init__(self, stores: Stores, clock: Clock, ceilings: SignInCeilings, policy: ActivationPolicy) -> None:
        self._stores = stores
        self._clock = clock
        self._ceilings = ceilings
        self._policy = policy

    def load(self, identifiant: str) -> PersonReport:
        """Return how the holder of an account stands.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.reading() as desk:
            account = load_account(desk, identifiant)
            holder = desk.accounts.load_holder(account.id)
            return self._report(desk, holder.guardians if holder else (), account)

    def load_by_phone(self, phone: str) -> list[PersonReport]:
        """Return how everybody stands whose number the school knows to be this one."""
        with self._stores.reading() as desk:
            found = []
            for guardians in group_persons(desk.people.load_guardians_by_mobile(phone)):
                accounts = desk.accounts.load_by_guardians([guardian.id for guardian in guardians])
                found.append(self._report(desk, guardians, accounts[0] if accounts else None))
            return found

    def load_sessions(self, identifiant: str) -> tuple[SessionReport, ...]:
        """Return the sessions of an account, ended ones included, the newest first.

        Raises:
            RehearsalRefusedError: Nobody has this identifiant.
        """
        with self._stores.reading() as desk:
            return _load_sessions(desk, load_account(desk, identifiant).id)

    def _report(self, desk: UnitOfWork, guardians: Sequence[Guardian], account: Account | None) -> PersonReport:
        return PersonReport(
            guardians=tuple(guardians),
            links=tuple(desk.people.load_kinships([guardian.id for guardian in guardians])),
            account=account,
            by_franceconnect=account is not None and desk.franceconnect.load_link_of_account(account.id) is not None,
            sessions=() if account is None else _load_sessions(desk, account.id),
            counters=self._load_counters(desk, guardians, account),
            waiting=() if account is None else self._load_waiting(desk, account.id),
        )

    def _load_waiting(self, desk: UnitOfWork, account_id: int) -> tuple[tuple[str, datetime], ...]:
        now = self._clock.now()
        way = desk.recoveries.load_way_back(account_id, now)
        if way is None:
            return ()
        numbers = way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, now)
        return tuple((number.e164, until) for number, until in numbers.waiting)

    def _load_counters(
        self, desk: UnitOfWork, guardians: Sequence[Guardian], account: Account | None
    ) -> tuple[Counter, ...]:
        limits = {dates_quota_key(guardian.id): self._policy.guardian_dates_tries for guardian in guardians}
        names = dict.fromkeys(limits, "birth-dates")
        if account is not None:
            ceiling = self._ceilings.shared_ceiling(account.identifiant)
            limits[ceiling.key], names[ceiling.key] = ceiling.limit, "passwords"
        states = desk.quotas.load_quotas(limits, now=self._clock.now()) if limits else {}
        return tuple(
            Counter(names[key], state.used, limits[key], state.resets_at) for key, state in states.items() if state.used
        )


def _load_sessions(desk: UnitOfWork, account_id: int) -> tuple[SessionReport, ...]:
    rows = desk.sessions.load_account_sessions(account_id)
    clients: dict[str, list[str]] = {}
    for session_id, client_id in desk.sessions.load_session_clients([row.id for row in rows]):
        clients.setdefault(session_id, []).append(client_id)
    return tuple(SessionReport(row, tuple(clients.get(row.id, ()))) for row in rows)
