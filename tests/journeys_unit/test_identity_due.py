"""When a password is followed by a child's birth date."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.journeys.policy import SignInPolicy
from idp.journeys.questions import is_identity_due
from idp.people.records import Account

NOW = datetime(2031, 3, 14, 9, 26, tzinfo=UTC)
JOE = Account(1, "j.dupont0001", "seed", "DUPONT", "Joe", "encoded", identity_at=NOW - timedelta(days=30))


@pytest.mark.parametrize(
    ("mode", "days", "is_known", "due"),
    [
        ("off", 1, False, False),
        ("interval", 31, False, False),
        ("interval", 30, True, True),
        ("unknown-browser", 1, True, False),
        ("unknown-browser", 999, False, True),
    ],
)
def test_the_policy_says_when(mode: str, days: int, is_known: bool, due: bool) -> None:
    policy = SignInPolicy(identity_check=mode, identity_interval=timedelta(days=days))
    assert is_identity_due(JOE, policy, NOW, is_known=is_known) is due


def test_a_testers_demand_needs_no_policy() -> None:
    demanded = replace(JOE, identity_asked=True)
    assert is_identity_due(demanded, SignInPolicy(), NOW, is_known=True)
