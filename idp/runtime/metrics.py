"""Counting, while serving: each process adds to files of its own, which `metrics_listener` sums up when it is asked.

prometheus-client is imported by `Metrics` alone, so that an instance without metrics does not carry it.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from idp.runtime import metrics_catalogue as catalogue

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class Recorder(Protocol):
    """What the program tells of itself."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer. `route` and `method` come from closed lists."""

    def gate_wait(self, seconds: float) -> None:
        """Count a wait for the run gate."""

    def journey(self, event: str, details: Mapping[str, object]) -> None:
        """Count a committed line of the audit trail."""

    def message(self, channel: str, outcome: str) -> None:
        """Count a try to send: ``sent``, ``later`` or ``given-up``."""

    def database_error(self, kind: str) -> None:
        """Count a statement that failed."""

    def upstream(self, name: str) -> AbstractContextManager[None]:
        """Measure a call to another service; an exception that crosses it makes it a failure."""

    def waiting(self) -> AbstractContextManager[None]:
        """Be one of those that wait for argon2."""

    def running(self) -> AbstractContextManager[None]:
        """Be one of those that argon2 works for, and measure it."""


class NoMetrics:
    """Implements `Recorder` by forgetting everything."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Do nothing."""

    def gate_wait(self, seconds: float) -> None:
        """Do nothing."""

    def journey(self, event: str, details: Mapping[str, object]) -> None:
        """Do nothing."""

    def message(self, channel: str, outcome: str) -> None:
        """Do nothing."""

    def database_error(self, kind: str) -> None:
        """Do nothing."""

    def upstream(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002  of the protocol
        """Do nothing."""
        return nullcontext()

    def waiting(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def running(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()


class Metrics:
    """Implements `Recorder` by prometheus-client.

    In `preau serve` the files of all processes are summed up; elsewhere the numbers live in this object's registry.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry

        self.registry: CollectorRegistry = CollectorRegistry()
        self._families = {one.name: _make(one, self.registry) for one in catalogue.COUNTED}
        # Looking a label's number up costs as much as adding to it: those of the hot path are kept. All labels come from closed lists.
        self._requests: dict[tuple[str, str, int], Any] = {}
        # An alert on growth needs the 0 before the first event.
        for event in catalogue.JOURNEY_EVENTS:
            self._families[catalogue.JOURNEYS.name].labels(*catalogue.journey_labels(event, {}))

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        key = (route, method, status // 100)
        child = self._requests.get(key)
        if child is None:
            child = self._families[catalogue.REQUESTS.name].labels(route, method, f"{status // 100}xx")
            self._requests[key] = child
        child.observe(seconds)

    def gate_wait(self, seconds: float) -> None:
        """Count a wait for the run gate."""
        self._families[catalogue.GATE_WAIT.name].observe(seconds)

    def journey(self, event: str, details: Mapping[str, object]) -> None:
        """Count a committed line of the audit trail."""
        self._families[catalogue.JOURNEYS.name].labels(*catalogue.journey_labels(event, details)).inc()

    def message(self, channel: str, outcome: str) -> None:
        """Count a try to send."""
        self._families[catalogue.MESSAGES.name].labels(channel, outcome).inc()

    def database_error(self, kind: str) -> None:
        """Count a statement that failed."""
        self._families[catalogue.DATABASE_ERRORS.name].labels(kind).inc()

    @contextmanager
    def upstream(self, name: str) -> Iterator[None]:
        """Measure a call to another service."""
        began, outcome = perf_counter(), "failed"
        try:
            yield
            outcome = "answered"
        finally:
            self._families[catalogue.UPSTREAM.name].labels(name, outcome).observe(perf_counter() - began)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Be one of those that wait for argon2."""
        with self._families[catalogue.HASH_WAITING.name].track_inprogress():
            yield

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be one of those that argon2 works for."""
        with (
            self._families[catalogue.HASH_RUNNING.name].track_inprogress(),
            self._families[catalogue.HASH_SECONDS.name].time(),
        ):
            yield


def _make(measure: catalogue.Measure, registry: "CollectorRegistry") -> Any:
    from prometheus_client import Counter, Gauge, Histogram

    labels = tuple(measure.labels)
    if measure.kind == "histogram":
        return Histogram(measure.name, measure.meaning, labels, registry=registry, buckets=measure.buckets)
    if measure.kind == "gauge":
        return Gauge(measure.name, measure.meaning, labels, registry=registry, multiprocess_mode="livesum")
    return Counter(measure.name, measure.meaning, labels, registry=registry)
