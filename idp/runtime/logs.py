"""Logs: one JSON object a line on stderr, with no token, code, password, phone, birth date or name (guarantee 12, docs/security.md).

Three nets, because one has holes: other people's loggers speak only from WARNING up (SQLAlchemy and Authlib print parameters and tokens
below); members whose name announces something personal are dropped; what looks like a token, a code, a phone or a date is blanked in
every text. An exception is logged as its class and the lines it crossed; its message may hold a row of the database and is left out.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

BLANK = "[removed]"

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Compared with each word of a member's name, cut at "_", "-" and ".".
_PERSONAL_WORDS = frozenset(
    {
        *(
            "token",
            "tokens",
            "secret",
            "secrets",
            "password",
            "passwords",
            "passwd",
            "code",
            "codes",
            "otp",
            "pin",
            "verifier",
        ),
        *(
            "challenge",
            "nonce",
            "state",
            "assertion",
            "jwt",
            "hint",
            "authorization",
            "cookie",
            "cookies",
            "credential",
        ),
        *("credentials", "key", "signature", "hash", "handle", "phone", "phones", "mobile", "number", "tel", "msisdn"),
        *(
            "recipient",
            "sms",
            "text",
            "body",
            "message",
            "email",
            "mail",
            "address",
            "name",
            "names",
            "family",
            "given",
        ),
        *(
            "surname",
            "prenom",
            "nom",
            "identifiant",
            "login",
            "user",
            "username",
            "sub",
            "birth",
            "birthday",
            "birthdate",
        ),
        *(
            "born",
            "date",
            "dob",
            "ine",
            "query",
            "args",
            "form",
            "params",
            "parameters",
            "headers",
            "url",
            "uri",
            "claims",
        ),
    }
)
# Members that are ours to write and hold none of it, although a word above is in their name.
_HARMLESS = frozenset({"status_code", "error_code", "client_address_skipped"})

_PATTERNS = (
    re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){1,4}"),  # a JWT
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]+"),  # an Authorization header
    re.compile(
        r"(?i)\b(?:access_token|refresh_token|id_token|id_token_hint|token|client_secret|secret|password|passwd|code|code_verifier|"
        r"nonce|state|assertion|identifiant|sub)\b[\"']?\s*[=:]\s*[\"']?[^\s&\"',;)}\]]+"
    ),
    re.compile(r"(?<!\w)(?=[A-Za-z_-]*\d)[\w-]{22,}(?!\w)"),  # 128 bits or more, url-safe: no long word without a digit
    re.compile(
        r"(?<![\w.])(?:\+|00|0)[1-9](?:[\s.\u00a0\u202f-]?\d){7,16}(?!\w)"
    ),  # a phone, national or international
    re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?!\d)"),  # 12/04/2012
    re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)"),  # 2012-04-12
    re.compile(r"(?<![\w.:])\d{6}(?![\w.:])"),  # a security code
    re.compile(r"(?i)\b[a-z]\.[a-z]+\d{4}\b"),  # an identifiant
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),  # an e-mail address
)


def redact(text: str) -> str:
    """Blank what looks like a token, a code, a phone, a date, an identifiant or an e-mail address."""
    if text.isalpha():  # every pattern asks for a digit or a sign
        return text
    for pattern in _PATTERNS:
        text = pattern.sub(BLANK, text)
    return text


def configure_logs(level: str = "info", shape: str = "json") -> None:
    """Set this process's logs up. Once, before anything is logged.

    Args:
        level: of our own lines: debug, info, warning or error. Libraries speak from WARNING up, whatever it is.
        shape: ``json``, one object a line, or ``text``, for a terminal.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_exception,
            _redact_members,
            _write_json if shape == "json" else _as_text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(shape))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("preau").setLevel(_LEVELS[level])
    # Python prints an exception that nobody caught with its message.
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda told: _log_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    # A library's own level would let its lines through to the root's handler.
    for name in ("authlib", "joserfc", "sqlalchemy", "urllib3", "requests", "werkzeug", "flask", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None = None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        structlog.get_logger("preau").critical("nobody caught an exception", exc_info=error)


class LineFormatter(logging.Formatter):
    """Writes the standard library's records as our own lines.

    Args:
        shape: ``json`` or ``text``.
    """

    def __init__(self, shape: str = "json") -> None:
        super().__init__()
        self._shape = shape

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        said, _, trace = record.getMessage().partition(_TRACEBACK)
        line: dict[str, Any] = {
            "event": redact(said.rstrip()),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = describe_exception(record.exc_info[1])
        elif trace:
            line["exception"] = describe_traceback(trace)
        return json.dumps(line, ensure_ascii=False) if self._shape == "json" else _as_text(None, "", line)


def _as_text(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """Return a line for a terminal: when, how bad, what, then the members, and an exception's lines below."""
    exception: list[str] = line.pop("exception", [])
    event = " ".join(str(line.pop("event", "")).splitlines())
    head = f"{line.pop('timestamp', '')} {line.pop('level', ''):7} {event}"
    # As JSON, each member keeps to its line whatever it holds.
    members = (f"{name}={json.dumps(value, ensure_ascii=False, default=_nothing_of)}" for name, value in line.items())
    return "\n    ".join([" ".join([head, *members]), *exception])


def granian_log_config(shape: str = "json") -> dict[str, Any]:
    """Return the logging configuration that makes granian's own lines look like ours.

    Args:
        shape: ``json`` or ``text``.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": LineFormatter, "shape": shape}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}},
        "loggers": {
            "_granian": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def describe_exception(error: BaseException) -> list[str]:
    """Return the classes of an exception and its causes, with the lines they crossed, and no message."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        said = f": {current.strerror}" if isinstance(current, OSError) and current.strerror else ""
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}{said}")
        lines.extend(_frames(current.__traceback__))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def describe_traceback(text: str) -> list[str]:
    """Return the same from a traceback that somebody else has already written out: the server does, with the message."""
    lines = (_FRAME.fullmatch(line) or _CLASS.match(line) for line in text.splitlines())
    return [_frame_or_class(found) for found in lines if found]


def _frame_or_class(found: re.Match[str]) -> str:
    return "  {}:{} {}".format(*found.groups()) if found.re is _FRAME else found[1]


_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s+File "(.+)", line (\d+), in (.+)')
# A message may have lines that look like anything; a class that is raised says so by its name's end.
_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt))(?=:|$)")


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _describe_exception(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["exception"] = describe_exception(error)
    return line


def _redact_members(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: value if name in _OWN else _clean(name, value) for name, value in line.items()}


_OWN = frozenset({"level", "timestamp", "exception", "reference", "ms", "status", "method", "route", "trace"})


def _clean(name: str, value: object) -> object:
    if name not in _HARMLESS and _PERSONAL_WORDS.intersection(re.split(r"[_.-]", name.lower())):
        return BLANK
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, int | float | bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    return _nothing_of(value)


def _nothing_of(value: object) -> str:
    """An object's own text may hold anything: only its class is told."""
    return f"<{type(value).__name__}>"


# Made once: `json.dumps` with options makes a new one for each line.
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=_nothing_of).encode


def _write_json(_logger: object, _method: str, line: Mapping[str, Any]) -> str:
    return _ENCODE(line)
