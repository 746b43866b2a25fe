"""The smallest application that `serve` can be asked to serve: it says who it is, reads a body, waits when told to."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import requests
from flask import Flask, request

from idp.runtime import (
    Bulkhead,
    BusyAnswer,
    GatedApplication,
    OutboundRefusedError,
    RunGate,
    behind_proxies,
    caller_address,
    refusals,
)
from idp.settings import Settings


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__)
    gate = RunGate(settings.requests_at_once)
    outbound = Bulkhead(gate)
    words: dict[str, Any] = {
        "test_instance": settings.test_instance,
        "secure": settings.secure,
        "machine_paths": ("/machine",),
    }

    @app.get("/pid")
    def pid() -> str:
        return str(os.getpid())

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    @app.get("/caller")
    def caller() -> str:
        return str(caller_address(request.environ, settings.trusted_proxies))

    @app.get("/secrets")
    def secrets() -> str:
        return ",".join(name for name in request.environ if name.startswith("PREAU_"))

    @app.get("/wait")
    def wait() -> str:
        """Wait outside the gate until the file appears."""
        (Path(request.args["dir"]) / "waiting").touch()
        with gate.released():
            while not (Path(request.args["dir"]) / "go").exists():
                Event().wait(0.01)
        return "waited"

    _add_capacity(app, outbound)
    app.wsgi_app = behind_proxies(  # type: ignore[method-assign]  # Flask's own way to wrap an application
        GatedApplication(app.wsgi_app, gate, BusyAnswer(**words), refusals(**words)), settings.trusted_proxies
    )
    return app


def _add_capacity(app: Flask, outbound: Bulkhead) -> None:
    @app.get("/hold")
    def hold() -> str:
        """Hold the gate until the file appears."""
        (Path(request.args["dir"]) / "waiting").touch()
        while not (Path(request.args["dir"]) / "go").exists():
            Event().wait(0.01)
        return "held"

    @app.get("/upstream")
    def upstream() -> tuple[str, int]:
        """Ask another service, which may never answer."""
        try:
            with outbound.around():
                return requests.get(request.args["url"], timeout=60).text, 200
        except OutboundRefusedError:
            return "refused", 503
        except requests.ConnectionError:
            return "gone", 502

    @app.get("/outbound")
    def count_outbound() -> dict[str, int]:
        return {"in_use": outbound.calls.in_use, "refused": outbound.calls.refused}

    @app.get("/healthz")
    def healthz() -> str:
        return "alive"


def create_slowly(settings: Settings) -> Flask:
    """Never get to the end: a web process that is still loading when it is told to stop."""
    Path(settings.sms.file).write_text(str(os.getpid()), encoding="ascii")
    Event().wait()
    raise AssertionError


def begin_late(_parent: int) -> None:
    """Be a child that the machine gives no time to begin: where it stands in the fork is where it stays."""
    with Path("/proc/self/comm").open("w", encoding="ascii") as name:
        name.write("late")
    Event().wait()


def create_broken(_settings: Settings) -> Callable[..., object]:
    """Fail at each request, outside of any framework."""

    def answer(_environ: object, _start_response: object) -> object:
        raise ValueError("DUPONT Joe")

    return answer


def fail_outbox(_settings: Settings) -> None:
    """Fail, with somebody's name."""
    raise ValueError("MARTIN Zoé")


def create_nothing(_settings: Settings) -> Flask:
    """Fail, as a broken database would make it."""
    raise RuntimeError("no database")


def run_outbox(settings: Settings) -> None:
    """Write who we are beside the texts, and wait for SIGTERM."""
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    Path(settings.sms.file).write_text(str(os.getpid()), encoding="ascii")
    told.wait()
    Path(settings.sms.file).with_suffix(".ended").touch()
