"""Where units of work come from: one engine, single reads outside any transaction, one transaction for each step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from idp.adapters.accounts import SqlAccounts
from idp.adapters.activations import SqlActivations
from idp.adapters.children import SqlChildren
from idp.adapters.consents import SqlConsents
from idp.adapters.emails import SqlEmails
from idp.adapters.family_rows import SqlFamilies
from idp.adapters.franceconnect import SqlFranceConnect
from idp.adapters.grants import SqlGrants
from idp.adapters.grouping import SqlGroupings
from idp.adapters.interactions import SqlInteractions
from idp.adapters.ledger import SqlLedger
from idp.adapters.links import Link
from idp.adapters.messages import SqlOutbox
from idp.adapters.people import SqlPeople
from idp.adapters.pushed_requests import SqlPushedRequests
from idp.adapters.quotas import SqlQuotas
from idp.adapters.recoveries import SqlRecoveries
from idp.adapters.registered_clients import SqlRegisteredClients
from idp.adapters.retention import SqlRetention
from idp.adapters.seed import SqlSeed
from idp.adapters.sessions import SqlSessions
from idp.adapters.standing_faults import SqlStandingFaults
from idp.journeys.ports import Secrets
from idp.journeys.rows import AuditEvent

_THREADS = (
    16  # of one web process; a thread holds one connection, and a test instance's clock a second one for a moment
)
_SINGLE = "preau_single"  # execution option of connections whose statements stand alone
_WAIT_SECONDS = 10  # for a connection of the pool, and for SQLite's one writer
_CONNECT_SECONDS = 5


def make_engine(database_url: str) -> Engine:
    """Return the engine of a database, without connecting to it.

    Args:
        database_url: ``sqlite:///path`` (its directory is made, its file readable by its owner alone) or ``postgresql://…``.

    Raises:
        ValueError: It is neither.
        sqlalchemy.exc.ArgumentError: It is no database address.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _make_sqlite_engine(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS}, **_pool_settings())
    raise ValueError("database_url must start with sqlite:/// or postgresql://")


def _pool_settings() -> dict[str, Any]:
    return {
        "pool_size": _THREADS,
        "max_overflow": _THREADS,
        "pool_timeout": _WAIT_SECONDS,
        "pool_use_lifo": True,  # with one thread running at a time, the same few warm connections serve
        # An error's text goes to the log: no name, number or hash in it.
        "hide_parameters": True,
    }


def _make_sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("database_url must name a file: several processes serve one database")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS}, **_pool_settings())

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # Transactions are begun below, in words, and not by the driver's guess.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        # In WAL mode, NORMAL loses nothing when a process is killed (guarantee 14): what was committed is in the system's cache.
        # Only the machine losing its power may undo the last commits; FULL costs twice as much for each write.
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for another writer: SQLite refuses it at once, busy_timeout or not.
        # Taking the write lock at the start makes it wait its turn.
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT" and not options.get(_SINGLE):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def make_single(engine: Engine) -> Engine:
    """Return the same connections for single statements, each its own transaction."""
    if engine.dialect.name == "sqlite":
        # SQLite does so by itself outside BEGIN. SQLAlchemy's AUTOCOMMIT would add a PRAGMA each time that a connection is given back.
        return engine.execution_options(**{_SINGLE: True})
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def watch_errors(engine: Engine, on_error: Callable[[str], object]) -> None:
    """Tell of each statement that failed: ``disconnected``, ``operational``, ``integrity`` or ``other``."""

    @event.listens_for(engine, "handle_error")
    def tell(context: ExceptionContext) -> None:
        if context.is_disconnect:
            on_error("disconnected")
        elif isinstance(context.sqlalchemy_exception, OperationalError):
            on_error("operational")
        elif isinstance(context.sqlalchemy_exception, IntegrityError):
            on_error("integrity")
        else:
            on_error("other")


