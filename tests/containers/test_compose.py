"""The stack of docker-compose.yml, as a browser on the host finds it. Run by `make containers`, which brings it up."""

import subprocess
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.story import (
    choose_password,
    come_from_the_ent,
    fill_identity,
    fill_kinship,
    press,
    sign_in,
    sign_out_here,
    tell_story,
)
from tests.browser.test_franceconnect_story import heading, identify, prove, sign_out
from tests.containers.stack import FC, IDP, TOKEN, crash, docker, inspect, wait_until_ready
from tests.journeys.people import ANGELA, JOE
from tests.support.sandbox import Sandbox


def test_procedure_1_a_parent_activates_by_sms_and_enters_the_ent(demo: Demo, open_page: Callable[..., Page]) -> None:
    tell_story(demo, open_page(), JOE)


def test_signing_out_at_the_provider_signs_out_of_the_ent_whose_server_is_told(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    tell_story(demo, page, JOE)
    sign_out_here(demo, page)


@pytest.mark.parametrize("scripts", [True, False])
def test_procedure_2_a_parent_comes_through_franceconnect_leaves_and_comes_back(
    demo: Demo, open_page: Callable[..., Page], scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    prove(demo, page, ANGELA)
    page.get_by_role("link", name="Continuer vers ENT Marronnier").click()
    expect(heading(page)).to_have_text("Bonjour Angela DUBOIS")
    sign_out(page, scripts=scripts)
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    expect(heading(page)).to_have_text("Bonjour Angela DUBOIS")


def test_browsers_are_sent_to_localhost_and_servers_to_services() -> None:
    usual = requests.get(f"{IDP}/.well-known/openid-configuration", timeout=20).json()
    inside = requests.get(f"{IDP}/.well-known/openid-configuration", headers={"Host": "idp:8400"}, timeout=20).json()
    moved = {name for name in usual if usual[name] != inside[name]}
    assert {"token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"} < moved
    assert not {"issuer", "authorization_endpoint", "end_session_endpoint"} & moved
    assert all(inside[name].startswith("http://idp:8400/") for name in moved)


def test_the_control_api_wants_its_token(demo: Demo) -> None:
    del demo
    assert requests.get(f"{IDP}/sandbox/v1/clock", timeout=20).status_code == 401
    assert requests.get(f"{FC}/sandbox/v1/clock", timeout=20).status_code == 401


@pytest.mark.parametrize("service", ["idp", "franceconnect", "ent"])
def test_each_program_runs_without_rights_on_a_root_that_it_cannot_write(service: str) -> None:
    described = inspect(service)
    host = described["HostConfig"]
    assert described["Config"]["User"] == "10001:10001"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert {one["HostIp"] for ports in host["PortBindings"].values() for one in ports} == {"127.0.0.1"}
    name = described["Name"].removeprefix("/")
    written = subprocess.run(["docker", "exec", name, "touch", "/opt/preau/x"], capture_output=True, check=False)  # noqa: S603, S607
    assert b"Read-only file system" in written.stderr


def test_postgresql_is_published_nowhere() -> None:
    assert not inspect("postgres")["HostConfig"]["PortBindings"]


def test_stop_and_start_keep_accounts_and_keys(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page()
    come_from_the_ent(demo, page)
    identify(page, "test", "Angela Claire Louise DUBOIS")
    prove(demo, page, ANGELA)
    keys = requests.get(f"{IDP}/idp/profile/oidc/jwks", timeout=20).json()
    docker("compose", "stop", "--timeout", "15")
    docker("compose", "up", "--detach", "--no-build", "--wait", "--wait-timeout", "180")
    assert requests.get(f"{IDP}/idp/profile/oidc/jwks", timeout=20).json() == keys
    other = open_page()
    come_from_the_ent(demo, other)
    identify(other, "test", "Angela Claire Louise DUBOIS")
    expect(heading(other)).to_have_text("Bonjour Angela DUBOIS")


def test_a_power_cut_of_each_in_the_middle_of_an_activation_and_the_story_ends_well(
    demo: Demo, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    come_from_the_ent(demo, page)
    page.get_by_role("link", name="Je n'ai pas de compte").click()
    fill_identity(page, JOE)
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Un code de sécurité a été envoyé")
    crash("idp")
    wait_until_ready()
    # Anew: the connection of the former one died with its server.
    page.fill("#code", Sandbox(IDP, token=TOKEN).code(JOE.e164))
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Je confirme mon lien avec les élèves")
    docker("compose", "kill", "postgres")
    fill_kinship(page, JOE)
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Le service est en panne un moment")
    docker("compose", "start", "postgres")
    wait_until_ready()
    page.go_back()
    fill_kinship(page, JOE)
    press(page, "Continuer")
    expect(heading(page)).to_have_text("Je choisis mon mot de passe")
    crash("postgres")
    crash("idp")
    wait_until_ready()
    identifiant = choose_password(page)
    come_from_the_ent(demo, page)
    sign_in(page, identifiant)
    expect(heading(page)).to_have_text("Bonjour Joe DUPONT")
