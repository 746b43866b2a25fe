"""What an operator may write about a client's logout."""

from pathlib import Path

import pytest

from idp.settings import SettingsError
from tests.house.test_settings import ENT, REAL, TEST, load


@pytest.mark.parametrize(
    ("line", "key", "problem"),
    [
        (
            'backchannel_logout_uri = "http://ent.example.org/adieu"',
            "backchannel_logout_uri",
            "must start with https:// (plain http is for this machine and, on a test instance, for test hosts)",
        ),
        (
            'backchannel_logout_uri = "https://ent.example.org/adieu#now"',
            "backchannel_logout_uri",
            "must have no fragment (#)",
        ),
        (
            "backchannel_logout_session_required = true",
            "backchannel_logout_session_required",
            "is for a client with backchannel_logout_uri only",
        ),
        (
            'frontchannel_logout_uri = "https://ent.example.org/adieu#now"',
            "frontchannel_logout_uri",
            "must have no fragment (#)",
        ),
        (
            'frontchannel_logout_uri = "https://other.example.org/adieu"',
            "frontchannel_logout_uri",
            "must have the scheme, host and port of one of redirect_uris",
        ),
        (
            'frontchannel_logout_uri = "https://ent.example.org:99999/adieu"',
            "frontchannel_logout_uri",
            "has an impossible port",
        ),
        (
            "frontchannel_logout_session_required = true",
            "frontchannel_logout_session_required",
            "is for a client with frontchannel_logout_uri only",
        ),
    ],
)
def test_one_fault_is_one_sentence(tmp_path: Path, line: str, key: str, problem: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, REAL + ENT + line)
    number = len((REAL + ENT + line).splitlines())
    assert str(refused.value) == f"clients[0].{key} (from {tmp_path / 'p.toml'}, line {number}) {problem}."


def test_https_addresses_are_accepted_and_the_server_may_be_told_elsewhere(tmp_path: Path) -> None:
    lines = (
        'backchannel_logout_uri = "https://internal.example.org:8443/adieu?tenant=1"\nbackchannel_logout_session_required = true\n'
        'frontchannel_logout_uri = "https://ent.example.org/adieu?tenant=1"\nfrontchannel_logout_session_required = true\n'
    )
    [client] = load(tmp_path, REAL + ENT + lines).clients
    assert client.backchannel_logout_uri == "https://internal.example.org:8443/adieu?tenant=1"
    assert client.frontchannel_logout_uri == "https://ent.example.org/adieu?tenant=1"


def test_a_test_instance_may_tell_a_test_host_by_plain_http(tmp_path: Path) -> None:
    [client] = load(tmp_path, TEST + ENT + 'backchannel_logout_uri = "http://ent.test:8402/adieu"').clients
    assert client.backchannel_logout_uri == "http://ent.test:8402/adieu"
