"""Words for what an account went through, and for what it runs on."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from idp.journeys.account_answers import AccountNotice, HistoryLine
from idp.journeys.own_history import EVENTS
from idp.web.account_words import say_account_notice, say_date, say_device, say_history

AT = datetime(2026, 11, 1, 20, 40, tzinfo=UTC)


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_of_the_history_has_its_words(client: FlaskClient, event: str) -> None:
    with client.application.test_request_context():
        means, result = say_history(HistoryLine(event, AT))
    assert means
    assert result


@pytest.mark.parametrize("notice", AccountNotice)
def test_each_notice_has_its_words(client: FlaskClient, notice: AccountNotice) -> None:
    with client.application.test_request_context():
        words = say_account_notice(notice)
    assert words is not None
    assert words.first.endswith(".")


@pytest.mark.parametrize("asked", ["", "no-such-notice", "<script>"])
def test_what_is_no_notice_says_nothing(asked: str) -> None:
    assert say_account_notice(asked) is None


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("firefox android", "Firefox sur Android"),
        ("chrome ", "Chrome"),
        (" windows", "Windows"),
        ("", "Appareil inconnu"),
        ("nothing known", "Appareil inconnu"),
    ],
)
def test_a_device_is_said(client: FlaskClient, device: str, said: str) -> None:
    with client.application.test_request_context():
        assert say_device(device) == said


def test_the_first_of_a_month_is_said_so(client: FlaskClient) -> None:
    with client.application.test_request_context():
        assert say_date(AT).replace("\u00a0", " ") == "1er novembre 2026"
