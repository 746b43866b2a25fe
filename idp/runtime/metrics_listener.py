"""`/metrics`, on an address of its own, in the outbox process: there is one for each server, and no request waits for it."""

import hmac
import os
import platform
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import AF_INET, AF_INET6
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from idp.runtime import metrics_catalogue as catalogue
from idp.runtime.metrics import Metrics
from idp.runtime.metrics_files import bury_dead_processes, files_directory

if TYPE_CHECKING:
    from prometheus_client import Metric

_SLOWEST_CALLER_SECONDS = 5
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Outbox(NamedTuple):
    """What waits in the outbox.

    Attributes:
        waiting: messages neither sent nor given up.
        due: of those, to be sent now.
        oldest_due_seconds: for how long the oldest of these has been due; 0.0 without any.
    """

    waiting: int
    due: int
    oldest_due_seconds: float


# Returns None when the database does not answer.
LookAtOutbox = Callable[[], Outbox | None]


def start_metrics_listener(
    address: tuple[str, int], token: str, metrics: Metrics, look_at_outbox: LookAtOutbox, version: str
) -> HTTPServer:
    """Answer `GET /metrics` from a thread that ends with the process.

    Callers are answered one after the other, and a slow one is let go: a storm of them costs one thread at most.

    Args:
        address: where to listen.
        token: what callers have to send as a bearer token; "" for nothing.
        metrics: what this process counts.
        look_at_outbox: reads the outbox's state.
        version: of Préau.

    Raises:
        OSError: The address cannot be listened on.
    """
    expected = f"Bearer {token}".encode()

    class Handler(BaseHTTPRequestHandler):
        """One caller."""

        timeout = _SLOWEST_CALLER_SECONDS

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self._answer(404, b"")
            elif token and not hmac.compare_digest(self.headers.get("Authorization", "").encode(), expected):
                self._answer(401, b"", ("WWW-Authenticate", "Bearer"))
            else:
                page = render_metrics(metrics, look_at_outbox, version)
                self._answer(200, page, ("Content-Type", "text/plain; version=0.0.4; charset=utf-8"))

        def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body))), ("Cache-Control", "no-store")):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that http.server passes
            """Say nothing: a line for each scrape would be noise."""

    class Server(HTTPServer):
        address_family = AF_INET6 if ":" in address[0] else AF_INET

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Tell of a caller that went away, or of a fault of ours, without what he sent."""
            del request, client_address
            structlog.get_logger("preau.metrics").warning("a caller of /metrics got no answer", exc_info=True)

    server = Server(address, Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def render_metrics(metrics: Metrics, look_at_outbox: LookAtOutbox, version: str) -> bytes:
    """Return all numbers in Prometheus' text format 0.0.4."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    directory = files_directory()
    if directory is None:
        registry = metrics.registry
        counted = generate_latest(registry)
    else:
        bury_dead_processes(Path(directory))
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]  # the library's
        counted = generate_latest(registry)
    asked = CollectorRegistry()
    asked.register(_ReadNow(look_at_outbox, version))
    return counted + generate_latest(asked)


class _ReadNow:
    """Collects what nobody counts: the outbox, the processes, the build."""

    def __init__(self, look_at_outbox: LookAtOutbox, version: str) -> None:
        self._look_at_outbox = look_at_outbox
        self._version = version

    def collect(self) -> "Iterator[Metric]":
        outbox = self._look_at_outbox()
        yield _gauge(catalogue.OUTBOX_READABLE, {(): 0 if outbox is None else 1})
        if outbox is not None:
            yield _gauge(catalogue.OUTBOX_MESSAGES, {("waiting",): outbox.waiting, ("due",): outbox.due})
            yield _gauge(catalogue.OUTBOX_AGE, {(): outbox.oldest_due_seconds})
        weights = _weights()
        yield _gauge(catalogue.PROCESSES, {(role,): len(found) for role, found in weights.items()})
        yield _gauge(catalogue.RESIDENT, {(role,): max(found) for role, found in weights.items() if found})
        yield _gauge(catalogue.BUILD, {(self._version, platform.python_version()): 1})


def _gauge(measure: catalogue.Measure, values: dict[tuple[str, ...], float]) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(measure.name, measure.meaning, labels=tuple(measure.labels))
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _weights() -> dict[str, list[int]]:
    """Return the resident bytes of each process of this server, by role. Linux alone tells; elsewhere the lists are empty."""
    own, parent = os.getpid(), os.getppid()
    found: dict[str, list[int]] = {"parent": [], "web": [], "outbox": []}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, ppid = (place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            role = {own: "outbox", parent: "parent"}.get(int(place.name), "web" if int(ppid) == parent else "")
            if role and state not in "ZX":
                found[role].append(int((place / "statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES)
        except (OSError, ValueError):
            continue  # it ended meanwhile
    return found
