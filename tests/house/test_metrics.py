"""Numbers: complete, closed, summed over processes, and never on the public address."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from idp.journeys.franceconnect_proof import FranceConnectRefusal
from idp.runtime import Metrics, Outbox, RunGate, install_request_log, start_metrics_listener
from idp.runtime.metrics_catalogue import COUNTED, JOURNEY_EVENTS, READ_WHEN_ASKED, journey_labels
from idp.runtime.metrics_listener import render_metrics
from idp.runtime.metrics_reference import render_reference
from tests.support.server import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-prometheus"


def numbers(page: str) -> dict[str, float]:
    """Return each sample, as Prometheus writes it."""
    found = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def look() -> Outbox:
    return Outbox(3, 2, 40.5)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def shown(metrics: Metrics) -> dict[str, float]:
    return numbers(render_metrics(metrics, look, "9.9").decode())


def test_a_request_is_counted_by_its_route_and_never_by_what_it_brought(metrics: Metrics) -> None:
    app = Flask(__name__)
    install_request_log(app, metrics.request)
    app.get("/person/<name>", endpoint="person")(lambda name: name)
    client = app.test_client()
    client.get("/person/DUPONT?code=482913")
    client.get("/person/MARTIN")
    client.get("/nobody/DUPONT")
    client.open("/person/DUPONT", method="DUPONT")
    page = render_metrics(metrics, look, "9.9").decode()
    assert numbers(page)['preau_request_seconds_count{method="GET",route="/person/<name>",status="2xx"}'] == 2
    assert numbers(page)['preau_request_seconds_count{method="GET",route="(no such page)",status="4xx"}'] == 1
    assert not [word for word in ("DUPONT", "MARTIN", "482913") if word in page]


def test_every_event_of_the_audit_trail_has_its_place_and_no_other_has() -> None:
    said = {
        event
        for path in (ROOT / "idp/journeys").glob("*.py")
        for event in re.findall(r'"([a-z-]+\.[a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    said |= {f"franceconnect.{refusal}" for refusal in FranceConnectRefusal if refusal is not FranceConnectRefusal.LOST}
    assert said == set(JOURNEY_EVENTS)


def test_an_identity_that_matched_nobody_is_a_refusal_and_an_unknown_event_is_other(metrics: Metrics) -> None:
    metrics.journey("activation.identity", {"outcome": "match", "guardians": [7]})
    metrics.journey("activation.identity", {"outcome": "no match"})
    metrics.journey("DUPONT.Joe", {"outcome": "482913"})
    counted = {name: value for name, value in shown(metrics).items() if name.startswith("preau_journey_events_total")}
    for outcome in ("accepted", "refused"):
        key = f'preau_journey_events_total{{journey="activation",outcome="{outcome}",step="identity"}}'
        assert counted[key] == 1
    assert counted['preau_journey_events_total{journey="other",outcome="other",step="other"}'] == 1
    assert journey_labels("sign-in.accepted", {}) == ("sign-in", "password", "accepted")


def test_a_call_that_raises_is_a_failure(metrics: Metrics) -> None:
    with metrics.upstream("sms"):
        pass
    with pytest.raises(OSError, match="gone"), metrics.upstream("sms"):
        raise OSError("gone")
    found = shown(metrics)
    assert found['preau_upstream_seconds_count{outcome="answered",upstream="sms"}'] == 1
    assert found['preau_upstream_seconds_count{outcome="failed",upstream="sms"}'] == 1


def test_a_wait_for_the_gate_is_counted_and_no_wait_is_not(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, waits = RunGate(), threading.Event()

    def look_at_the_clock() -> float:
        waits.set()
        return 1.0

    monkeypatch.setattr("idp.runtime.watched_lock.perf_counter", look_at_the_clock)
    gate.watch(metrics.gate_wait)
    with gate.held():
        pass
    assert shown(metrics)["preau_run_gate_wait_seconds_count"] == 0
    done = threading.Event()

    def follow() -> None:
        with gate.held():
            done.set()

    with gate.held():
        follower = threading.Thread(target=follow)
        follower.start()
        assert waits.wait(30), "it looks at the clock when it has to wait"
        assert not done.is_set()
    follower.join(30)
    assert done.is_set()
    assert shown(metrics)["preau_run_gate_wait_seconds_count"] == 1


def test_who_works_and_who_waits_is_seen_while_it_lasts(metrics: Metrics) -> None:
    with metrics.waiting():
        assert shown(metrics)["preau_password_hash_waiting"] == 1
    with metrics.running():
        assert shown(metrics)["preau_password_hash_running"] == 1
    found = shown(metrics)
    assert (found["preau_password_hash_waiting"], found["preau_password_hash_running"]) == (0, 0)
    assert found["preau_password_hash_seconds_count"] == 1


def test_a_database_that_is_gone_takes_its_numbers_away_and_no_others(metrics: Metrics) -> None:
    assert shown(metrics)['preau_outbox_messages{state="due"}'] == 2
    page = render_metrics(metrics, lambda: None, "9.9").decode()
    assert numbers(page)["preau_outbox_readable"] == 0
    assert "preau_outbox_messages" not in page
    assert re.search(r'preau_build_info{python="3\.\d+\.\d+",version="9\.9"} 1\.0', page)


@pytest.fixture
def listener(metrics: Metrics) -> Iterator[str]:
    port = free_port()
    server = start_metrics_listener(("127.0.0.1", port), TOKEN, metrics, look, "9.9")
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def test_only_who_has_the_token_is_answered_and_only_there(listener: str) -> None:
    ask = requests.Session()
    ask.trust_env = False
    assert ask.get(f"{listener}/metrics", timeout=20).status_code == 401
    for wrong in ("Bearer another-token-of-16", f"Basic {TOKEN}", "Bearer été"):
        refused = ask.get(f"{listener}/metrics", headers={"Authorization": wrong.encode()}, timeout=20)
        assert (refused.status_code, refused.text) == (401, ""), wrong
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert "preau_build_info" in ask.get(f"{listener}/metrics", headers=right, timeout=20).text
    assert ask.get(f"{listener}/", headers=right, timeout=20).status_code == 404


COUNT = """
import os, sys
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from idp.runtime.metrics import Metrics
metrics = Metrics()
metrics.request("/connexion", "GET", 200, 0.003)
metrics.message("sms", "sent")
metrics._families["preau_password_hash_running"].inc()
"""
SUM_UP = """
import os, sys
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from idp.runtime.metrics import Metrics
from idp.runtime.metrics_listener import render_metrics
sys.stdout.buffer.write(render_metrics(Metrics(), lambda: None, "9.9"))
"""


def run(program: str, directory: Path) -> str:
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program, str(directory)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_dead_processes_still_count_their_files_go_and_nothing_of_theirs_runs(tmp_path: Path) -> None:
    for _ in range(3):
        run(COUNT, tmp_path)
    assert len(list(tmp_path.glob("*.db"))) == 9
    for _ in range(2):
        found = numbers(run(SUM_UP, tmp_path))
        assert found['preau_request_seconds_count{method="GET",route="/connexion",status="2xx"}'] == 3
        assert found['preau_request_seconds_bucket{le="0.005",method="GET",route="/connexion",status="2xx"}'] == 3
        assert found['preau_messages_total{channel="sms",outcome="sent"}'] == 3
        assert found.get("preau_password_hash_running", 0) == 0
        # What the dead had counted, and what this one that has just ended did.
        assert len(list(tmp_path.glob("*_0.db"))) == 2
        assert len(list(tmp_path.glob("*.db"))) <= 5


def test_an_instance_without_metrics_does_not_carry_their_library() -> None:
    program = "import sys; import idp.app; print(*(one for one in sys.modules if one.startswith(('prometheus_client', 'opentelemetry'))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    assert done.stdout == "\n"


def test_the_page_of_metrics_is_the_one_that_the_code_writes_and_names_all() -> None:
    page = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
    assert page == render_reference(), "run: make docs"
    known = {one.name for one in (*COUNTED, *READ_WHEN_ASKED)}
    assert set(re.findall(r"### (\w+)", page)) == known
    watched = set(re.findall(r"preau_\w+", (ROOT / "docs/how-to/watch-it-run.md").read_text(encoding="utf-8")))
    assert {re.sub("_(count|sum|bucket)$", "", name) for name in watched} <= known


def test_nothing_is_shown_that_the_catalogue_does_not_hold(metrics: Metrics) -> None:
    families = {family.name for family in text_string_to_metric_families(render_metrics(metrics, look, "9.9").decode())}
    known = {one.name.removesuffix("_total") for one in (*COUNTED, *READ_WHEN_ASKED)}
    # How long a histogram has been there is the library's own line.
    assert {name for name in families if not name.endswith("_created")} == known
