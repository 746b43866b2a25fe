"""What a container's health check asks. It runs every few seconds: nothing is imported for it that it does not need."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 3


def ask_health(address: str) -> str:
    """Return "" when the address answers 200, and else one sentence.

    Args:
        address: http, on this machine.
    """
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"{address} does not answer: {type(error).__name__}."
    finally:
        connection.close()
    return "" if status == 200 else f"{address} answers {status}."
