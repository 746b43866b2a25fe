"""HTTP calls to places that others chose: cut off after a while, however the answer comes.

The timeout of requests is for each read: whoever sends one byte now and then is never too slow for it, and holds its caller for ever.
"""

import socket
import threading
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_TIMEOUTS = 2


class CutOffAdapter(HTTPAdapter):
    """Lets a call take its timeout to connect, and twice that for all of the answer: one that says nothing ends by the timeout itself."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Open connections that end by themselves."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Connection(HTTPConnection):
    _end: threading.Timer | None = None

    def connect(self) -> None:
        super().connect()
        if self.timeout is not None:
            self._end = threading.Timer(_TIMEOUTS * self.timeout, _cut, (self.sock,))
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


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _cut(end: socket.socket) -> None:
    """Wake whoever reads. Below TLS, whose state belongs to the thread that reads; one that was closed meanwhile has no number any more."""
    with suppress(OSError):
        socket.socket.shutdown(end, socket.SHUT_RDWR)
