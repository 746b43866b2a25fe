"""Who may call the control API. The Host header is checked for every request, in `app.py`.

It listens beside a tester's browser, where any web page can make requests: a form or an image is stopped by the header that neither can
send, a script by the same header, which it may not send without a CORS consent that is never given.
"""

import hmac
from collections.abc import Callable

from flask import request

from franceconnect_bridge.simulator.settings import Settings

HEADER = "X-Preau-Sandbox"


class Problem(Exception):  # noqa: N818  the name of the standard's document
    """A request of the control API that is refused.

    Args:
        status: HTTP status code.
        detail: What was wrong and what would be right, in one English sentence.
        headers: Headers to add to the response.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def build_guard(settings: Settings) -> Callable[[], None]:
    """Return what every request of the control API passes: the header, then the token where one is set."""

    def check() -> None:
        if request.method != "GET" and request.headers.get(HEADER) != "1":
            raise Problem(403, f"The header {HEADER}: 1 is missing")
        sent = request.authorization
        presented = sent.token or "" if sent is not None and sent.type == "bearer" else ""
        if settings.sandbox_token and not hmac.compare_digest(presented.encode(), settings.sandbox_token.encode()):
            raise Problem(
                401,
                "The token of the control API is missing or wrong: Authorization: Bearer …",
                {"WWW-Authenticate": 'Bearer realm="sandbox"'},
            )

    return check
