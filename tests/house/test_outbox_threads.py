"""The outbox process: one thread sends texts, some send mails, some tell ENTs, and none of them fails unnoticed."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from idp.settings import Settings, create_master_key, load_settings
from idp.world import LOGOUTS_AT_ONCE, MAILS_AT_ONCE, run_outbox
from tests.support.databases import make_tables
from tests.support.server import write_settings

PATIENCE = 30


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = load_settings(write_settings(tmp_path, 8400))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    handler = signal.getsignal(signal.SIGTERM)
    yield settings
    signal.signal(signal.SIGTERM, handler)


class Teller:
    """Stands for what sends mails, or tells ENTs."""

    def __init__(self, failure: Exception | None = None, at_once: int = LOGOUTS_AT_ONCE) -> None:
        self.failure = failure
        self.running: list[str] = []
        self._all = threading.Barrier(at_once)

    def run_until(self, stop: threading.Event) -> None:
        self.running.append(threading.current_thread().name)
        self._all.wait(PATIENCE)
        if self.failure is not None:
            raise self.failure
        signal.raise_signal(signal.SIGTERM)
        stop.wait(PATIENCE)


def test_several_tell_at_once_and_sigterm_ends_them_all(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    teller = Teller()
    monkeypatch.setattr("idp.world.build_logout_worker", lambda _: teller)
    run_outbox(settings)
    assert sorted(teller.running) == [f"logout-{number}" for number in range(LOGOUTS_AT_ONCE)]
    assert not [one for one in threading.enumerate() if one.name.startswith("logout-")]


def test_mails_have_threads_of_their_own_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer = Teller(at_once=MAILS_AT_ONCE)
    monkeypatch.setattr("idp.world.build_mail_worker", lambda _: mailer)
    run_outbox(settings)
    assert sorted(mailer.running) == [f"mail-{number}" for number in range(MAILS_AT_ONCE)]
    assert not [one for one in threading.enumerate() if one.name.startswith("mail-")]


def test_a_thread_that_fails_ends_the_process_which_is_then_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.world.build_logout_worker", lambda _: Teller(LookupError()))
    end_of_patience = threading.Timer(PATIENCE, signal.raise_signal, [signal.SIGTERM])
    end_of_patience.start()
    with capture_logs() as lines:
        run_outbox(settings)
    assert end_of_patience.is_alive(), "it ended by itself"
    end_of_patience.cancel()
    assert "a thread of the outbox failed" in {line["event"] for line in lines}
