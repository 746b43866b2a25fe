"""Who may call the control API (guarantee 17).

It listens beside a tester's browser, where any web page can make requests: a page with a made-up DNS name is stopped by the Host header,
a form or an image by the header that neither can send, a script by the same header, which it may not send without a CORS consent that is
never given.
"""

import hmac
from collections.abc import Callable, Collection

from flask import Request

from idp.sandbox.problems import Problem

HEADER = "X-Preau-Sandbox"


def check_host(request: Request, allowed_hosts: Collection[str]) -> None:
    """Refuse a Host header that is none of ours.

    Raises:
        Problem: 421 (RFC 9110 section 15.5.20).
    """
    if request.host.lower() not in allowed_hosts:
        raise Problem(421, f"Host must be one of: {', '.join(sorted(allowed_hosts))}")


def check_header(request: Request) -> None:
    """Refuse any method but GET without the header that only a program of the tester's own sends.

    Raises:
        Problem: 403.
    """
    if request.method != "GET" and request.headers.get(HEADER) != "1":
        raise Problem(403, f"The header {HEADER}: 1 is missing")


def check_token(request: Request, token: str | None) -> None:
    """Refuse who does not know the token, where one is set.

    Programs send it as a bearer token (RFC 6750 section 2.1). A browser that opens the simulated phone asks for a name and a password
    (RFC 7617): any name, and the token as password.

    Raises:
        Problem: 401.
    """
    if token is None:
        return
    sent = request.authorization
    presented = ""
    if sent is not None and sent.type == "bearer":
        presented = sent.token or ""
    elif sent is not None and sent.type == "basic":
        presented = sent.password or ""
    if not hmac.compare_digest(presented.encode(), token.encode()):
        raise Problem(
            401,
            "The token of the control API is missing or wrong: Authorization: Bearer …",
            # A header for each: Chromium reads the first challenge of one, and would never ask for the password.
            {"WWW-Authenticate": ['Bearer realm="sandbox"', 'Basic realm="sandbox", charset="UTF-8"']},
        )


def build_guard(allowed_hosts: Collection[str], token: str | None) -> Callable[[Request], None]:
    """Return the three checks as one, in refusing order.

    Args:
        allowed_hosts: Values of the Host header that are answered, in lower case.
        token: What callers must send, or None.
    """

    def check(request: Request) -> None:
        check_host(request, allowed_hosts)
        check_header(request)
        check_token(request, token)

    return check
