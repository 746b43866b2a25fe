"""Snapshots, as a tester keeps and gives them back."""

from datetime import datetime

import pytest

from franceconnect_bridge.simulator.settings import Settings
from idp.world import World
from tests.contracts.rows import add_account
from tests.sandbox.conftest import Control
from tests.sandbox.test_siblings import clock_of, create_simulator, leading, served
from tests.support.server import free_port


def test_a_world_is_saved_given_back_and_forgotten(control: Control, world: World) -> None:
    add_account(world.stores, world.clock.now())
    control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
    saved = control.ask("PUT", "snapshots/joe-is-there").get_json()
    assert (saved["name"], saved["rows"]) == ("joe-is-there", 1)
    assert saved["saved_at"].startswith("2031-03-14T09:00:")
    control.ask("POST", "reset")
    assert control.ask("GET", "people/j.dupont0001").status_code == 404
    assert control.ask("GET", "snapshots").get_json() == [saved]
    assert control.ask("POST", "snapshots/joe-is-there/restore").status_code == 204
    assert control.ask("GET", "people/j.dupont0001").get_json()["identifiant"] == "j.dupont0001"
    assert datetime.fromisoformat(control.ask("GET", "clock").get_json()["now"]).year == 2031
    assert control.ask("DELETE", "snapshots/joe-is-there").status_code == 204
    assert control.ask("GET", "snapshots").get_json() == []


@pytest.mark.parametrize("name", ["Joe", "a b", "%00", "a" * 65, "-", "joe%0A"])
def test_a_name_that_is_not_right_is_refused(control: Control, name: str) -> None:
    assert control.ask("PUT", f"snapshots/{name}").status_code == 422
    assert control.ask("POST", f"snapshots/{name}/restore").status_code == 404
    assert control.ask("DELETE", f"snapshots/{name}").status_code == 404


def test_one_more_than_may_be_kept_is_refused(control: Control) -> None:
    for number in range(20):
        assert control.ask("PUT", f"snapshots/{number}").status_code == 200
    assert control.ask("PUT", "snapshots/one-more").status_code == 409


def test_siblings_begin_again_at_the_time_that_was_given_back(world: World) -> None:
    port = free_port()
    with served(create_simulator(Settings(f"http://localhost:{port}", f"127.0.0.1:{port}")), port) as simulator:
        control = leading(world, simulator)
        control.ask("PUT", "clock", json={"now": "2031-03-14T09:00:00Z"})
        control.ask("PUT", "snapshots/start")
        control.ask("POST", "reset")
        assert not clock_of(simulator)["now"].startswith("2031")
        assert control.ask("POST", "snapshots/start/restore").status_code == 204
        assert clock_of(simulator)["now"].startswith("2031-03-14T09:00")
