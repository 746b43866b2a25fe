"""Tables of accounts, journeys, sessions, grants and messages, each with the file that owns it; `schema` knows those of other subjects too.

The schema itself is made by `migrations/`; a test keeps the two equal.

Times are whole microseconds since 1970 in UTC, so that SQLite and PostgreSQL sort and compare them alike.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC `datetime`, stored as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:  # noqa: ARG002  the dialect makes no difference
        """Turn an aware datetime into microseconds."""
        return lambda value: None if value is None else to_microseconds(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[int | None], datetime | None]:  # noqa: ARG002  same
        """Turn microseconds into an aware datetime in UTC."""
        return lambda value: None if value is None else from_microseconds(value)


def to_microseconds(moment: datetime) -> int:
    """Return the whole microseconds from 1970 to an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the aware moment in UTC that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=count)


# SQLite numbers rows by itself only in a column of type INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")

# --- accounts (owner: adapters/accounts.py) -----------------------------------------------------------------------------------

account = Table(
    "account",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("identifiant", String(64), nullable=False, unique=True),
    Column("subject_seed", String(64), nullable=False, unique=True),  # random; what pairwise subjects are derived from
    Column("password_hash", Text, nullable=True),  # argon2id
    Column("family_name", String(100), nullable=False),
    Column("given_name", String(100), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("password_at", Moment, nullable=True),
    Column("signed_in_at", Moment, nullable=True),
    Column("language", String(8), nullable=False, server_default="fr"),  # in which texts and mails speak to her
    Column("closes_at", Moment, nullable=True),  # its holder asked for its end: from then on nobody signs in
    # No use after it is known to purges, which bring it forward: no sign-in writes in an index. None while a `closing_warning` is out.
    Column("unused_since", Moment, nullable=True, index=True),
    Column("identity_at", Moment, nullable=True),  # a child's birth date was given; None: when it was activated
    Column(
        "identity_asked", Boolean, nullable=False, server_default=false()
    ),  # at the next sign-in, whatever the policy
)
_asked = account.c.closes_at.is_not(None)
Index("ix_account_closes_at", account.c.closes_at, sqlite_where=_asked, postgresql_where=_asked)

account_guardian = Table(
    "account_guardian",
    metadata,
    Column(
        "guardian_id", Serial, ForeignKey("guardian.id"), primary_key=True, autoincrement=False
    ),  # one account at most
    Column("account_id", Serial, ForeignKey("account.id"), nullable=False, index=True),
    Column("proved_at", Moment, nullable=False),
)

identifiant = Table(
    "identifiant",
    metadata,
    Column("value", String(64), primary_key=True),  # reserved when the password page is first shown; never given twice
    Column("reserved_at", Moment, nullable=False),
)

# --- clients that no settings file names (owner: adapters/registered_clients.py) ---------------------------------------------------

registered_client = Table(
    "registered_client",
    metadata,
    Column("client_id", String(100), primary_key=True),
    Column("client_secret_hash", String(64), nullable=True),
    Column("registration_token_hash", String(64), nullable=True),  # None: added by a command
    # Of a client without a secret, a space before and after each; before the long column, because they are walked through.
    Column("public_origins", Text, nullable=False),
    Column("issued_at", Moment, nullable=False, index=True),
    Column("revision", Integer, nullable=False),  # one up at each change
    Column("metadata", Text, nullable=False),  # JSON, by the names of RFC 7591 section 2
)

# --- FranceConnect (owner: adapters/franceconnect.py) -----------------------------------------------------------------------------

franceconnect_link = Table(
    "franceconnect_link",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("sub", String(255), primary_key=True),  # pairwise: of this person for this provider alone
    Column("account_id", Serial, ForeignKey("account.id"), nullable=False, unique=True),  # one identity for an account
    Column(
        "identity_hash", String(64), nullable=False, index=True
    ),  # keyed hash of the civil status, to notice a new sub
    Column("linked_at", Moment, nullable=False),
)

franceconnect_sign_in = Table(
    "franceconnect_sign_in",
    metadata,
    Column("key", String(64), primary_key=True),  # hash of the browser's secret and the state
    Column("value", LargeBinary, nullable=False),  # sealed: nonce and context
    Column("expires_at", Moment, nullable=False, index=True),
)

# --- journeys under way (owners: adapters/activations.py, adapters/interactions.py, adapters/pushed_requests.py) ------------------

activation = Table(
    "activation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("browser_hash", String(64), nullable=False, unique=True),  # keyed hash of the cookie's secret
    Column(
        "former_browser_hash", String(64), nullable=True, index=True
    ),  # the secret before the last proof, for a doubled POST
    Column("turn", Integer, nullable=False),  # one up at each accepted POST: the single-use step token
    Column("step", String(20), nullable=False),
    Column("reference", String(8), nullable=False, index=True),  # read out on the phone to the office
    Column("interaction_id", String(32), nullable=True),  # the ENT's request to come back to
    Column(
        "state", LargeBinary, nullable=False
    ),  # sealed JSON: what was typed and what was found (journeys.activation_state)
    Column(
        "last_answer", LargeBinary, nullable=True
    ),  # sealed JSON: digest and outcome of the last POST, to answer its double
    Column("created_at", Moment, nullable=False),
    Column("touched_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

interaction = Table(
    "interaction",
    metadata,
    Column("id", String(32), primary_key=True),
    Column(
        "handle_hash", String(64), nullable=False, unique=True
    ),  # keyed hash of the `d` parameter of the sign-in page
    Column("browser_hash", String(64), nullable=False),
    Column("client_id", String(100), nullable=True),  # None: somebody opened the sign-in page by hand
    Column("request", LargeBinary, nullable=True),  # sealed JSON of protocol.authorization_request.AuthorizationRequest
    Column("profile", String(12), nullable=True),  # responsable, eleve; None until chosen
    Column("turn", Integer, nullable=False),
    Column("last_answer", LargeBinary, nullable=True),
    Column("session_id", String(32), nullable=True),  # set once somebody signed in for it, or chose an account
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("step_up", LargeBinary, nullable=True),  # sealed JSON of journeys.step_up_state
    Column("page", String(64), nullable=True),  # one of our own, to go to once somebody has signed in
)

pushed_request = Table(
    "pushed_request",
    metadata,
    Column("key", String(64), primary_key=True),  # keyed hash of what the request_uri ends with
    Column("client_id", String(100), nullable=False),
    Column("request", LargeBinary, nullable=False),  # sealed JSON, as in `interaction`
    Column("expires_at", Moment, nullable=False, index=True),
)

# --- sessions and grants (owners: adapters/sessions.py, adapters/grants.py) ---------------------------------------------------------

op_session = Table(
    "op_session",
    metadata,
    Column("id", String(32), primary_key=True),  # the `sid`
    Column("secret_hash", String(64), nullable=False, unique=True),  # keyed hash of the cookie's secret
    Column("account_id", Serial, ForeignKey("account.id"), nullable=False, index=True),
    Column("auth_time", Moment, nullable=False),
    Column("acr", String(64), nullable=False),
    Column("amr", String(64), nullable=False),  # values joined by spaces
    Column("touched_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, nullable=True),
    Column("device", String(32), nullable=False, server_default=""),  # journeys.devices: families, never the raw string
    # The latest form of « Mon compte » that was sent in it, and its answer (journeys.account_forms).
    Column("form_turn", Integer, nullable=False, server_default="0"),
    Column("form_answer", Text, nullable=True),
    Column("signed_in_at", Moment, nullable=True),  # None: at auth_time, which a second proof moves
    Column("asks", String(32), nullable=False, server_default=""),  # of journeys.questions, joined by spaces
)

franceconnect_session = Table(
    "franceconnect_session",
    metadata,
    Column("session_id", String(32), ForeignKey("op_session.id"), primary_key=True),
    Column("id_token", LargeBinary, nullable=False),  # sealed: the hint of the logout at FranceConnect
)

session_client = Table(
    "session_client",
    metadata,
    Column("session_id", String(32), ForeignKey("op_session.id"), primary_key=True),
    Column("client_id", String(100), primary_key=True),
    Column("first_at", Moment, nullable=False),
)

authorization_code = Table(
    "authorization_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("family", String(32), nullable=False, index=True),  # everything minted from one code dies together
    Column("client_id", String(100), nullable=False),
    Column("session_id", String(32), ForeignKey("op_session.id"), nullable=False, index=True),
    Column("account_id", Serial, ForeignKey("account.id"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column(
        "claims", Text, nullable=True
    ),  # JSON of protocol.claims_parameter, None where none were asked for one by one
    Column("nonce", Text, nullable=True),
    Column("code_challenge", String(128), nullable=True),
    Column("acr", String(64), nullable=False),
    Column("amr", String(64), nullable=False),
    Column("auth_time", Moment, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment, nullable=True),
    Column("revoked_at", Moment, nullable=True),
    Column("jkt", String(43), nullable=True),  # SHA-256 thumbprint of a DPoP key (RFC 9449)
    Column("resources", Text, nullable=True),  # of the request (RFC 8707), joined by spaces
)

access_token = Table(
    "access_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("family", String(32), nullable=False, index=True),
    Column("client_id", String(100), nullable=False),
    # None, all three: it stands for its client alone (RFC 6749 section 4.4).
    Column("session_id", String(32), nullable=True, index=True),
    Column("account_id", Serial, ForeignKey("account.id"), nullable=True, index=True),
    Column("scope", Text, nullable=False),
    Column("claims", Text, nullable=True),  # of its code
    Column("auth_time", Moment, nullable=True),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment, nullable=True),
    Column("jkt", String(43), nullable=True),  # SHA-256 thumbprint of a DPoP key (RFC 9449)
    Column("audience", Text, nullable=True),  # the resource that it is for (RFC 8707); None: our own userinfo
    CheckConstraint(
        "(account_id IS NULL) = (session_id IS NULL) AND (account_id IS NULL) = (auth_time IS NULL)", name="person"
    ),
    CheckConstraint("account_id IS NOT NULL OR audience IS NOT NULL", name="use"),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("family", String(32), nullable=False, index=True),
    Column("client_id", String(100), nullable=False),
    Column("session_id", String(32), nullable=False, index=True),  # may be forgotten before an offline one
    Column("account_id", Serial, ForeignKey("account.id"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("claims", Text, nullable=True),  # of its code
    Column("offline", Boolean, nullable=False),  # outlives its session (OpenID Connect Core 1.0 section 11)
    Column("acr", String(64), nullable=False),
    Column("amr", String(64), nullable=False),
    Column("auth_time", Moment, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment, nullable=True),  # exchanged for its successor
    Column("revoked_at", Moment, nullable=True),
    Column("jkt", String(43), nullable=True),  # SHA-256 thumbprint of a DPoP key (RFC 9449)
    Column("resources", Text, nullable=True),  # of its code
)

# What a person allowed a client to be told (owner: adapters/consents.py).
consent = Table(
    "consent",
    metadata,
    Column("account_id", Serial, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("client_id", String(100), primary_key=True),
    Column("scope", Text, nullable=False),  # words, sorted, with a space between them
    Column("claims", Text, nullable=False),  # names of those that were asked for one by one, likewise
    Column("resources", Text, nullable=False, server_default=""),  # identifiers of other servers (RFC 8707), likewise
    Column("given_at", Moment, nullable=False),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("algorithm", String(8), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # JWK, sealed with the master key; public once it signs no more
    Column("created_at", Moment, nullable=False),  # published since
    Column("signs_since", Moment, nullable=True),  # None: the next one of its algorithm
    Column("retired_at", Moment, nullable=True),  # signs no more
    Column("published_until", Moment, nullable=True),  # known with `retired_at`
)
_lives = signing_key.c.retired_at.is_(None)
_signs = _lives & signing_key.c.signs_since.is_not(None)
_waits_to_sign = _lives & signing_key.c.signs_since.is_(None)
# Of two who rotate at once, one at most finds room.
Index("uq_signing_key_active", signing_key.c.algorithm, unique=True, sqlite_where=_signs, postgresql_where=_signs)
Index(
    "uq_signing_key_next",
    signing_key.c.algorithm,
    unique=True,
    sqlite_where=_waits_to_sign,
    postgresql_where=_waits_to_sign,
)

# --- what is remembered and what is sent (owners: adapters/ledger.py, adapters/messages.py, adapters/clock.py) -------------------------

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("event", String(64), nullable=False),
    Column("reference", String(8), nullable=False, default="", index=True),
    Column("account_id", Serial, nullable=True),
    Column("client_id", String(100), nullable=True),
    Column(
        "details", Text, nullable=False, default="{}"
    ),  # JSON: record ids and reasons; no name, number, code or date of birth
    # The newest lines of one account, without a walk through everybody's.
    Index("ix_audit_account_id_id", "account_id", "id"),
)

quota = Table(
    "quota",
    metadata,
    Column("key", String(96), primary_key=True),  # purpose and keyed hash of what is counted
    Column("used", Integer, nullable=False),
    Column("resets_at", Moment, nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel", String(8), nullable=False),  # sms
    Column("recipient", LargeBinary, nullable=True),  # sealed; None once sent, except on a test instance
    Column("recipient_hash", String(64), nullable=False, index=True),
    Column("body", LargeBinary, nullable=True),  # sealed; same
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment, nullable=True),
    Column("failed_at", Moment, nullable=True),
)
_waits = outbox.c.sent_at.is_(None) & outbox.c.failed_at.is_(None)
# Of those that wait alone: messages that were sent stay for good, and looking for the next one must not walk past them.
Index("ix_outbox_waiting", outbox.c.due_at, sqlite_where=_waits, postgresql_where=_waits)

outbox_sender = Table(
    "outbox_sender",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("seen_at", Moment, nullable=False),  # when a process last looked for messages, by the machine's clock
)
