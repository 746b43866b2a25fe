"""What every program needs and none shares: logs, cookies, health, clock, and the way to `*.localhost`.

The three programs each have a small `runtime.py`; that repetition is a recorded decision.
"""

import json
import logging
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, Response, jsonify, request
from requests import PreparedRequest, RequestException
from requests import Response as Answer
from requests.adapters import HTTPAdapter

from ent_client.settings import Settings

LOG = logging.getLogger("ent_client")
SESSION_COOKIE = "preau_ent_session"
VISIT_COOKIE = "preau_ent_visit"
CHOICE_COOKIE = "preau_ent_choice"
CHOICE_SECONDS = 180 * 86_400
# Without 0 O 1 I L: a reference is read out on the phone.
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class Clock(Protocol):
    """Where the ENT takes the time from."""

    def now(self) -> datetime:
        """Give the present moment, with its zone (UTC)."""


class MovableClock:
    """The machine's clock plus an offset, zero unless a tester moves it; or a moment at which a tester stopped it."""

    def __init__(self, offset: timedelta = timedelta(), stopped_at: datetime | None = None) -> None:
        # One value, so that whoever reads while another moves sees the old time or the new one.
        self._state = (offset, stopped_at)

    def now(self) -> datetime:
        """Give the present moment in UTC."""
        offset, stopped_at = self._state
        return stopped_at or _machine_now() + offset

    def set_offset(self, offset: timedelta) -> None:
        """Run ahead of the machine's clock, or behind it; the offset is counted from the machine's clock, not from the last move."""
        self._state = (offset, None)

    def set(self, moment: datetime) -> None:
        """Make it `moment` now; a clock that was stopped stays stopped."""
        self._state = (moment - _machine_now(), moment.astimezone(UTC) if self.stopped else None)

    def advance(self, by: timedelta) -> None:
        """Move; a clock that was stopped stays stopped."""
        offset, stopped_at = self._state
        self._state = (offset + by, stopped_at + by if stopped_at else None)

    def stop(self) -> None:
        """Stand still at the present moment until the next `set_offset`."""
        self._state = (self.offset, self.now())

    def copy(self) -> "MovableClock":
        """Give a clock that shows the same time, to be moved first."""
        return MovableClock(*self._state)

    def follow(self, other: "MovableClock") -> None:
        """Show the time of another clock from now on."""
        self._state = other._state

    @property
    def offset(self) -> timedelta:
        """How far ahead of the machine's clock this one is."""
        offset, stopped_at = self._state
        return stopped_at - _machine_now() if stopped_at else offset

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        return self._state[1] is not None


def _machine_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place where the ENT reads the machine's clock


def new_reference() -> str:
    """Draw a reference of 8 characters that can be read out on the phone."""
    return "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8))


# --- logs ---------------------------------------------------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """One JSON object per line; only the fields that we name, so that no claim, token or name slips in."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as one line of JSON."""
        line: dict[str, object] = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            # The type and the place, not the message: messages of libraries may quote what they were given.
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            line["error"] = record.exc_info[0].__name__
            line["at"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        return json.dumps(line, ensure_ascii=False)


def configure_logs(level: int = logging.INFO) -> None:
    """Send logs to standard error as JSON lines. Authlib stays above DEBUG, where it would print tokens and code verifiers."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    quiet_libraries()


def quiet_libraries() -> None:
    """Keep the libraries that print secrets at DEBUG from doing so, whatever the level of the root logger."""
    for name in ("authlib", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.INFO)


def log(event: str, **fields: object) -> None:
    """Log one event in words with a few named facts. Never pass a claim, a token, a name or a query string."""
    LOG.info(event, extra={"fields": fields})


# --- cookies ------------------------------------------------------------------------------------------------------------------------


class Cookies:
    """The ENT's cookies: HttpOnly, SameSite=Lax, and over TLS `Secure` with the `__Host-` prefix (RFC 6265bis, 4.1.3.2).

    Lax, not Strict: a Strict cookie is gone on the way back from the provider, and with it the state of the sign-in.
    Every name starts with `preau_ent_`, because all ports of localhost share one cookie jar.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def name(self, name: str) -> str:
        """Give the full name of a cookie."""
        return f"__Host-{name}" if self._secure else name

    def read(self, name: str) -> str:
        """Read a cookie of the present request; empty when absent."""
        return request.cookies.get(self.name(name), "")

    def write(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        """Set a cookie; without `max_age` (seconds) it goes when the browser closes."""
        response.set_cookie(
            self.name(name), value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def erase(self, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(self.name(name), path="/", secure=self._secure, httponly=True, samesite="Lax")


# --- headers ------------------------------------------------------------------------------------------------------------------------


def security_headers(settings: Settings) -> Mapping[str, str]:
    """Headers of every answer.

    `form-action` names the provider's origin because it follows redirects: « Continuer » and « Se déconnecter » are forms
    whose 303 leads there, and Chromium would block it.
    """
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {settings.issuer_origin}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


# --- health -------------------------------------------------------------------------------------------------------------------------


def health_blueprint() -> Blueprint:
    """GET /healthz: the process answers. It asks nothing of the provider, whose illness is not ours."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    return health


# --- going out ----------------------------------------------------------------------------------------------------------------------


LARGEST_ANSWER = 256 * 1024
READ_AT_ONCE = 8 * 1024


class AnswerTooLargeError(RequestException):
    """The provider answers more than we read."""


class LocalhostAdapter(HTTPAdapter):
    """Reach `*.localhost` at the loopback address, as browsers do and as many resolvers do not (RFC 6761, 6.3).

    Only plain http is rewritten: the name in a certificate must stay the one that was asked.
    """

    def send(self, request: PreparedRequest, *args: object, **kwargs: object) -> Answer:
        """Send the request, to 127.0.0.1 when its host is a name under .localhost; the Host header keeps the name."""
        parts = urlsplit(request.url or "")
        if (parts.hostname or "").endswith(".localhost"):
            request.headers.setdefault("Host", parts.netloc)
            port = f":{parts.port}" if parts.port else ""
            request.url = urlunsplit(parts._replace(netloc=f"127.0.0.1{port}"))
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)  # type: ignore[arg-type]  # passed on untouched


class BoundedAdapter(LocalhostAdapter):
    """Read no more of an answer than a provider may need: one without end would take all our memory."""

    def send(self, request: PreparedRequest, *args: object, **kwargs: object) -> Answer:
        """Send the request and read the answer.

        Raises:
            AnswerTooLargeError: when it is larger than 256 KiB.
        """
        answer = super().send(request, *args, **{**kwargs, "stream": True})
        body = bytearray()
        for part in answer.iter_content(READ_AT_ONCE):
            body += part
            if len(body) > LARGEST_ANSWER:
                answer.close()
                raise AnswerTooLargeError(request=request, response=answer)
        answer._content = bytes(body)
        return answer


def port_is_taken(host: str, port: int) -> bool:
    """Say whether somebody already listens there: granian would share the port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
