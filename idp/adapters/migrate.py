"""The database's tables, brought up and down by Alembic, which is imported only when it works: it takes longer than the server's start."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from idp.adapters.stores import make_engine

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0028"
"""The newest revision. A test keeps it equal to the newest file of `migrations/versions/`."""

_PACKAGE = Path(__file__).resolve().parent.parent


def script_location() -> Path:
    """Return where the migrations are: inside the installed package, or at the top of the source tree."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def upgrade(database_url: str, revision: str = "head") -> None:
    """Make the tables, or bring them up to `revision`, in one transaction. Two callers at once wait for one another.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer or refuses.
    """
    from alembic import command

    command.upgrade(_config(database_url), revision)
    _use_wal(database_url)


def downgrade(database_url: str, revision: str) -> None:
    """Bring the tables back to `revision` (``base``: none), in one transaction. What later revisions kept is lost.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer or refuses.
    """
    from alembic import command

    command.downgrade(_config(database_url), revision)


def stamp(database_url: str, revision: str) -> None:
    """Write down that the database is at `revision`, without touching its tables: after a restore from elsewhere.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer or refuses.
    """
    from alembic import command

    command.stamp(_config(database_url), revision)


def is_current(database_url: str) -> bool:
    """Tell whether the database has this version's tables. Reads one row and leaves Alembic alone.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    engine = make_engine(database_url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return load_revision(connection) == HEAD
    finally:
        engine.dispose()


def load_revision(connection: Connection) -> str | None:
    """Return the revision of the database's tables, or None when there are none.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _config(database_url: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(script_location()).replace("%", "%%"))
    # As an attribute and not as an option: a password may hold a per cent sign, which options take for their own.
    config.attributes["database_url"] = database_url
    return config


def _use_wal(database_url: str) -> None:
    """Let SQLite's readers and its writer work at the same time. It is a property of the file, kept for good."""
    engine = make_engine(database_url)
    try:
        if engine.dialect.name == "sqlite":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        engine.dispose()
