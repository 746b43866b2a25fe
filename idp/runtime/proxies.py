"""Who is calling, when there are reverse proxies in front."""

from ipaddress import IPv6Network, ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def behind_proxies(application: "WSGIApplication", hops: int) -> "WSGIApplication":
    """Believe X-Forwarded-For, -Proto, -Host and -Port of exactly `hops` proxies; with 0, believe none of it."""
    if hops == 0:
        return application
    return ProxyFix(application, x_for=hops, x_proto=hops, x_host=hops, x_port=hops)


def caller_address(environ: "WSGIEnvironment", hops: int) -> str | None:
    """Return the network address to count by, or None when it would be an unknown proxy's.

    A proxy on our own network that no setting counts makes everybody look like one caller: limits by address are then skipped, and the
    one who asks says so in the log. A stranger cannot bring this about: his own address is not private.

    Of an IPv6 address, the first 64 bits: whoever has one has all that begin like it.
    """
    address = str(environ.get("REMOTE_ADDR") or "")
    if ":" in address:
        address = _network_of(address)
    if hops == 0 and "HTTP_X_FORWARDED_FOR" in environ and _is_private(address):
        return None
    return address or None


def _network_of(address: str) -> str:
    """Return the first address of the /64, or the IPv4 address that an IPv6 one stands for (RFC 4291 section 2.5.5.2)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or IPv6Network((parsed, 64), strict=False).network_address)


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
