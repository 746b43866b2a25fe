"""`protocol.client_keys.ClientKeys` for a `jwks_uri`: few fetches, none in vain, and old keys rather than none, for a while."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from joserfc.jwk import ECKey, Key
from structlog.testing import capture_logs

from idp.adapters import client_keys
from idp.adapters.client_keys import FAILURE_SECONDS, FRESH_SECONDS, STALE_SECONDS, FetchedClientKeys
from idp.protocol.client import Client
from idp.protocol.client_documents import Document, DocumentUnavailableError
from idp.protocol.client_keys import KeysUnavailableError, RegisteredKeys
from tests.protocol.surroundings import ENT

ELSEWHERE = replace(ENT, jwks_uri="https://ent.example/jwks")
ONE, OTHER = (ECKey.generate_key("P-256", parameters={"kid": kid}) for kid in ("one", "other"))


def key_set(*keys: Key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


@dataclass
class Documents:
    """Holds one document, which may be away, and counts who asks for it."""

    body: bytes = field(default_factory=lambda: key_set(ONE))
    fault: str = ""
    asked: int = 0
    places: int = 50
    go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go_on.set()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        assert address.startswith("https://ent.example/")
        if not self.places:
            raise DocumentUnavailableError("was not asked for: try again")
        yield

    def fetch_in_place(self, address: str) -> Document:
        assert address == ELSEWHERE.jwks_uri
        self.asked += 1
        assert self.go_on.wait(20)
        if self.fault:
            raise DocumentUnavailableError(self.fault)
        return Document(self.body)


class Clock:
    """The machine's, moved by hand."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(client_keys, "time", clock)
    return clock


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
def keys(documents: Documents, clock: Clock) -> FetchedClientKeys:
    del clock
    return FetchedClientKeys(documents)


def kids(keys: FetchedClientKeys, client: Client = ELSEWHERE) -> list[str | None]:
    return [key.kid for key in keys.load_keys(client).signing]


def test_keys_that_a_client_registered_are_those_and_nothing_is_fetched(
    keys: FetchedClientKeys, documents: Documents
) -> None:
    registered = replace(ENT, keys=(ONE,), encryption_keys=(OTHER,))
    for found in (keys.load_keys(registered), keys.renew_keys(registered), RegisteredKeys().renew_keys(registered)):
        assert (found.signing, found.encryption) == ((ONE,), (OTHER,))
    assert documents.asked == 0


def test_keys_are_fetched_when_they_are_needed_and_kept_for_ten_minutes(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    assert [kids(keys), kids(keys)] == [["one"], ["one"]]
    clock.now += FRESH_SECONDS - 1
    documents.body = key_set(OTHER)
    assert (kids(keys), documents.asked) == (["one"], 1)
    clock.now += 1
    assert (kids(keys), documents.asked) == (["other"], 2)


def test_an_unknown_kid_has_them_fetched_again_at_once(keys: FetchedClientKeys, documents: Documents) -> None:
    kids(keys)
    documents.body = key_set(ONE, OTHER)
    assert [key.kid for key in keys.renew_keys(ELSEWHERE).signing] == ["one", "other"]
    assert (kids(keys), documents.asked) == (["one", "other"], 2)


def test_kids_that_somebody_makes_up_have_them_fetched_three_times_and_then_every_fifteen_seconds(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    kids(keys)
    for _ in range(100):
        assert keys.renew_keys(ELSEWHERE).signing
    assert documents.asked == 1 + 3
    clock.now += 14
    keys.renew_keys(ELSEWHERE)
    assert documents.asked == 4
    for _ in range(10):
        clock.now += 1.5
        keys.renew_keys(ELSEWHERE)
    assert documents.asked == 5


def test_old_keys_are_used_while_their_address_does_not_answer_for_four_hours(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    kids(keys)
    documents.fault = "does not answer"
    clock.now += STALE_SECONDS - 1
    assert (kids(keys), documents.asked) == (["one"], 2)
    clock.now += 1
    with pytest.raises(KeysUnavailableError, match=r"The jwks_uri of this client was not read: it does not answer\."):
        kids(keys)
    documents.fault = ""
    clock.now += FAILURE_SECONDS
    assert kids(keys) == ["one"]


def test_an_address_that_failed_is_left_alone_for_ten_seconds_by_everybody(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    documents.fault = "answers with status 503"
    for _ in range(20):
        with pytest.raises(KeysUnavailableError, match="answers with status 503"):
            kids(keys)
        with pytest.raises(KeysUnavailableError):
            keys.renew_keys(ELSEWHERE)
    assert documents.asked == 1
    clock.now += FAILURE_SECONDS
    documents.fault = ""
    assert kids(keys) == ["one"]


def test_what_is_no_key_set_takes_the_place_of_none_and_the_log_says_so(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    kids(keys)
    documents.body = b"<html>"
    clock.now += FRESH_SECONDS
    with capture_logs() as lines:
        assert kids(keys) == ["one"]
    assert [line["why"] for line in lines] == ["is not JSON"]
    clock.now += STALE_SECONDS
    with pytest.raises(KeysUnavailableError, match="was not read: it is not JSON"):
        kids(keys)


def test_of_fifty_who_ask_at_once_one_goes_there_and_the_others_get_what_it_brings(
    keys: FetchedClientKeys, documents: Documents
) -> None:
    documents.go_on.clear()
    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(kids, keys) for _ in range(50)]
        while not documents.asked:
            pass
        documents.go_on.set()
        assert [answer.result() for answer in answers] == [["one"]] * 50
    assert documents.asked == 1


def test_of_fifty_who_ask_at_once_for_what_fails_one_goes_there(keys: FetchedClientKeys, documents: Documents) -> None:
    documents.fault = "does not answer"
    documents.go_on.clear()
    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(kids, keys) for _ in range(50)]
        while not documents.asked:
            pass
        documents.go_on.set()
        assert {type(answer.exception()) for answer in answers} == {KeysUnavailableError}
    assert documents.asked == 1


def test_without_a_place_old_keys_are_used_and_without_any_one_is_told_to_try_again(
    keys: FetchedClientKeys, documents: Documents, clock: Clock
) -> None:
    documents.places = 0
    with pytest.raises(KeysUnavailableError, match="try again"):
        kids(keys)
    documents.places = 1
    assert kids(keys) == ["one"], "a full process is nobody's fault"
    documents.places = 0
    clock.now += FRESH_SECONDS
    assert kids(keys) == ["one"]


def test_so_many_addresses_are_remembered_and_no_more(
    keys: FetchedClientKeys, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_keys, "_MOST_ADDRESSES", 2)
    monkeypatch.setattr(documents, "fetch_in_place", lambda _: Document(key_set(ONE)))
    for number in range(5):
        kids(keys, replace(ENT, jwks_uri=f"https://ent.example/{number}"))
    assert list(keys._kept) == ["https://ent.example/3", "https://ent.example/4"]
