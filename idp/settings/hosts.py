"""Which hosts are this machine, and which are reserved for tests."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

# RFC 2606 section 2 and RFC 6761: names that no real service can have.
_TEST_SUFFIXES = (".test", ".example")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address never leaves this machine (RFC 6761 section 6.3 for `*.localhost`)."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_test_host(host: str, listed: tuple[str, ...] = ()) -> bool:
    """Tell whether a host can only be a test's: this machine, a reserved name, or one that the operator listed."""
    name = host.lower().rstrip(".")
    return is_loopback(name) or name.endswith(_TEST_SUFFIXES) or name in listed


def split_web_address(address: str) -> SplitResult:
    """Take a web address apart.

    Raises:
        ValueError: It is not http or https, has no host, an impossible port, a password or a fragment; the message says which.
    """
    try:
        parts = urlsplit(address)
    except ValueError:  # whose own words repeat the address
        raise ValueError("must be a web address that starts with https://") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a web address that starts with https://")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("has an impossible port")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user name and no password")
    if "#" in address:
        raise ValueError("must have no fragment (#)")
    if any(character.isspace() or character in "\\*" for character in address):
        raise ValueError("must hold no space, backslash or star: addresses are compared letter for letter")
    return parts
