"""Where an address that a stranger chose may lead (OWASP, Server Side Request Forgery; OpenID Connect Core 1.0 section 6.2 fetches)."""

import socket
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from idp.adapters.address_guard import AddressBarredError, AddressGuard, is_public
from tests.support.client_site import running_site

Found = list[tuple[Any, ...]]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.88.99.1", "192.0.2.1", "198.18.0.1", "203.0.113.7",
        "168.63.129.16", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%lo", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "2001:db8::1", "3fff::1", "2001::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::",
    ],
)  # fmt: skip
def test_what_is_not_the_public_network_is_barred(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not AddressGuard().allows(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "193.0.14.129", "2001:4860:4860::8888", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_public_network_is_allowed(address: str) -> None:
    assert AddressGuard().allows(ip_address(address))


@pytest.mark.parametrize("address", ["10.2.3.4", "::ffff:10.2.3.4", "fd12::1"])
def test_a_network_that_the_operator_allows_is_allowed_and_no_other(address: str) -> None:
    guard = AddressGuard(networks=[ip_network("10.2.0.0/16"), ip_network("fd12::/64")])
    assert guard.allows(ip_address(address))
    assert not guard.allows(ip_address("10.3.0.1"))
    assert not guard.allows(ip_address("fd12:0:0:1::1"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "ent.localhost", "2130706433", "0x7f.1", "127.1", "::1", "0"]
)
def test_nothing_is_connected_to_on_this_machine_however_it_is_written(host: str) -> None:
    with running_site() as site:
        port = int(site.base.rpartition(":")[2])
        with pytest.raises(AddressBarredError):
            AddressGuard().connect(host, port, 2)
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ent.localhost"])
def test_a_free_host_may_be_anywhere(host: str) -> None:
    with running_site() as site:
        port = int(site.base.rpartition(":")[2])
        guard = AddressGuard(is_free_host=lambda name: name == host)
        with guard.connect(host, port, 2) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
        with pytest.raises(AddressBarredError):
            guard.connect("127.0.0.2", port, 2)


def answering(*answers: list[str]) -> Callable[..., Found]:
    """Return a resolver that gives one answer after the other."""
    waiting = list(answers)

    def resolve(_host: str, port: int, **_more: object) -> Found:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in waiting.pop(0)]

    return resolve


def test_a_name_that_leads_elsewhere_a_moment_later_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_site(address="127.0.0.2") as allowed:
        port = int(allowed.base.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", answering(["127.0.0.2"], ["127.0.0.1"]))
        guard = AddressGuard(networks=[ip_network("127.0.0.2/32")])
        with guard.connect("rebinds.example", port, 2) as connection:
            assert connection.getpeername() == ("127.0.0.2", port)
        with pytest.raises(AddressBarredError):
            guard.connect("rebinds.example", port, 2)


def test_of_several_addresses_those_that_are_allowed_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_site(address="127.0.0.2") as allowed:
        port = int(allowed.base.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", answering(["127.0.0.1", "127.0.0.3", "127.0.0.2"]))
        guard = AddressGuard(networks=[ip_network("127.0.0.2/31")])
        with guard.connect("several.example", port, 2) as connection:
            assert connection.getpeername()[0] == "127.0.0.2"


def test_a_name_that_is_none_and_a_host_that_no_name_can_have_are_faults_of_the_network() -> None:
    for host in ("nobody.invalid", "a" * 64 + ".example", "\ud800.example"):
        with pytest.raises(OSError) as raised:  # noqa: PT011  whichever of them
            AddressGuard().connect(host, 443, 2)
        assert not isinstance(raised.value, AddressBarredError)


def never_answering(asked: list[str]) -> Callable[..., Found]:
    """Return a resolver that notes names, and gives up too late."""

    def resolve(host: str, *_positions: object, **_more: object) -> Found:
        asked.append(host)
        time.sleep(1)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    return resolve


def test_a_resolver_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", never_answering([]))
    guard, began = AddressGuard(), time.monotonic()
    with pytest.raises(TimeoutError):
        guard.connect("slow.example", 443, 0.1)
    assert time.monotonic() - began < 0.9


def test_names_that_nobody_waits_for_any_more_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", never_answering(asked))
    guard = AddressGuard()
    for number in range(20):
        with pytest.raises(TimeoutError):
            guard.connect(f"slow-{number}.example", 443, 0.01)
    assert len(asked) == 16
