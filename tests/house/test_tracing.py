"""Traces show what was done and never with whose data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from idp.adapters.stores import make_engine
from idp.runtime import Tracing, install_request_log
from idp.settings import Settings, SettingsError


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(kept: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return Tracing(provider)


@pytest.fixture
def engine(tmp_path: Path, tracing: Tracing) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path}/preau.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (name TEXT PRIMARY KEY)"))
    tracing.watch(engine)
    yield engine
    engine.dispose()


def told(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Return the spans by name, once it is sure that nobody is named."""
    spans = kept.get_finished_spans()
    assert "DUPONT" not in "".join(span.to_json() for span in spans)
    return {span.name: span for span in spans}


ADD = text("INSERT INTO person (name) VALUES (:name)")


def test_a_request_is_a_span_of_its_route_and_its_statements_are_inside(
    kept: InMemorySpanExporter, tracing: Tracing, engine: Engine
) -> None:
    app = Flask(__name__)
    tracing.install(app)
    install_request_log(app)

    @app.get("/person/<name>")
    def person(name: str) -> str:
        with engine.begin() as connection:
            connection.execute(ADD, {"name": name})
        return "ok"

    strange = {"traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}
    app.test_client().get("/person/DUPONT?code=DUPONT", headers=strange)
    app.test_client().get("/nobody/DUPONT")
    spans = told(kept)
    page, statement = spans["GET /person/<name>"], spans["INSERT"]
    assert page.attributes is not None
    assert dict(page.attributes) == {
        "http.request.method": "GET",
        "http.route": "/person/<name>",
        "http.response.status_code": 200,
    }
    assert page.parent is None, "a caller's own trace is not taken over"
    assert statement.attributes is not None
    assert statement.attributes["db.query.text"] == "INSERT INTO person (name) VALUES (?)"
    assert statement.parent is not None
    assert page.context is not None
    assert statement.parent.span_id == page.context.span_id
    assert spans["GET (no such page)"].parent is None


def test_a_statement_that_fails_tells_its_kind_and_not_its_row(kept: InMemorySpanExporter, engine: Engine) -> None:
    for refused in (False, True):
        with engine.connect() as connection:
            if refused:
                with pytest.raises(IntegrityError):
                    connection.execute(ADD, {"name": "DUPONT"})
            else:
                connection.execute(ADD, {"name": "DUPONT"})
                connection.commit()
    failed = [span for span in kept.get_finished_spans() if span.attributes and "error.type" in span.attributes]
    told(kept)
    assert [(span.name, (span.attributes or {})["error.type"], span.events) for span in failed] == [
        ("INSERT", "IntegrityError", ())
    ]


def test_a_call_that_fails_tells_its_kind_and_not_its_words(kept: InMemorySpanExporter, tracing: Tracing) -> None:
    with pytest.raises(OSError, match="DUPONT"), tracing.outbound("sms", "sms.operateur.example"):
        raise OSError("no such number: DUPONT")
    span = told(kept)["call sms"]
    assert span.attributes is not None
    assert dict(span.attributes) == {
        "peer.service": "sms",
        "server.address": "sms.operateur.example",
        "error.type": "OSError",
    }
    assert span.events == ()


def test_without_the_extra_the_setting_that_asks_for_it_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.settings.rules.find_spec", lambda _name: None)
    with pytest.raises(SettingsError) as refused:
        Settings(
            issuer="http://localhost:8400",
            tracing={"otlp_endpoint": "http://localhost:4318/v1/traces"},  # type: ignore[arg-type]  # as a file gives it
        )
    assert str(refused.value) == (
        "tracing.otlp_endpoint needs OpenTelemetry, which is not installed: pip install 'preau[otel]'."
    )
