"""What every program needs and none shares: logs, cookies, clock, health, bounded shelves."""

import json
import logging
import secrets
import socket
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from flask import Response, request

LOG = logging.getLogger("franceconnect_simulator")
SESSION_COOKIE = "preau_fc_session"
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L: read out on the phone

T = TypeVar("T")


class Clock:
    """The machine's clock, which a tester may move or stop."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._stopped_at or _machine_now() + self._offset

    def set_offset(self, offset: timedelta) -> None:
        """Run ahead of the machine's clock, or behind it."""
        self._offset, self._stopped_at = offset, None

    def set(self, moment: datetime) -> None:
        """Make it `moment` now; a clock that was stopped stays stopped."""
        self._offset = moment - _machine_now()
        self._stopped_at = moment.astimezone(UTC) if self.stopped else None

    def stop(self) -> None:
        """Stand still at the present moment until the next `set_offset` or `advance`."""
        self._stopped_at = self.now()

    def advance(self, by: timedelta) -> None:
        """Move; a clock that was stopped stays stopped."""
        if self._stopped_at is None:
            self._offset += by
        else:
            self._stopped_at += by

    @property
    def offset(self) -> timedelta:
        """How far ahead of the machine's clock this one is."""
        return self.now() - _machine_now() if self._stopped_at else self._offset

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        return self._stopped_at is not None


def _machine_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the one place where the simulator reads the machine's clock


class Shelf(Generic[T]):
    """Things that expire, in memory, at most so many: the oldest go first."""

    def __init__(self, clock: Clock, lifetime: timedelta, most: int = 10_000, *, prolong: bool = False) -> None:
        """Make an empty shelf.

        Args:
            clock: For lifetimes.
            lifetime: Of each thing.
            most: Of them.
            prolong: Whether looking at a thing begins its lifetime anew.
        """
        self._clock = clock
        self._lifetime = lifetime
        self._most = most
        self._prolong = prolong
        self._things: OrderedDict[str, tuple[datetime, T]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: str, thing: T) -> None:
        """Keep a thing."""
        with self._lock:
            self._things[key] = (self._clock.now(), thing)
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)

    def find(self, key: str) -> T | None:
        """Return a thing that is still alive."""
        with self._lock:
            since, thing = self._things.get(key, (None, None))
            if since is None or not timedelta() <= self._clock.now() - since < self._lifetime:
                return None
            if self._prolong and thing is not None:
                self._things[key] = (self._clock.now(), thing)
                self._things.move_to_end(key)
            return thing

    def take(self, key: str) -> T | None:
        """Return a thing that is still alive and forget it: one winner of many."""
        thing = self.find(key)
        with self._lock:
            return thing if self._things.pop(key, None) is not None else None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._things.clear()


class Cookies:
    """The session's cookie: HttpOnly, SameSite=Lax, and `__Host-` where browsers come over TLS.

    Every name begins with `preau_fc_`: all ports of localhost share one cookie jar.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._name = f"__Host-{SESSION_COOKIE}" if secure else SESSION_COOKIE

    def read(self) -> str:
        """Return the session that the browser names, or ""."""
        return request.cookies.get(self._name, "")

    def write(self, response: Response, session: str) -> None:
        """Name a session to the browser, until it is closed."""
        response.set_cookie(self._name, session, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def erase(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self._name, path="/", secure=self._secure, httponly=True, samesite="Lax")


def draw(size: int = 32) -> str:
    """Draw a secret of `size` random bytes."""
    return secrets.token_urlsafe(size)


def new_reference() -> str:
    """Draw 8 characters that can be read out on the phone."""
    return "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8))


class _JsonLines(logging.Formatter):
    """One JSON object a line, with the fields that we name and nothing else."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            line["error"] = record.exc_info[0].__name__
            line["at"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        return json.dumps(line, ensure_ascii=False)


def configure_logs() -> None:
    """Write JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def log(event: str, **fields: object) -> None:
    """Log an event in words with a few named facts: never a claim, a token, a secret or a query."""
    LOG.info(event, extra={"fields": fields})


def port_is_taken(host: str, port: int) -> bool:
    """Say whether somebody listens there already: granian would share the port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
