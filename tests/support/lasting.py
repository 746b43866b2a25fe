"""Providers that outlive a module of tests: each module finds one at its seed, and a new one where a reset does not lead back there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from idp.adapters.schema import metadata
from idp.adapters.stores import make_engine
from tests.support.databases import fresh_postgresql_database
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

Rows = Mapping[str, Sequence[str]]
_BEATS = "outbox_sender"  # when the outbox process was last seen


@dataclass(frozen=True)
class Standing:
    """A provider, and what its database held when it began."""

    server: RunningServer
    engine: Engine
    seed: Rows
    ends: ExitStack


class LastingProviders:
    """One provider for each database."""

    def __init__(self, make_folder: Callable[[], Path], postgresql: str, *, more: str, clients: str) -> None:
        """Start none yet.

        Args:
            make_folder: Makes an empty one.
            postgresql: The address of a server's maintenance database.
            more: Settings.
            clients: More clients than those of every test.
        """
        self._make_folder = make_folder
        self._postgresql = postgresql
        self._more = more
        self._clients = clients
        self._standing: dict[str, Standing] = {}

    def at_seed(self, dialect: str) -> RunningServer:
        """Return a provider whose database holds what the seed holds, to the last row."""
        standing = self._standing.get(dialect)
        if standing is not None:
            Sandbox(standing.server.base).reset()
            if not self.left_over(dialect):
                return standing.server
            self._standing.pop(dialect).ends.close()
        standing = self._standing[dialect] = self._start(dialect)
        return standing.server

    def left_over(self, dialect: str) -> set[str]:
        """Return the names of the tables that hold something else than the seed."""
        standing = self._standing[dialect]
        return {name for name, rows in load_rows(standing.engine).items() if rows != standing.seed[name]}

    def end(self) -> None:
        """End them all."""
        while self._standing:
            self._standing.popitem()[1].ends.close()

    def _start(self, dialect: str) -> Standing:
        with ExitStack() as ends:
            folder = self._make_folder()
            url = f"sqlite:///{folder}/preau.db"
            if dialect == "postgresql":
                url = ends.enter_context(fresh_postgresql_database(self._postgresql))
            server = ends.enter_context(
                running_server(folder, more=self._more, clients=self._clients, database_url=url)
            )
            engine = make_engine(url)
            ends.callback(engine.dispose)
            return Standing(server, engine, load_rows(engine), ends.pop_all())


def load_rows(engine: Engine) -> Rows:
    """Return what every table holds, in an order of its own: rows have none."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name != _BEATS
        }
