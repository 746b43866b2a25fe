"""Traces for OpenTelemetry: a span for each request, statement and call to another service, and nothing of what they carried.

Our own few hooks and not the published instrumentations: those write paths, queries and exceptions' messages into attributes, and here
an attribute is a route's template, a statement without its values, a name that the program gives. OpenTelemetry is an extra, imported when
traces are asked for.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNTRACED = frozenset({"/healthz", "/readyz"})


class Tracer(Protocol):
    """What the program shows of its work."""

    def install(self, app: Flask) -> None:
        """Trace an application's requests; the log's line of each then holds a `trace`."""

    def watch(self, engine: Engine) -> None:
        """Trace a database's statements."""

    def outbound(self, name: str, host: str = "") -> AbstractContextManager[None]:
        """Trace a call to another service, by the name that the program gives it and its host; a path may hold a key."""


class NoTracing:
    """Implements `Tracer` by showing nothing."""

    def install(self, app: Flask) -> None:
        """Do nothing."""

    def watch(self, engine: Engine) -> None:
        """Do nothing."""

    def outbound(self, name: str, host: str = "") -> AbstractContextManager[None]:  # noqa: ARG002  of the protocol
        """Do nothing."""
        return nullcontext()


class Tracing:
    """Implements `Tracer` by OpenTelemetry.

    Args:
        provider: Where spans go.
    """

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("preau")

    @classmethod
    def to_collector(cls, endpoint: str, *, sample: float, version: str) -> "Tracing":
        """Send spans from a thread of this process.

        Args:
            endpoint: where to post them, OTLP over HTTP.
            sample: how many requests of all are traced, from 0 to 1.
            version: of Préau.
        """
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

        provider = TracerProvider(
            # Of this program alone: nothing of the machine or the command line.
            resource=Resource({"service.name": "preau", "service.version": version}),
            sampler=ParentBasedTraceIdRatio(sample),
        )
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        return cls(provider)

    def install(self, app: Flask) -> None:
        """Trace an application's requests.

        A caller's own trace is not taken over: anybody could write into ours.
        """

        @app.before_request
        def begin() -> None:
            route = request.url_rule.rule if request.url_rule else "(no such page)"
            if route in _UNTRACED:
                return
            method = request.method if request.method in _METHODS else "(other)"
            span = self._span(f"{method} {route}", {"http.request.method": method, "http.route": route}, "SERVER")
            g.trace_span = span
            g.trace = format(span.__enter__().get_span_context().trace_id, "032x")

        @app.after_request
        def note(response: Response) -> Response:
            if "trace_span" in g:
                from opentelemetry import trace

                trace.get_current_span().set_attribute("http.response.status_code", response.status_code)
            return response

        @app.teardown_request
        def end(_failure: BaseException | None) -> None:
            if span := g.pop("trace_span", None):
                span.__exit__(None, None, None)

    def watch(self, engine: Engine) -> None:
        """Trace a database's statements, values left out: they are never in the text."""
        system = engine.dialect.name

        @event.listens_for(engine, "before_cursor_execute")
        def begin(
            _connection: object, _cursor: object, statement: str, _values: object, context: Any, _many: bool
        ) -> None:
            if context is not None:
                span = self._span(
                    statement.split(maxsplit=1)[0], {"db.system.name": system, "db.query.text": statement}, "CLIENT"
                )
                span.__enter__()
                context.preau_span = span

        @event.listens_for(engine, "after_cursor_execute")
        def end(
            _connection: object, _cursor: object, _statement: str, _values: object, context: Any, _many: bool
        ) -> None:
            _close(context)

        @event.listens_for(engine, "handle_error")
        def fail(context: Any) -> None:
            _close(context.execution_context, failed=type(context.original_exception).__qualname__)

    @contextmanager
    def outbound(self, name: str, host: str = "") -> Iterator[None]:
        """Trace a call to another service."""
        where = {"server.address": host} if host else {}
        with self._span(f"call {name}", {"peer.service": name, **where}, "CLIENT") as span:
            try:
                yield
            except Exception as failure:
                span.set_attribute("error.type", type(failure).__qualname__)
                raise

    def _span(self, name: str, attributes: dict[str, Any], kind: str) -> AbstractContextManager[Any]:
        from opentelemetry.trace import SpanKind

        # Without the exception: its message may hold a row of the database.
        return self._tracer.start_as_current_span(
            name, attributes=attributes, kind=SpanKind[kind], record_exception=False, set_status_on_exception=False
        )


def _close(context: Any, failed: str = "") -> None:
    span = context.__dict__.pop("preau_span", None) if context is not None else None
    if span is not None:
        from opentelemetry import trace

        if failed:
            trace.get_current_span().set_attribute("error.type", failed)
        span.__exit__(None, None, None)
