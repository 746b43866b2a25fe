"""Counts SQL statements and commits of each request, in the server itself, and says them in a header of the answer."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from bench.browser import COUNTS_HEADER
from bench.server import gated
from idp.app import build_pages
from idp.settings import Settings
from idp.world import build_world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Tally(threading.local):
    """What this thread's request has asked for."""

    statements = 0
    commits = 0


class CountingApplication:
    """A WSGI application whose answers say what they asked of the database."""

    def __init__(self, application: "WSGIApplication", engine: Engine) -> None:
        self._application = application
        self._tally = _Tally()
        event.listen(engine, "before_cursor_execute", self._note_statement)
        event.listen(engine, "commit", self._note_commit)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        self._tally.statements = self._tally.commits = 0

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            counts = f"{self._tally.statements} {self._tally.commits}"
            return start_response(status, [*headers, (COUNTS_HEADER, counts)], *more)

        return self._application(environ, start)

    def _note_statement(self, *_: object) -> None:
        self._tally.statements += 1

    def _note_commit(self, _: object) -> None:
        self._tally.commits += 1


def create_counting(settings: Settings) -> CountingApplication:
    """Return the provider, counting."""
    world = build_world(settings)
    return CountingApplication(gated(build_pages(world).wsgi_app, world.gate), world.engine)
