"""What every program needs and none shares: logs, cookies, headers, ports (docs/decisions/0001)."""

import json
import logging
import secrets
import socket
from urllib.parse import urlsplit

from flask import Response, request

from franceconnect_bridge.simulator.settings import Settings

LOG = logging.getLogger("franceconnect_simulator")
SESSION_COOKIE = "preau_fc_session"
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L: read out on the phone


class JsonLines(logging.Formatter):
    """One JSON object per line, with the fields that we name and nothing else."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as one line of JSON."""
        line: dict[str, object] = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            # The type and the place: messages of libraries may quote what they were given.
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            line["error"] = record.exc_info[0].__name__
            line["at"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        return json.dumps(line, ensure_ascii=False)


def configure_logs() -> None:
    """Send logs to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def log(event: str, **fields: object) -> None:
    """Log one event in words with a few named facts: never a token, a secret or a name."""
    LOG.info(event, extra={"fields": fields})


def new_reference() -> str:
    """Draw a reference of 8 characters, to find a log line by."""
    return "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8))


class Cookie:
    """The session's cookie: HttpOnly, SameSite=Lax, `__Host-` and Secure over TLS.

    Its name has a prefix of ours, because all ports of localhost share one jar.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.name = f"__Host-{SESSION_COOKIE}" if secure else SESSION_COOKIE

    def read(self) -> str:
        """Return the cookie of the present request, "" when absent."""
        return request.cookies.get(self.name, "")

    def write(self, response: Response, value: str) -> None:
        """Set it; it goes when the browser closes."""
        response.set_cookie(self.name, value, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def erase(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="Lax")


def security_headers(settings: Settings, form_target: str) -> dict[str, str]:
    """Return the headers of every answer.

    Args:
        settings: Whether we are behind TLS.
        form_target: An address to which the redirect after a form of this page leads, "" for none: Chromium holds `form-action` against
            redirects too.
    """
    parts = urlsplit(form_target)
    also = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self'{also}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def is_port_taken(host: str, port: int) -> bool:
    """Tell whether somebody listens there: granian would share the port without a word."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
