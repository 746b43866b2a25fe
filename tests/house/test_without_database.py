"""The database is gone: one clear page, one machine-readable answer, and no restart once it is back."""

from pathlib import Path

from idp.adapters import migrate
from idp.app import build_pages
from idp.settings import create_master_key, load_settings
from idp.world import build_outbox_worker, build_world
from tests.house.serving import eventually
from tests.support.page import read_page
from tests.support.server import write_settings

BASE = "http://localhost:8400"


def test_a_person_reads_that_it_is_a_moment_and_nothing_needs_a_restart(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path, 8400))
    create_master_key(settings.master_key_file)
    world = build_world(settings)
    client = build_pages(world).test_client()

    answer = client.get("/connexion", base_url=BASE)
    page = read_page(answer.status_code, BASE, answer.headers, answer.text)
    assert (page.status, page.h1) == (503, "Le service est en panne un moment")
    assert answer.headers["Retry-After"] == "30"
    assert "no such table" not in answer.text

    bearer = {"Authorization": "Bearer something"}
    told = client.get("/idp/profile/oidc/userinfo", base_url=BASE, headers=bearer)
    assert (told.status_code, told.get_json()["error"]) == (503, "service_unavailable")
    assert told.headers["Retry-After"] == "30"
    assert client.get("/readyz", base_url=BASE).status_code == 503
    assert client.get("/healthz", base_url=BASE).status_code == 200

    migrate.upgrade(settings.database_url)
    build_outbox_worker(world).run_once()
    assert client.get("/connexion", base_url=BASE, follow_redirects=True).status_code == 200
    eventually(lambda: client.get("/readyz", base_url=BASE).status_code == 200, "it is ready again")
    world.engine.dispose()
