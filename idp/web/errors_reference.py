"""Writes docs/errors.md from the catalogue: `python -m idp.web.errors_reference`."""

from idp.errors import CATALOGUE

_HEAD = """# Errors

Made from `idp/errors.py` by `make docs`. Every refusal has a key, which the log has too under `refused`, an HTTP status, and three
voices: what a person reads (French), what a client reads (`error`, RFC 6749 section 5.2), and a note for whoever looks for the cause.
Every page and every JSON answer carries a reference of eight characters; the request's log line has the same.

On a test instance, the pages about a client's request show under « Pour les développeurs » what was sent and what is registered.

| key | status | a person reads | `error` | cause |
|---|---|---|---|---|
"""

_TAIL = """
## What a client is told by redirect

Once the client and its redirect URI are right, every refusal goes back to the client with `error`, `error_description`, `state` and `iss`.
The checks stand in their order in `idp/protocol/authorization_request.py`; the description says in a sentence which parameter was wrong.

## What the token and userinfo endpoints answer

JSON with `error` and `error_description`: 401 `invalid_client`, 400 for the rest (RFC 6749 section 5.2); userinfo answers in
`WWW-Authenticate` too (RFC 6750 section 3). The description says what was wrong with what was sent, never what another client or a person
may know.
"""


def render_reference() -> str:
    """Return the page."""
    rows = (
        f"| `{error.key}` | {error.status} | {_cell(error.title, error.sentences)} | "
        f"{f'`{error.oauth}`' if error.oauth else ''} | {error.note} |"
        for error in CATALOGUE
    )
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _cell(title: str, sentences: str) -> str:
    return f"**{title}** {sentences}".strip() if title else ""


if __name__ == "__main__":
    import sys

    sys.stdout.write(render_reference())
