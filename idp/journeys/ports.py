"""What journeys ask of the world. Each port has one contract suite in `tests/contracts/`, run on every adapter.

One step of a journey is one unit of work: read outside a transaction, then prove, consume and write inside one. No transaction is open
while the network or argon2 is waited for.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from idp.journeys.children_ports import ChildrenStore
from idp.journeys.email_ports import EmailStore
from idp.journeys.family_ports import FamilyStore
from idp.journeys.fault_ports import StandingFaults
from idp.journeys.grouping_ports import GroupingStore
from idp.journeys.people_ports import AccountStore, PeopleStore
from idp.journeys.recovery_ports import RecoveryStore
from idp.journeys.retention_ports import RetentionStore
from idp.journeys.rows import (
    AuditEvent,
    Ceiling,
    LoggedEvent,
    Message,
    QuotaState,
)
from idp.journeys.session_ports import ConsentStore, FranceConnectStore, GrantStore, RegisteredClientStore, SessionStore
from idp.journeys.visit_ports import ActivationStore, InteractionStore, PushedRequestStore
from idp.protocol.client import Client
from idp.protocol.client_documents import Document
from idp.protocol.signing_keys import SigningKey

Alarm = Callable[[str], None]
"""Tells whoever is on duty, at once, that a ceiling of the whole service was reached; takes its name."""

Language = Callable[[], str]
"""Tells in which language the person reads whose request is answered: `fr`, `facile` or `en`."""
ChosenLanguage = Callable[[], str | None]
"""Tells which of them she chose herself; None where she never did."""


def speak_french() -> str:
    """Return `fr`: the `Language` of whatever no page begins."""
    return "fr"


def choose_nothing() -> None:
    """Return None: the `ChosenLanguage` of whatever no page begins."""


class Clock(Protocol):
    """The time, which a test instance may move."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


class Secrets(Protocol):
    """Randomness and the keys derived from the master key, which is never in the database."""

    def token(self) -> str:
        """Return 256 random bits, url-safe."""

    def identifier(self) -> str:
        """Return 128 random bits as 32 hexadecimal digits, for a row's id."""

    def digits(self, count: int) -> str:
        """Return `count` random decimal digits."""

    def reference(self) -> str:
        """Return 8 random characters to read out on the phone, without 0, O, 1 and I."""

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return HMAC-SHA-256 of `value` under the key of `purpose`, as 64 hexadecimal digits."""

    def seal(self, purpose: str, clear: bytes) -> bytes:
        """Encrypt and authenticate `clear` under the key of `purpose`."""

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Open what `seal` made for the same purpose.

        Raises:
            ValueError: It was not made with this key for this purpose.
        """


class PasswordHasher(Protocol):
    """Argon2id, with its work bounded."""

    def hash(self, password: str) -> str:
        """Return the encoded hash of `password`."""

    def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether `password` matches; with None, spend the same work and answer False."""


class PasswordJudge(Protocol):
    """What a list of common passwords and a strength estimate say."""

    def is_common(self, password: str) -> bool:
        """Tell whether `password` is among the 30,000 most used."""

    def strength(self, password: str, own_words: Sequence[str]) -> int:
        """Return 1 (faible), 2 (moyen) or 3 (fort)."""


class ClientRegistry(Protocol):
    """The relying parties that may ask for tokens."""

    def load_client(self, client_id: str) -> Client | None:
        """Return the client, or None."""

    def load_clients(self) -> Sequence[Client]:
        """Return every client."""

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of a client without a secret has this origin (RFC 6454 section 6.2)."""


class ClientDocuments(Protocol):
    """What stands at addresses of clients, on machines that others run."""

    def fetch(self, address: str) -> Document:
        """Return a document, with one GET: bounded in time and size, never redirected, and never from inside the operator's network.

        Never with a transaction open.

        Args:
            address: As registered, without its fragment.

        Raises:
            DocumentUnavailableError: There is none to be had at this moment.
        """


# --- stores -----------------------------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """The audit trail."""

    def record(self, event: AuditEvent, at: datetime) -> None:
        """Add one line."""

    def load_newest(self, account_id: int, events: Sequence[str], *, at_most: int) -> list[LoggedEvent]:
        """Return the newest lines of an account, the newest first, of these events; of any for none."""


