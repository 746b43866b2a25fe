"""Origins of web addresses (RFC 6454)."""

from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}


def origin_of(uri: str) -> str:
    """Return scheme, host and port as a browser writes them in `Origin` (section 6.2): a usual port is left out.

    Raises:
        ValueError: Its host or port is no such thing.
    """
    parts = urlsplit(uri)
    port = "" if parts.port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
