"""What a module leaves at the server that it shares with others, none of them finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from idp.adapters import migrate
from idp.adapters.schema import metadata
from idp.adapters.stores import make_engine
from tests.journeys.children import Household
from tests.journeys.people import JOE, PASSWORD
from tests.journeys.visits import bring_back_code
from tests.migrations.test_up_and_down import fill
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database, make_tables
from tests.support.lasting import LastingProviders, load_rows
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.seed import fill_by_commands, put_at_seed
from tests.support.server import RunningServer, write_settings


@contextmanager
def empty_database(kind: str, folder: Path, postgresql_server: str) -> Iterator[str]:
    """Give the address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/preau.db"
        return
    with fresh_postgresql_database(postgresql_server) as url:
        yield url


@pytest.fixture
def dialect(request: pytest.FixtureRequest, server: RunningServer) -> str:
    """Return which of the shared servers this is."""
    del server
    kind: str = request.node.callspec.params["server"]
    return kind


def keys_of(server: RunningServer) -> dict[str, Any]:
    keys: dict[str, Any] = requests.get(f"{server.base}/idp/profile/oidc/jwks", timeout=20).json()
    return keys


def test_after_a_story_the_next_module_finds_the_seed_at_the_same_server(
    dialect: str, server: RunningServer, providers: LastingProviders, sandbox: Sandbox, ent: RelyingParty
) -> None:
    keys = keys_of(server)
    joe = sandbox.activate(JOE.e164, PASSWORD)["identifiant"]
    ent.exchange(bring_back_code(ent, Browser(server.base), joe))
    Browser(server.base).open(ent.authorization_uri())
    sandbox.make_up(joe, nickname="Jo")
    sandbox.arm("http-503", times="always", endpoint="discovery")
    sandbox.do("POST", "clients", redirect_uris=["http://localhost:8402/bref"])
    sandbox.advance(minutes=100)
    left = {
        "account",
        "audit",
        "test_clock",
        "armed_fault",
        "extra_claims",
        "registered_client",
        "op_session",
        "interaction",
    }
    assert providers.left_over(dialect) > left

    assert providers.at_seed(dialect) is server
    assert providers.left_over(dialect) == set()
    assert [person["identifiant"] for person in sandbox.people(JOE.e164)] == [None]
    assert (sandbox.audit(), sandbox.messages(JOE.e164), sandbox.faults()) == ([], [], [])
    assert keys_of(server) == keys
    shown = datetime.fromisoformat(sandbox.do("GET", "clock")["now"])
    assert abs((shown - datetime.now(UTC)).total_seconds()) < 60  # noqa: TID251  no longer moved


@pytest.mark.parametrize("change", ["directory", "keys", "snapshot"])
def test_what_a_reset_keeps_costs_a_new_server(change: str, dialect: str, providers: LastingProviders) -> None:
    server = providers.at_seed(dialect)
    if change == "directory":
        home = Household(Sandbox(server.base))
        home.load(home.pupil("Ève"))
    elif change == "keys":
        Sandbox(server.base).advance(minutes=10)
        Sandbox(server.base).do("POST", "keys/rotate")
    else:
        Sandbox(server.base).do("PUT", "snapshots/mine")
    other = providers.at_seed(dialect)
    assert other.base != server.base
    assert providers.left_over(dialect) == set()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.base}/healthz", timeout=20)


def test_a_row_of_any_table_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/preau.db"
    make_tables(url)
    engine = make_engine(url)
    before = load_rows(engine)
    fill(url)
    after = load_rows(engine)
    engine.dispose()
    assert {table.name for table in metadata.sorted_tables if before.get(table.name) == after.get(table.name)} == {
        "outbox_sender"
    }


@pytest.mark.parametrize("kind", DIALECTS)
def test_a_copied_seed_holds_what_the_commands_make(kind: str, tmp_path: Path, postgresql_server: str) -> None:
    held = []
    for name, put in (("made", fill_by_commands), ("first", put_at_seed), ("copied", put_at_seed)):
        folder = tmp_path / name
        folder.mkdir()
        with empty_database(kind, folder, postgresql_server) as url:
            put(write_settings(folder, 8400, database_url=url), folder)
            assert migrate.is_current(url)
            engine = make_engine(url)
            rows = load_rows(engine)
            engine.dispose()
        assert len(rows.pop("import_run")) == 1  # and it says when
        held.append((rows, {file.name: file.read_bytes() for file in (folder / "school").iterdir()}))
    made, *copies = held
    assert len(made[0]["pupil"]) > 20
    assert len(made[1]) > 6
    assert copies == [made, made]
