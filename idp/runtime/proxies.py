"""Who is calling, when there are reverse proxies in front."""

from ipaddress import ip_address
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
    """
    address = str(environ.get("REMOTE_ADDR") or "")
    if hops == 0 and "HTTP_X_FORWARDED_FOR" in environ and _is_private(address):
        return None
    return address or None


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
