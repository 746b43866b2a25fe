"""What a guardian of a document had done, and faults: written when it is taken in, and given back at each reset, by the same few lines."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.journeys import messages
from idp.journeys.family_ports import FamilyRecord
from idp.journeys.fault_ports import StandingFault
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import AuditEvent, Ceiling, FranceConnectLink, Message
from idp.journeys.turns import LostRace

_CAUSE = {"cause": "families"}


@dataclass(frozen=True, slots=True)
class SeedAccount:
    """An account of the seed.

    Attributes:
        identifiant: What it signs in with.
        subject_seed: What subjects are derived from: the same after each reset.
        password_hash: Encoded, None where FranceConnect is the only way in.
        password_mark: Keyed hash of the password: the same password is not hashed again at each start.
        phone: Where the account's text would have gone.
        link: Issuer, subject and identity hash of the linked identity, () for none.
        locks: Counters that are full: key, uses, and the length of the window in seconds.
    """

    identifiant: str
    subject_seed: str
    password_hash: str | None
    password_mark: str
    family_name: str
    given_name: str
    phone: str
    guardian_ids: tuple[int, ...]
    confirmed_ids: tuple[int, ...]
    link: tuple[str, ...] = ()
    locks: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SeedState:
    """What one guardian had done; or a fault; or what a family brought.

    Attributes:
        key: Family and guardian of the document; or the fault; or the family alone.
        contested_ids: Links that she contested.
        account: What she activated, None for nothing.
        fault: What is armed, None for nothing.
        records: Of a family: what it brought to the directory. Nothing is made of it at a reset, which leaves the directory alone.
    """

    key: str
    contested_ids: tuple[int, ...] = ()
    account: SeedAccount | None = None
    fault: StandingFault | None = None
    records: tuple[FamilyRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SeedState":
        """Read what `to_json` made."""
        account, fault = data["account"], data.get("fault")
        return cls(
            key=data["key"],
            contested_ids=tuple(data["contested_ids"]),
            account=account and SeedAccount(**{name: _frozen(value) for name, value in account.items()}),
            fault=fault and StandingFault(**fault),
            records=_frozen(data.get("records", [])),
        )


def give_back(desk: UnitOfWork, state: SeedState, now: datetime) -> None:
    """Make what a guardian had done, as the end of her activation makes it; or arm the fault.

    Raises:
        LostRace: The identifiant, a record or the identity is somebody else's.
    """
    if state.contested_ids:
        desk.people.contest_kinships(state.contested_ids, now)
        _record(desk, "activation.kinship-contested", now, links=list(state.contested_ids))
    if state.account is not None:
        _make_account(desk, state.account, now)
    if state.fault is not None:
        desk.standing_faults.arm(state.fault, now)


def lock(desk: UnitOfWork, account: SeedAccount, now: datetime) -> None:
    """Fill the counters that keep whoever knows the password waiting."""
    for key, uses, seconds in account.locks:
        desk.quotas.fill(Ceiling(key, uses, timedelta(seconds=seconds)), now=now)


def _make_account(desk: UnitOfWork, account: SeedAccount, now: datetime) -> None:
    if not desk.accounts.reserve_identifiant(account.identifiant, now):
        raise LostRace
    account_id = desk.accounts.add_account(
        identifiant=account.identifiant,
        subject_seed=account.subject_seed,
        password_hash=account.password_hash,
        family_name=account.family_name,
        given_name=account.given_name,
        at=now,
    )
    if account_id is None or not all(
        desk.accounts.attach_guardian(account_id, guardian_id, now) for guardian_id in account.guardian_ids
    ):
        raise LostRace
    desk.people.confirm_kinships(account.confirmed_ids, now)
    # Known for long: who signs in is asked about a child added since, and gets no text.
    desk.children.renew_news(account_id, now)
    if account.link:
        issuer, sub, identity_hash = account.link
        if not desk.franceconnect.add_link(FranceConnectLink(issuer, sub, account_id, identity_hash, now)):
            raise LostRace
        _record(desk, "franceconnect.linked", now, account_id)
    _record(desk, "activation.account-made", now, account_id, links=list(account.confirmed_ids))
    # Announced long ago: a test that waits for a text must not find this one.
    desk.outbox.withhold(Message("sms", account.phone, messages.sms_activated(account.identifiant)), at=now)
    lock(desk, account, now)


def _record(desk: UnitOfWork, event: str, now: datetime, account_id: int | None = None, **details: list[int]) -> None:
    desk.ledger.record(AuditEvent(event, account_id=account_id, details={**details, **_CAUSE}), now)


def _frozen(value: Any) -> Any:
    """JSON has lists alone."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
