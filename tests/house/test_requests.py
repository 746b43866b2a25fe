"""Health, the access line, and who is calling."""

import json
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask, g

from idp.runtime import behind_proxies, caller_address, health_blueprint, install_request_log, new_reference


def test_alive_depends_on_nothing_and_ready_on_everything() -> None:
    said = {"database": "", "outbox": "the oldest message waits since 900 s"}
    clock = [0.0]
    app = Flask(__name__)
    app.register_blueprint(
        health_blueprint({name: (lambda name=name: said[name]) for name in said}, now=lambda: clock[0])
    )
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "alive"}
    refused = client.get("/readyz")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert refused.get_json() == {"status": "not ready", "checks": {"database": "ok", "outbox": said["outbox"]}}
    said["outbox"] = ""
    clock[0] = 1.0
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "ready")
    assert ready.headers["Cache-Control"] == "no-store"


def test_a_storm_of_probes_asks_once_in_a_second() -> None:
    asked: list[float] = []
    clock = [0.0]
    words = [""]

    def look() -> str:
        asked.append(clock[0])
        return words[0]

    app = Flask(__name__)
    app.register_blueprint(health_blueprint({"database": look}, now=lambda: clock[0]))
    client = app.test_client()
    for moment in (0.0, 0.5, 0.99, 1.0, 1.5, 2.0):
        clock[0] = moment
        assert client.get("/readyz").status_code == 200
    assert asked == [0.0, 1.0, 2.0]
    words[0] = "does not answer"
    for moment in (3.0, 3.1, 3.25, 3.3):
        clock[0] = moment
        assert client.get("/readyz").status_code == 503
    assert asked[3:] == [3.0, 3.25], "bad news is looked at again sooner"


def test_a_reference_can_be_read_out_on_the_phone() -> None:
    references = {new_reference() for _ in range(200)}
    assert len(references) == 200
    assert all(
        len(reference) == 8 and not set(reference) & set("0O1I") and reference.upper() == reference
        for reference in references
    )


ASK = """
from flask import Flask, g
from idp.runtime import configure_logs, install_request_log
configure_logs("info")
app = Flask("tiny")
install_request_log(app, quiet_routes={"/healthz"})
app.get("/person/<name>", endpoint="person")(lambda name: g.request_reference)
app.get("/healthz", endpoint="health")(lambda: "ok")
client = app.test_client()
print(client.get("/person/DUPONT?code=482913").text)
client.get("/nothing/DUPONT")
client.get("/healthz")
client.open("/person/DUPONT", method="DUPONT")
"""


def test_the_access_line_holds_the_route_and_never_what_was_sent() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
    assert "DUPONT" not in done.stderr
    assert "482913" not in done.stderr
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/person/<name>", 200),
        ("GET", "(no such page)", 404),
        ("(other)", "(no such page)", 405),
    ]
    assert lines[0]["reference"] == done.stdout.strip()
    assert lines[0]["ms"] >= 0


def test_a_quiet_route_is_told_at_debug_and_its_failures_always() -> None:
    program = """
from idp.runtime import configure_logs, install_request_log
from flask import Flask
import sys
configure_logs(sys.argv[1])
app = Flask("tiny")
install_request_log(app, quiet_routes={"/keys"})
app.get("/keys", endpoint="keys")(lambda: "ok")
app.test_client().get("/keys")
app.test_client().post("/keys")
app.view_functions["keys"] = lambda: ("no", 503)
app.test_client().get("/keys")
"""
    told = {}
    for level in ("info", "debug"):
        done = subprocess.run([sys.executable, "-c", program, level], capture_output=True, text=True, check=True)  # noqa: S603  our own program
        told[level] = [(line["level"], line["status"]) for line in map(json.loads, done.stderr.splitlines())]
    assert told == {"info": [("info", 405), ("info", 503)], "debug": [("debug", 200), ("info", 405), ("info", 503)]}


@pytest.mark.parametrize(
    ("hops", "peer", "forwarded", "caller"),
    [
        (0, "203.0.113.5", None, "203.0.113.5"),
        (0, "198.51.100.9", "8.8.8.8", None),  # documentation addresses count as private: a proxy that nobody counted
        (0, "9.9.9.9", "8.8.8.8", "9.9.9.9"),  # a stranger cannot hide
        (0, "10.0.0.2", "8.8.8.8", None),
        (1, "10.0.0.2", "8.8.8.8", "8.8.8.8"),
        (1, "10.0.0.2", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        (2, "10.0.0.2", "1.1.1.1, 8.8.8.8, 10.0.0.3", "8.8.8.8"),
    ],
)
def test_forwarded_addresses_are_believed_for_the_counted_proxies_alone(
    hops: int, peer: str, forwarded: str | None, caller: str | None
) -> None:
    app = Flask(__name__)
    install_request_log(app)

    @app.get("/")
    def who() -> dict[str, str | None]:
        from flask import request

        return {"caller": caller_address(request.environ, hops), "reference": g.request_reference}

    app.wsgi_app = behind_proxies(app.wsgi_app, hops)  # type: ignore[method-assign]  # Flask's own way to wrap an application
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = app.test_client().get("/", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.get_json()["caller"] == caller


def test_without_counted_proxies_the_forwarded_scheme_and_host_are_not_believed() -> None:
    app = Flask(__name__)

    @app.get("/")
    def where() -> str:
        from flask import request

        return request.url

    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert app.test_client().get("/", headers=headers).text == "http://localhost/"
    app.wsgi_app = behind_proxies(app.wsgi_app, 1)  # type: ignore[method-assign]  # Flask's own way to wrap an application
    assert (
        app.test_client().get("/", headers={**headers, "X-Forwarded-Host": "idp.example.org"}).text
        == "https://idp.example.org/"
    )
