"""What keeps an instance from being sent people, in words for its operator. A handful of statements, each of one row."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.heartbeat import DEAD_AFTER, Heartbeat
from idp.adapters.messages import OutboxWorker
from idp.adapters.migrate import HEAD, load_revision
from idp.journeys.ports import Clock, SigningKeys

OLDEST_MESSAGE = timedelta(minutes=10)


def readiness_checks(
    engine: Engine, keys: SigningKeys, outbox: OutboxWorker, clock: Clock
) -> Mapping[str, Callable[[], str]]:
    """Return what is looked at, by name; each says "" when all is well, and never raises."""
    heartbeat = Heartbeat(engine)
    return {
        "database": lambda: _database(engine),
        "keys": lambda: _keys(keys),
        "outbox": lambda: _outbox(outbox, heartbeat, clock),
    }


def _database(engine: Engine) -> str:
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            revision = load_revision(connection)
    except SQLAlchemyError:
        return "does not answer"
    if revision is None:
        return "has no tables: run preau db upgrade"
    if revision != HEAD:
        return f"has the tables of revision {revision}, and this version of Préau needs {HEAD}: run preau db upgrade"
    return ""


def _keys(keys: SigningKeys) -> str:
    try:
        keys.load_active_key("RS256")
    except SQLAlchemyError:
        return "cannot be read: the database does not answer, or has no tables"
    except KeyError:
        return "no key signs with RS256"
    except ValueError:
        return "the signing key cannot be opened with this master key"
    return ""


def _outbox(outbox: OutboxWorker, heartbeat: Heartbeat, clock: Clock) -> str:
    try:
        silent = heartbeat.load_age()
        age = outbox.oldest_due_age(clock.now())
    except SQLAlchemyError:
        return "cannot be read: the database does not answer, or has no tables"
    if silent is None:
        return "no process has looked for messages yet"
    if silent > DEAD_AFTER:
        return f"no process has looked for messages for {_minutes(silent)}"
    if age is not None and age > OLDEST_MESSAGE:
        return f"the oldest message has been waiting for {_minutes(age)}"
    return ""


def _minutes(time: timedelta) -> str:
    return f"{int(time.total_seconds() // 60)} minutes"
