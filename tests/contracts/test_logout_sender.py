"""OpenID Connect Back-Channel Logout 1.0 sections 2.5 and 2.8: one POST, to the registered place alone."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest
from joserfc import jwt

from idp.adapters import sparing
from idp.adapters.address_guard import AddressGuard
from idp.adapters.clients import ConfiguredClients
from idp.adapters.logout_sender import LogoutSender
from idp.adapters.secrets import MasterKey
from idp.adapters.sending import NeverSent, NotSentYet
from idp.journeys.logout_notice import LogoutNotice
from idp.protocol.client import Client
from idp.protocol.signing_keys import SigningKey
from tests.protocol.surroundings import ENT, ISSUER, NOW, signing_key
from tests.support.client_site import running_site, write_certificate
from tests.support.logout_receiver import HANG, LogoutReceiver, running_receiver
from tests.support.server import free_port

NOTICE = LogoutNotice("ent", "a-session", "a-subject", 7).to_message()


class Fixed:
    def now(self) -> datetime:
        return NOW


@dataclass
class Keys:
    """Holds the keys that are there."""

    there: dict[str, SigningKey] = field(default_factory=lambda: {"RS256": signing_key("RS256")})

    def load_active_key(self, algorithm: str) -> SigningKey:
        return self.there[algorithm]

    def load_published_keys(self) -> tuple[SigningKey, ...]:
        return tuple(self.there.values())


@pytest.fixture
def receiver() -> Iterator[LogoutReceiver]:
    with running_receiver() as running:
        yield running


def sender_to(*clients: Client, keys: Keys | None = None, timeout: float = 5, **more: Any) -> LogoutSender:
    return LogoutSender(
        issuer=ISSUER,
        clients=ConfiguredClients(clients),
        keys=keys or Keys(),
        clock=Fixed(),
        secrets=MasterKey(bytes(32)),
        timeout=timeout,
        **more,
    )


def told_at(uri: str, client_id: str = "ent") -> Client:
    return replace(ENT, client_id=client_id, backchannel_logout_uri=uri)


def send(sender: LogoutSender, client_id: str = "ent") -> None:
    sender.send(client_id, NOTICE.body)


def test_the_query_of_the_address_is_kept_and_the_token_is_the_one_field(receiver: LogoutReceiver) -> None:
    send(sender_to(told_at(f"{receiver.uri('ent')}?tenant=a%20b")))
    [told] = receiver.told("ent")
    assert told.query == [("tenant", "a b")]
    assert jwt.decode(told.token, signing_key("RS256").key).claims["sid"] == "a-session"


def test_a_name_under_localhost_is_this_machine_and_hears_its_own_name(receiver: LogoutReceiver) -> None:
    send(sender_to(told_at(receiver.uri("ent").replace("localhost", "ent.localhost"))))
    assert len(receiver.told("ent")) == 1


@pytest.mark.parametrize("clients", [(), (replace(ENT, backchannel_logout_uri=""),)], ids=["gone", "no address"])
def test_a_client_that_is_no_longer_to_be_told_is_not_looked_for(clients: tuple[Client, ...]) -> None:
    with pytest.raises(NeverSent, match="no address"):
        send(sender_to(*clients))


def test_a_refusal_is_final(receiver: LogoutReceiver) -> None:
    receiver.answer("ent", 400)
    with pytest.raises(NeverSent, match="status 400"):
        send(sender_to(told_at(receiver.uri("ent"))))


@pytest.mark.parametrize("status", [302, 401, 404, 503])
def test_any_other_answer_may_change(receiver: LogoutReceiver, status: int) -> None:
    receiver.answer("ent", status)
    with pytest.raises(NotSentYet, match=f"status {status}"):
        send(sender_to(told_at(receiver.uri("ent"))))
    assert receiver.told("elsewhere") == []


def test_without_a_key_nothing_leaves_and_it_waits_for_one(receiver: LogoutReceiver) -> None:
    with pytest.raises(NotSentYet, match="no key"):
        send(sender_to(told_at(receiver.uri("ent")), keys=Keys({})))
    assert receiver.told("ent") == []


def test_no_trouble_names_the_address() -> None:
    port = free_port()
    with pytest.raises(NotSentYet) as raised:
        send(sender_to(told_at(f"http://localhost:{port}/ent?key=a-key")))
    assert "a-key" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_host_that_no_name_can_have_is_a_client_that_does_not_answer() -> None:
    with pytest.raises(NotSentYet, match="did not answer"):
        send(sender_to(told_at(f"http://{'a' * 64}.example/ent")))


def test_who_does_not_answer_is_spared_for_a_while_and_then_asked_by_one(
    receiver: LogoutReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1000.0]
    monkeypatch.setattr(sparing.time, "monotonic", lambda: moment[0])
    sender = sender_to(told_at(receiver.uri("ent")), told_at(receiver.uri("other"), "other"), timeout=0.2)
    receiver.answer("ent", HANG, HANG)
    with pytest.raises(NotSentYet, match="ReadTimeout"):
        send(sender)
    with pytest.raises(NotSentYet, match="a moment ago"):
        send(sender)
    send(sender, "other")
    assert (len(receiver.told("ent")), len(receiver.told("other"))) == (1, 1)
    moment[0] += sparing.SPARED_SECONDS
    with pytest.raises(NotSentYet, match="ReadTimeout"):
        send(sender)
    moment[0] += sparing.SPARED_SECONDS
    send(sender)
    send(sender)
    assert len(receiver.told("ent")) == 4, "it answers again, and nobody waits"


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\n", b""], ids=["endless headers", "endless interim answers"])
def test_an_answer_that_never_ends_is_cut_off_and_its_client_spared(begins: bytes) -> None:
    line = b"X-More: and more\r\n" if begins else b"HTTP/1.1 100 Continue\r\n\r\n"
    with dripping(begins, line) as (port, was_cut_off):
        sender = sender_to(told_at(f"http://127.0.0.1:{port}/ent"), timeout=0.5)
        with suppress(NotSentYet):
            send(sender)
        with pytest.raises(NotSentYet, match="a moment ago"):
            send(sender)
    assert was_cut_off()


@contextmanager
def dripping(begins: bytes, line: bytes) -> Iterator[tuple[int, Callable[[], bool]]]:
    """Answer one call, and then a line ten times a second, for longer than anybody should listen."""
    cut_off = threading.Event()

    def answer() -> None:
        with listener.accept()[0] as caller:
            caller.recv(65_536)
            try:
                caller.sendall(begins)
                for _ in range(90):  # the library itself gives up at 100 headers
                    caller.sendall(line)
                    time.sleep(0.1)
            except OSError:
                cut_off.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1], cut_off.is_set
        thread.join()


def test_while_one_asks_a_client_that_was_silent_the_others_wait_for_what_it_says(
    receiver: LogoutReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [1000.0]
    monkeypatch.setattr(sparing.time, "monotonic", lambda: moment[0])
    second: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        if moment[0] > 1000:
            try:
                send(sender)
            except NotSentYet as failure:
                second.append(str(failure))
        yield

    sender = LogoutSender(
        issuer=ISSUER,
        clients=ConfiguredClients([told_at(receiver.uri("ent"))]),
        keys=Keys(),
        clock=Fixed(),
        secrets=MasterKey(bytes(32)),
        timeout=0.2,
        around=around,
    )
    receiver.answer("ent", HANG)
    with pytest.raises(NotSentYet):
        send(sender)
    moment[0] += sparing.SPARED_SECONDS
    send(sender)
    assert second == ["the client did not answer a moment ago"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "ent.localhost"])
def test_a_client_that_no_settings_file_names_is_told_at_no_address_inside(receiver: LogoutReceiver, host: str) -> None:
    client = told_at(receiver.uri("ent").replace("localhost", host))
    registered = replace(client, in_settings=False)
    with pytest.raises(NotSentYet, match="did not answer"):
        send(sender_to(registered))
    assert receiver.told("ent") == []
    send(sender_to(registered, guard=AddressGuard(is_free_host=lambda name: name == host)))
    send(sender_to(client))
    assert len(receiver.told("ent")) == 2


def test_the_server_of_a_client_may_be_one_that_the_operator_names(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path / "ent.pem", "ent.localhost")
    with running_site(host="ent.localhost", tls=certificate) as site:
        client = told_at(site.uri("/logout"))
        with pytest.raises(NotSentYet, match="SSLError"):
            send(sender_to(client))
        with pytest.raises(NotSentYet, match="status 501"):  # it answers, though it knows no POST
            send(sender_to(client, tls=create_default_context(cafile=certificate)))


def test_a_process_with_too_many_calls_spares_nobody(receiver: LogoutReceiver) -> None:
    full = [True]

    @contextmanager
    def around() -> Iterator[None]:
        if full[0]:
            raise ConnectionError("12 calls are under way")
        yield

    sender = LogoutSender(
        issuer=ISSUER,
        clients=ConfiguredClients([told_at(receiver.uri("ent"))]),
        keys=Keys(),
        clock=Fixed(),
        secrets=MasterKey(bytes(32)),
        around=around,
    )
    with pytest.raises(NotSentYet, match="no place"):
        send(sender)
    full[0] = False
    send(sender)
    assert len(receiver.told("ent")) == 1
