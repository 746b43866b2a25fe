"""What an operator says of calls to clients, and what becomes of it."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from idp.choices import address_guard, trust_of
from idp.protocol.client_documents import DocumentUnavailableError
from idp.settings import Settings, create_master_key, load_settings
from idp.world import build_logout_worker, build_world
from tests.support.client_site import running_site, write_certificate

REAL = 'issuer = "https://idp.example.org"\n'
TEST = 'issuer = "http://localhost:8400"\ntest_instance = true\ntest_issuer_hosts = ["idp.ci", "ent.ci"]\n'


def settings(folder: Path, text: str) -> Settings:
    path = folder / "preau.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize("host", ["localhost", "ent.localhost", "127.0.0.1", "ent.test", "ent.example", "ent.ci"])
def test_test_hosts_may_be_anywhere_on_a_test_instance_and_nowhere_else(tmp_path: Path, host: str) -> None:
    assert address_guard(settings(tmp_path, TEST)).is_free_host(host)
    assert not address_guard(settings(tmp_path, REAL)).is_free_host(host)


@pytest.mark.parametrize("host", ["ent.example.org", "10.0.0.1", "169.254.169.254", "metadata.internal"])
def test_other_hosts_are_held_to_the_rule_on_a_test_instance_too(tmp_path: Path, host: str) -> None:
    assert not address_guard(settings(tmp_path, TEST)).is_free_host(host)


def test_a_network_is_open_that_the_operator_names(tmp_path: Path) -> None:
    text = REAL + '[outbound]\nallowed_networks = ["10.2.0.0/16", "fd12::/64"]'
    guard = address_guard(settings(tmp_path, text))
    assert [guard.allows(ip_address(one)) for one in ("10.2.9.9", "fd12::9", "10.3.0.1")] == [True, True, False]
    assert not address_guard(settings(tmp_path, REAL)).allows(ip_address("10.2.9.9"))


def test_a_server_is_trusted_that_the_operator_names(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path / "ent.pem", "ent.example.org")
    trust = trust_of(settings(tmp_path, f'{REAL}[outbound]\nca_file = "{certificate}"'))
    assert trust is not None
    assert len(trust.get_ca_certs()) == 1
    assert trust_of(settings(tmp_path, REAL)) is None


def test_what_is_built_for_people_calls_no_machine_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"""{REAL}database_url = "sqlite:///{tmp_path}/preau.db"\nmaster_key_file = "{tmp_path}/master.key"\n"""
    real = settings(tmp_path, text)
    create_master_key(real.master_key_file)
    world = build_world(real)
    with running_site() as site, capture_logs() as lines:
        for host in ("localhost", "127.0.0.1"):
            with pytest.raises(DocumentUnavailableError):
                world.documents.fetch(site.uri("/a").replace("http://localhost", f"https://{host}"))
    assert ([line["why"] for line in lines], site.asked) == (["AddressBarredError"] * 2, [])
    built: dict[str, Any] = {}
    monkeypatch.setattr("idp.world.LogoutSender", lambda **given: built.update(given))
    build_logout_worker(world)
    assert not built["guard"].is_free_host("localhost")
    world.engine.dispose()