class SqlUnit:
    """Implements `journeys.ports.UnitOfWork` over one connection. A store is made when it is first asked for."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    @cached_property
    def people(self) -> SqlPeople:
        """The directory and its links."""
        return SqlPeople(self._link)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Activated accounts."""
        return SqlAccounts(self._link)

    @cached_property
    def activations(self) -> SqlActivations:
        """Activations under way."""
        return SqlActivations(self._link, self._secrets)

    @cached_property
    def groupings(self) -> SqlGroupings:
        """Accounts that were grouped into another one."""
        return SqlGroupings(self._link)

    @cached_property
    def children(self) -> SqlChildren:
        """What imports brought for accounts, and what sessions are asked."""
        return SqlChildren(self._link, self._secrets)

    @cached_property
    def recoveries(self) -> SqlRecoveries:
        """Recoveries under way."""
        return SqlRecoveries(self._link, self._secrets)

    @cached_property
    def interactions(self) -> SqlInteractions:
        """Requests waiting for a person."""
        return SqlInteractions(self._link, self._secrets)

    @cached_property
    def pushed_requests(self) -> SqlPushedRequests:
        """Requests that clients pushed."""
        return SqlPushedRequests(self._link, self._secrets)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Signed-in browsers."""
        return SqlSessions(self._link)

    @cached_property
    def grants(self) -> SqlGrants:
        """Codes and access tokens."""
        return SqlGrants(self._link)

    @cached_property
    def consents(self) -> SqlConsents:
        """What persons allowed clients to be told."""
        return SqlConsents(self._link)

    @cached_property
    def clients(self) -> SqlRegisteredClients:
        """Clients that no settings file names."""
        return SqlRegisteredClients(self._link)

    @cached_property
    def franceconnect(self) -> SqlFranceConnect:
        """Accounts that FranceConnect signs in."""
        return SqlFranceConnect(self._link, self._secrets)

    @cached_property
    def emails(self) -> SqlEmails:
        """E-mail addresses of accounts."""
        return SqlEmails(self._link, self._secrets)

    @cached_property
    def retention(self) -> SqlRetention:
        """What grows old."""
        return SqlRetention(self._link)

    @cached_property
    def ledger(self) -> SqlLedger:
        """The audit trail."""
        return SqlLedger(self._link)

    def recorded_events(self) -> list[AuditEvent]:
        """Return the lines that this unit added to the audit trail."""
        return self.ledger.recorded if "ledger" in self.__dict__ else []

    @cached_property
    def quotas(self) -> SqlQuotas:
        """Shared counters."""
        return SqlQuotas(self._link)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Messages to be sent."""
        return SqlOutbox(self._link, self._secrets)

    @cached_property
    def seed(self) -> SqlSeed:
        """What a reset gives back."""
        return SqlSeed(self._link)

    @cached_property
    def standing_faults(self) -> SqlStandingFaults:
        """Faults that families documents arm."""
        return SqlStandingFaults(self._link)

    @cached_property
    def families(self) -> SqlFamilies:
        """The traces of families that are taken out."""
        return SqlFamilies(self._link, self._secrets)


class SqlStores:
    """Implements `journeys.ports.Stores` over SQLite or PostgreSQL.

    Args:
        engine: The database.
        secrets: What seals.
        on_committed: Told of each line of the audit trail once it is committed.
    """

    def __init__(
        self, engine: Engine, secrets: Secrets, on_committed: Callable[[AuditEvent], object] | None = None
    ) -> None:
        self.engine = engine
        self._on_committed = on_committed
        self._secrets = secrets
        self._single = make_single(engine)

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """Give single reads: nothing is held between two of them, and one that meets a dropped connection is repeated once.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._single.connect() as connection:
            yield SqlUnit(Link(connection, repeats=True), self._secrets)

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        """Give one transaction, committed at the end and rolled back on an exception.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self.engine.begin() as connection:
            unit = SqlUnit(Link(connection, repeats=False), self._secrets)
            yield unit
        if self._on_committed is not None:
            for event in unit.recorded_events():
                self._on_committed(event)