class QuotaStore(Protocol):
    """Counters shared by all processes."""

    def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> QuotaState:
        """Count one use of `key`; not allowed once more than `limit` uses fall in the present window."""

    def take_all(self, ceilings: Sequence[Ceiling], *, now: datetime) -> dict[str, QuotaState]:
        """Count one use against each ceiling, and tell what each one says, by key."""

    def load_quotas(self, limits: Mapping[str, int], *, now: datetime) -> dict[str, QuotaState]:
        """Tell for each key whether one more use would be allowed under its limit, without counting it."""

    def fill(self, ceiling: Ceiling, *, now: datetime) -> None:
        """Use a ceiling up, for a window that begins now."""

    def give_back(self, keys: Sequence[str]) -> None:
        """Take back one use of each key, counted in this transaction."""

    def forget(self, key: str) -> None:
        """Reset a counter."""


class Outbox(Protocol):
    """Messages to be sent, written in the transaction of the fact that they announce."""

    def put(self, message: Message, *, at: datetime) -> None:
        """Keep a message to be sent."""

    def withhold(self, message: Message, *, at: datetime) -> None:
        """Do the work of `put` for a message that may not go out: whether one goes is told by no clock (guarantee 1)."""


class SeedStore(Protocol):
    """What a reset gives back to the guardians of families documents."""

    def load(self, key: str) -> dict[str, Any] | None:
        """Return what is kept of one guardian, None for nothing."""

    def load_all(self) -> list[dict[str, Any]]:
        """Return what is kept of everybody, in the order of the keys."""

    def keep(self, key: str, state: Mapping[str, Any]) -> None:
        """Keep what one guardian had done, in place of what was kept before."""

    def forget(self, keys: Sequence[str]) -> None:
        """Forget what is kept under these keys."""


class UnitOfWork(Protocol):
    """The stores, over one connection. `idp.adapters.stores` makes it."""

    @property
    def people(self) -> PeopleStore:
        """The directory and its links."""

    @property
    def accounts(self) -> AccountStore:
        """Activated accounts."""

    @property
    def groupings(self) -> GroupingStore:
        """Accounts that were grouped into another one."""

    @property
    def children(self) -> ChildrenStore:
        """What imports brought for accounts, and what sessions are asked."""

    @property
    def activations(self) -> ActivationStore:
        """Activations under way."""

    @property
    def recoveries(self) -> RecoveryStore:
        """Recoveries under way."""

    @property
    def interactions(self) -> InteractionStore:
        """Requests waiting for a person."""

    @property
    def pushed_requests(self) -> PushedRequestStore:
        """Requests that clients pushed."""

    @property
    def sessions(self) -> SessionStore:
        """Signed-in browsers."""

    @property
    def grants(self) -> GrantStore:
        """Codes and access tokens."""

    @property
    def consents(self) -> ConsentStore:
        """What persons allowed clients to be told."""

    @property
    def clients(self) -> RegisteredClientStore:
        """Clients that no settings file names."""

    @property
    def franceconnect(self) -> FranceConnectStore:
        """Accounts that FranceConnect signs in."""

    @property
    def emails(self) -> EmailStore:
        """E-mail addresses of accounts."""

    @property
    def retention(self) -> RetentionStore:
        """What grows old."""

    @property
    def ledger(self) -> Ledger:
        """The audit trail."""

    @property
    def quotas(self) -> QuotaStore:
        """Shared counters."""

    @property
    def outbox(self) -> Outbox:
        """Messages to be sent."""

    @property
    def seed(self) -> SeedStore:
        """What a reset gives back."""

    @property
    def standing_faults(self) -> StandingFaults:
        """Faults that families documents arm."""

    @property
    def families(self) -> FamilyStore:
        """The traces of families that are taken out."""


class Stores(Protocol):
    """Where units of work come from."""

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Single reads, each its own (AUTOCOMMIT): nothing is held open."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction: commits at the end, rolls back on an exception."""


class SigningKeys(Protocol):
    """Keys that sign ID tokens, parsed once per process."""

    def load_active_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""

    def load_published_keys(self) -> Sequence[SigningKey]:
        """Return every key whose signatures may still be alive."""
