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
from idp.journeys.recovery_ports import RecoveryStore
from idp.journeys.retention_ports import RetentionStore
from idp.journeys.rows import (
    AccessTokenRow,
    ActivationRow,
    AuditEvent,
    Ceiling,
    CodeRow,
    FranceConnectLink,
    GivenConsent,
    InteractionRow,
    KinshipCount,
    LoggedEvent,
    Message,
    QuotaState,
    RefreshTokenRow,
    RegisteredClientRow,
    SessionRow,
)
from idp.people.records import Account, AccountHolder, Guardian, Kinship
from idp.protocol.client import Client
from idp.protocol.client_documents import Document
from idp.protocol.consent import Consent
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


class PeopleStore(Protocol):
    """The directory and its links."""

    def load_guardians_by_mobile(self, e164: str) -> list[Guardian]:
        """Return the present records with this mobile number."""

    def load_guardians(self, ids: Sequence[int]) -> list[Guardian]:
        """Return these records, in the order of their ids."""

    def load_kinships(self, guardian_ids: Sequence[int]) -> list[Kinship]:
        """Return the present, legal links of these guardians whose pupil is present, contested ones included, ordered by id."""

    def count_kinships(self, guardian_ids: Sequence[int]) -> KinshipCount:
        """Count these links, without reading them."""

    def confirm_kinships(self, ids: Sequence[int], at: datetime) -> int:
        """Mark these links confirmed, contested ones excepted, and return how many were marked."""

    def contest_kinships(self, ids: Sequence[int], at: datetime) -> None:
        """Mark these links contested."""

    def unconfirm_kinships(self, account_id: int) -> None:
        """Mark the confirmed links of an account's guardian records as only declared again."""


class AccountStore(Protocol):
    """Activated accounts."""

    def load_by_identifiant(self, identifiant: str) -> Account | None:
        """Return the account that signs in with this identifiant; none where it was grouped into another one."""

    def load_by_guardians(self, guardian_ids: Sequence[int]) -> list[Account]:
        """Return the accounts that hold any of these guardian records, oldest first."""

    def load_holder(self, account_id: int) -> AccountHolder | None:
        """Return the account with its guardian records and their confirmed, present links."""

    def load_dates(self, account_id: int) -> dict[str, datetime | None] | None:
        """Return when an account was made, got its password, was signed in to and closes, by the names of the copy for its holder."""

    def load_token_holder(self, token_hash: str) -> tuple[AccessTokenRow, AccountHolder | None] | None:
        """Return an access token, revoked and expired ones included, with its account as `load_holder` does."""

    def reserve_identifiant(self, value: str, at: datetime) -> bool:
        """Reserve `value` for ever; False when it was given before."""

    def add_account(
        self,
        *,
        identifiant: str,
        subject_seed: str,
        password_hash: str | None,
        family_name: str,
        given_name: str,
        at: datetime,
        language: str = "fr",
    ) -> int | None:
        """Add an account, with no password when FranceConnect signs it in; return its id, None when an account has this identifiant."""

    def attach_guardian(self, account_id: int, guardian_id: int, at: datetime) -> bool:
        """Give a guardian record to an account; False when an account already holds it."""

    def set_password(self, account_id: int, password_hash: str | None, at: datetime) -> None:
        """Replace the password, or take it away."""

    def note_sign_in(
        self, account_id: int, at: datetime, *, password_hash: str | None, language: str | None = None
    ) -> bool:
        """Remember the latest sign-in and the language chosen for it, if any; a closing that was asked for is taken back.

        False when the password is no longer the one that was verified, or when the account has closed.
        """

    def plan_closing(self, account_id: int, closes_at: datetime) -> None:
        """Remember when an account closes. From then on it signs nobody in, and may be removed; `note_sign_in` and `keep_open` undo it."""

    def keep_open(self, account_id: int, at: datetime) -> bool:
        """Take back a closing that was asked for; False when the account has closed."""

    def confirm_identity(self, account_id: int, at: datetime) -> None:
        """Remember that a child's birth date was given."""

    def ask_identity(self, account_id: int) -> None:
        """Have a child's birth date asked for at the next sign-in."""

    def remove_account(self, account_id: int) -> None:
        """Forget an account with sessions, grants, e-mail addresses and link with FranceConnect; its identifiant is never given again."""


