"""What watches an instance, made from its settings: numbers, traces, and who is told what the outbox does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from idp import __version__
from idp.adapters.messages import OutboxWorker
from idp.journeys.ports import Clock
from idp.journeys.rows import AuditEvent
from idp.runtime import Metrics, NoMetrics, NoTracing, Outbox, Recorder, Tracer, Tracing, start_metrics_listener
from idp.settings import Settings


def make_metrics(settings: Settings) -> Recorder:
    """Return what counts; without `metrics.listen`, what forgets."""
    return Metrics() if settings.metrics.listen else NoMetrics()


def make_tracing(settings: Settings) -> Tracer:
    """Return what traces; without `tracing.otlp_endpoint`, what does not."""
    tracing = settings.tracing
    if tracing.otlp_endpoint is None:
        return NoTracing()
    return Tracing.to_collector(tracing.otlp_endpoint, sample=tracing.sample_percent / 100, version=__version__)


@dataclass(frozen=True, slots=True)
class Watch:
    """Implements `adapters.messages.OutboxWatch`: counts and traces what is sent.

    Attributes:
        hosts: Of what is called for a channel, where the settings name it.
    """

    metrics: Recorder
    tracing: Tracer
    hosts: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings, metrics: Recorder, tracing: Tracer) -> "Watch":
        """Return the one of these settings."""
        hosts = {"sms": urlsplit(settings.sms.url or "").hostname or "", "mail": settings.mail.host}
        return cls(metrics, tracing, hosts)

    @contextmanager
    def sending(self, channel: str) -> Iterator[None]:
        """Last as long as the call to what sends."""
        with self.metrics.upstream(channel), self.tracing.outbound(channel, self.hosts.get(channel, "")):
            yield

    def message(self, channel: str, outcome: str) -> None:
        """Count a try."""
        self.metrics.message(channel, outcome)

    def reported(self, event: AuditEvent) -> None:
        """Count a committed line of the audit trail."""
        self.metrics.journey(event.event, event.details)


def serve_metrics(settings: Settings, metrics: Recorder, worker: OutboxWorker, clock: Clock) -> None:
    """Answer `/metrics` in this process, where the settings say so.

    Raises:
        OSError: The address cannot be listened on.
    """
    if not isinstance(metrics, Metrics):
        return

    def look() -> Outbox | None:
        try:
            state = worker.load_state(clock.now())
        except SQLAlchemyError:
            return None
        return Outbox(state.waiting, state.due, state.oldest_due.total_seconds() if state.oldest_due else 0.0)

    token = settings.metrics.token
    start_metrics_listener(
        settings.metrics.listen_address, token.get_secret_value() if token else "", metrics, look, __version__
    )
