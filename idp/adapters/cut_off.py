"""HTTP calls to places that others chose: cut off after a while, however the answer comes.

The timeout of requests is for each read: whoever sends one byte now and then is never too slow for it, and holds its caller for ever.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from idp.adapters.address_guard import AddressGuard

TIMEOUTS = 2
"""How many times its timeout an answer may take in all."""


@contextmanager
def open_session(adapter: HTTPAdapter) -> Iterator[requests.Session]:
    """Call through an adapter: without cookies of other calls, and without the proxy and the ~/.netrc of whoever started the server."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        yield session


class CutOffAdapter(HTTPAdapter):
    """Lets a call take its timeout to connect, and twice that for all of the answer: one that says nothing ends by the timeout itself.

    Args:
        guard: What says where addresses may lead.
        tls: Whom to trust besides the usual authorities; None: nobody.
    """

    def __init__(self, guard: AddressGuard, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Open connections that end by themselves."""
        super().init_poolmanager(*args, **more, ssl_context=self._tls)
        classes = {"http": partial(_Pool, self._guard), "https": partial(_TlsPool, self._guard)}
        self.poolmanager.pool_classes_by_scheme = classes


class _Connection(HTTPConnection):
    guard: AddressGuard
    _end: threading.Timer | None = None

    def _new_conn(self) -> socket.socket:
        """Connect to an address that was looked at, whatever the name leads to a moment later. TLS still asks for the name."""
        timeout = cast("float", self.timeout)  # every call of ours gives one
        try:
            return self.guard.connect(self._dns_host.strip("[]"), self.port, timeout)
        except TimeoutError as failure:
            raise ConnectTimeoutError(self, "no connection in time") from failure
        except OSError as failure:
            raise NewConnectionError(self, "no connection") from failure

    def connect(self) -> None:
        super().connect()
        if self.timeout is not None:
            self._end = threading.Timer(TIMEOUTS * self.timeout, _cut, (self.sock,))
            self._end.daemon = True
            self._end.start()

    def close(self) -> None:
        if self._end is not None:
            self._end.cancel()
        super().close()


class _TlsConnection(_Connection, HTTPSConnection):
    """`connect` is that of TLS: its handshake has one timeout as a whole."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def __init__(self, guard: AddressGuard, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._guard = guard

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.guard = self._guard
        return connection


class _TlsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _cut(end: socket.socket) -> None:
    """Wake whoever reads. Below TLS, whose state belongs to the thread that reads; one that was closed meanwhile has no number any more."""
    with suppress(OSError):
        socket.socket.shutdown(end, socket.SHUT_RDWR)
