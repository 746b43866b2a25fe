"""The provider inside the test's own process, on a real database: what it asks of the database and of argon2 can be counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argon2
import pytest
from flask import Flask
from sqlalchemy import event

from idp.app import build_pages
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.databases import make_tables
from tests.support.server import write_settings

BASE = "http://localhost:8400"


@dataclass(frozen=True)
class Weight:
    """What a statement took along and brought back: characters and bytes of its values, and rows (SQLite counts none of a SELECT)."""

    statement: str
    size: int
    rows: int


@dataclass
class Work:
    """What was done since it was last taken."""

    world: World
    _done: list[str] = field(default_factory=list)
    _weights: list[Weight] = field(default_factory=list)

    def __post_init__(self) -> None:
        event.listen(self.world.engine, "before_cursor_execute", self._note_statement)
        event.listen(self.world.engine, "after_cursor_execute", self._note_weight)
        event.listen(self.world.engine, "commit", lambda _: self._done.append("commit"))
        event.listen(self.world.engine, "rollback", lambda _: self._done.append("rollback"))

    def _note_statement(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        self._done.append(statement)

    def _note_weight(self, _connection: object, cursor: Any, statement: str, given: Any, *_more: object) -> None:
        values = given.values() if isinstance(given, dict) else given
        size = sum(len(one) for one in values if isinstance(one, str | bytes))
        self._weights.append(Weight(statement, size, cursor.rowcount))

    def note(self, what: str) -> None:
        """Add a line about something else than the database."""
        self._done.append(what)

    def take(self) -> list[str]:
        """Return the statements, commits, rollbacks and argon2 operations in their order, and begin again."""
        done, self._done = self._done, []
        self._weights = []
        return done

    def weigh(self) -> list[Weight]:
        """Return what each statement since then weighed."""
        return list(self._weights)


@dataclass(frozen=True)
class Inside:
    """One provider."""

    world: World
    app: Flask
    work: Work


@contextmanager
def running_inside(directory: Path, *, database_url: str = "", more: str = "") -> Iterator[Inside]:
    """Build a provider on an empty database."""
    settings = load_settings(write_settings(directory, 8400, database_url=database_url, more=more))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    work = Work(world)

    class Counted(argon2.PasswordHasher):
        def hash(self, *words: Any, **named: Any) -> str:
            work.note("argon2 hash")
            return super().hash(*words, **named)

        def verify(self, *words: Any, **named: Any) -> bool:
            work.note("argon2 verify")
            return super().verify(*words, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idp.adapters.passwords.Argon2", Counted)
        app = build_pages(world)
    world.keys.load_published_keys()
    try:
        yield Inside(world, app, work)
    finally:
        world.engine.dispose()