class ActivationStore(Protocol):
    """Activations under way."""

    def load_activation(self, browser_hash: str) -> ActivationRow | None:
        """Return the activation whose present or former browser hash this is."""

    def add_activation(self, row: ActivationRow) -> None:
        """Keep a new activation."""

    def save_activation(self, row: ActivationRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""

    def erase_activation(self, activation_id: str) -> None:
        """Forget an activation and all that was typed in it."""

    def load_activations(self, now: datetime) -> list[ActivationRow]:
        """Return every activation that has not run out. For testers: no journey looks into another browser's."""


class InteractionStore(Protocol):
    """Requests waiting for a person."""

    def load_interaction(self, handle_hash: str) -> InteractionRow | None:
        """Return the interaction with this handle."""

    def load_interaction_by_id(self, interaction_id: str) -> InteractionRow | None:
        """Return the interaction with this id."""

    def add_interaction(self, row: InteractionRow) -> None:
        """Keep a new interaction."""

    def save_interaction(self, row: InteractionRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""


class PushedRequestStore(Protocol):
    """Authorization requests that clients pushed."""

    def add_request(self, key: str, client_id: str, request: bytes, expires_at: datetime) -> None:
        """Keep a request, under a key that was never used."""

    def take_request(self, key: str, client_id: str, now: datetime) -> bytes | None:
        """Return a request of this client that has not expired, and forget it: one winner of many."""


class SessionStore(Protocol):
    """Signed-in browsers."""

    def load_session(self, secret_hash: str) -> SessionRow | None:
        """Return the session with this secret, ended ones included."""

    def load_session_by_id(self, session_id: str) -> SessionRow | None:
        """Return the session with this `sid`, ended ones included."""

    def add_session(self, row: SessionRow) -> None:
        """Keep a new session."""

    def touch_session(self, session_id: str, at: datetime) -> bool:
        """Remember that the session was used; False when it has ended."""

    def prove_more(self, session_id: str, amr: Sequence[str], at: datetime, *, secret_hash: str) -> bool:
        """Give a session more methods, proved at this moment, and another secret; False when it has ended."""

    def load_form_answer(self, session_id: str) -> tuple[int, str | None]:
        """Return the turn of the forms of « Mon compte » in this session, and the latest answer."""

    def keep_form_answer(self, session_id: str, answer: str, *, expected_turn: int) -> bool:
        """Keep the answer to a form and pass on to the next turn; False when another POST won, or when the session has ended."""

    def ask_session(self, session_id: str, asks: Sequence[str]) -> None:
        """Replace what a session is asked before it goes on."""

    def end_session(self, session_id: str, at: datetime) -> bool:
        """End a session, revoke its codes and its tokens but offline ones; False when it had ended before."""

    def end_account_sessions(self, account_id: int, at: datetime, *, keeping: str | None = None) -> list[str]:
        """End every session of an account, revoke its codes and all of its tokens, and return the ids of those that ended.

        `keeping` names one that goes on with its codes and access tokens; its refresh tokens die all the same.
        """

    def load_account_sessions(self, account_id: int) -> list[SessionRow]:
        """Return the sessions of an account, ended ones included, the newest first."""

    def load_open_sessions(self, account_id: int, now: datetime, *, used_since: datetime) -> list[SessionRow]:
        """Return the sessions of an account that are live, the one used last first, fifty at most."""

    def note_client(self, session_id: str, client_id: str, at: datetime) -> None:
        """Remember that this client was given tokens in this session."""

    def load_session_clients(self, session_ids: Sequence[str]) -> list[tuple[str, str]]:
        """Return session and client of each client that was given tokens in one of these sessions."""


class GrantStore(Protocol):
    """Codes, access tokens and refresh tokens, as keyed hashes."""

    def add_code(self, row: CodeRow) -> None:
        """Keep a new authorization code."""

    def load_code(self, code_hash: str) -> CodeRow | None:
        """Return a code, used and expired ones included."""

    def consume_code(self, code_hash: str, at: datetime) -> bool:
        """Mark a code used by one conditional UPDATE; False when somebody else was first."""

    def revoke_family(self, family: str, at: datetime) -> None:
        """Revoke the code and every token that was minted from it, those of concurrent losers included."""

    def add_access_token(self, row: AccessTokenRow) -> None:
        """Keep a new access token."""

    def load_access_token(self, token_hash: str) -> AccessTokenRow | None:
        """Return an access token, revoked and expired ones included."""

    def revoke_access_token(self, token_hash: str, at: datetime) -> None:
        """Revoke one access token; what else was minted with it stays good."""

    def add_refresh_token(self, row: RefreshTokenRow) -> None:
        """Keep a new refresh token."""

    def load_refresh_token(self, token_hash: str) -> RefreshTokenRow | None:
        """Return a refresh token, used, expired and revoked ones included."""

    def consume_refresh_token(self, token_hash: str, at: datetime) -> bool:
        """Mark a refresh token used by one conditional UPDATE; False when somebody else was first, or when it was revoked meanwhile."""

    def hold_refresh_token(self, token_hash: str) -> bool:
        """Keep a refresh token from being revoked before this transaction ends; False when it is revoked already."""

    def revoke_person_grants(self, account_id: int, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client that stands for this person."""

    def revoke_client_grants(self, client_id: str, at: datetime) -> None:
        """Revoke every code and token of a client."""


class ConsentStore(Protocol):
    """What persons allowed clients to be told."""

    def load_consent(self, account_id: int, client_id: str) -> Consent | None:
        """Return what a person allowed a client, None for nothing yet."""

    def load_account_consents(self, account_id: int) -> list[GivenConsent]:
        """Return what a person allowed, the newest first, a hundred at most."""

    def forget_consent(self, account_id: int, client_id: str) -> bool:
        """Forget what a person allowed a client; False where that is nothing."""

    def save_consent(self, account_id: int, client_id: str, consent: Consent, at: datetime) -> None:
        """Keep what a person allows a client, in place of what she allowed before."""

    def forget_account_consents(self, account_id: int) -> None:
        """Forget what a person allowed, whomever."""

    def forget_client_consents(self, client_id: str) -> None:
        """Forget what a client was allowed, by whomever."""


class RegisteredClientStore(Protocol):
    """Clients that no settings file names."""

    def load_client(self, client_id: str) -> RegisteredClientRow | None:
        """Return the client with this id."""

    def load_clients(self) -> list[RegisteredClientRow]:
        """Return every client, oldest first."""

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of one without a secret has this origin."""

    def add_client(self, row: RegisteredClientRow, *, at_most: int | None = None) -> bool:
        """Keep a new client; False when there are `at_most` already, whoever else adds some at this moment."""

    def save_client(self, row: RegisteredClientRow, *, expected_revision: int) -> bool:
        """Write every column but the id and the time; False when the client has gone, or somebody else changed it since."""

    def remove_client(self, client_id: str) -> bool:
        """Forget a client; False when somebody else did."""


class FranceConnectStore(Protocol):
    """Accounts that FranceConnect signs in, and sign-ins under way there."""

    def load_link(self, issuer: str, sub: str) -> FranceConnectLink | None:
        """Return the link of an identity."""

    def load_link_of_account(self, account_id: int) -> FranceConnectLink | None:
        """Return the link of an account."""

    def load_link_of_identity(self, issuer: str, identity_hash: str) -> FranceConnectLink | None:
        """Return a link of somebody with the same civil status."""

    def add_link(self, link: FranceConnectLink) -> bool:
        """Link an identity; False when it, or the account, is linked already: nobody is rebound."""

    def remove_link(self, account_id: int) -> bool:
        """Remove the link of an account that has a password; False when there is none, or no other way in."""

    def put_sign_in(self, key: str, value: bytes, expires_at: datetime) -> None:
        """Keep a sign-in under way, under a key that was never used."""

    def take_sign_in(self, key: str, now: datetime) -> bytes | None:
        """Return a sign-in under way and forget it: one winner of many."""

    def keep_id_token(self, session_id: str, id_token: str) -> None:
        """Keep what ends this session at FranceConnect."""

    def load_id_token(self, session_id: str) -> str | None:
        """Return what ends this session at FranceConnect, None when it was not opened through it."""


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
