"""Where addresses that others chose may lead: not to what runs beside us.

A name is resolved once, and what is connected to is what was looked at: a name that leads elsewhere a moment later (DNS rebinding) gains
nothing.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
_Found = tuple[int, Any]  # the family of an address, and the address as sockets write it

_LOOK_UPS_AT_ONCE = 16  # of one guard; those that nobody waits for any more included
_GLOBAL_UNICAST = ip_network("2000::/3")  # RFC 4291 section 2.4: the one part of IPv6 that is given out
_TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052 section 2.1: the last four bytes are an IPv4 address
# Of IANA's special-purpose registries, what `is_global` does not know in every version of Python; and the public address at which machines
# of a big host find their secrets.
_BARRED: tuple[Network, ...] = tuple(
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "2001:db8::/32", "2002::/16", "3fff::/20", "168.63.129.16/32")
)


class AddressBarredError(OSError):
    """A host leads to no address that we may call."""


class AddressGuard:
    """Connects to public addresses alone.

    Args:
        networks: Others that are allowed: the operator's own.
        is_free_host: Tells whether a host may be anywhere, and be reached by plain http: a test's, on a test instance.
    """

    def __init__(
        self, *, networks: Sequence[Network] = (), is_free_host: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._networks = tuple(networks)
        self.is_free_host = is_free_host
        self._look_ups = threading.BoundedSemaphore(_LOOK_UPS_AT_ONCE)

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """Return a connection to the first address of a host that may be called and takes it.

        Args:
            host: A name or an address, without brackets.
            port: Its port.
            timeout: For all of it, name and connection, in seconds; then, of each wait of the connection.

        Raises:
            AddressBarredError: None may be called.
            OSError: The name is none, or nobody takes the connection; a `TimeoutError` when time is over.
        """
        ends = time.monotonic() + timeout
        failure: OSError = AddressBarredError("it leads to no address that may be called")
        for family, end in self._choose(host, port, timeout):
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("no address of the host took the connection in time")
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(left)
                connection.connect(end)
            except OSError as error:
                connection.close()
                failure = error
                continue
            connection.settimeout(timeout)
            return connection
        raise failure

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Tell whether an address may be called, whoever leads there."""
        inner = _inside(address)
        return any(inner in network for network in self._networks) or is_public(inner)

    def _choose(self, host: str, port: int, timeout: float) -> list[_Found]:
        name = host.lower().rstrip(".")
        # RFC 6761 section 6.3: this machine, which many resolvers do not know.
        asked = "127.0.0.1" if name.endswith(".localhost") else host
        found = self._look_up(asked, port, timeout)
        is_free = self.is_free_host(name)
        return [(family, end) for family, end in found if is_free or self.allows(ip_address(str(end[0])))]

    def _look_up(self, host: str, port: int, timeout: float) -> list[_Found]:
        """Resolve a name in a thread of its own: the resolver waits as long as it likes for a server that is the stranger's, too."""
        if not self._look_ups.acquire(blocking=False):
            raise TimeoutError("as many names as this process resolves at once are under way")
        answers: queue.SimpleQueue[list[_Found] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                answers.put([(family, end) for family, _, _, _, end in found])
            except (OSError, UnicodeError) as failure:  # the latter: a host that no name can have
                answers.put(failure if isinstance(failure, OSError) else OSError("a host that no name can have"))
            finally:
                self._look_ups.release()

        threading.Thread(target=ask, name="look-up", daemon=True).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError("the name was not resolved in time") from None
        if isinstance(answer, OSError):
            raise answer
        return answer


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the public network's: of no private, local, shared, multicast or reserved range."""
    inner = _inside(address)
    if any(inner in network for network in _BARRED):
        return False
    if isinstance(inner, IPv6Address) and inner not in _GLOBAL_UNICAST:
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, the address itself where it stands for none."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address
