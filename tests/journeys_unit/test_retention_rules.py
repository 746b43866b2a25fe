"""What becomes of an account that nobody uses, at any moment at which somebody looks."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.journeys.retention_ports import ClosingWarning, Standing
from idp.journeys.retention_rules import Act, Case, announce, judge, next_look

AT = datetime(2031, 3, 14, 9, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR, BEFORE = 365 * DAY, (30 * DAY, 7 * DAY)


def case(days: float, warning: ClosingWarning | None = None, **changed: object) -> Case:
    """Return an account that was used at `AT`, so many days later."""
    return replace(Case(Standing(1, AT, warning), YEAR, BEFORE, AT + days * DAY), **changed)  # type: ignore[arg-type]  # its own members


FIRST = announce(case(335))
SECOND = announce(case(358, FIRST))


def test_a_warning_says_the_day_on_which_the_account_has_not_been_used_for_the_whole_delay() -> None:
    assert ClosingWarning(1, AT + 335 * DAY, AT + YEAR) == FIRST
    assert ClosingWarning(2, AT + 358 * DAY, AT + YEAR) == SECOND
    assert next_look(FIRST, BEFORE) == AT + 358 * DAY
    assert next_look(SECOND, BEFORE) == AT + YEAR


@pytest.mark.parametrize(
    ("days", "warning", "act"),
    [
        (334.9, None, Act.KEEP),
        (335, None, Act.WARN),
        (3000, None, Act.WARN),
        (357.9, FIRST, Act.WAIT),
        (358, FIRST, Act.WARN),
        (3000, FIRST, Act.WARN),
        (364.9, SECOND, Act.WAIT),
        (365, SECOND, Act.CLOSE),
        (3000, SECOND, Act.CLOSE),
    ],
)
def test_each_moment_has_its_act(days: float, warning: ClosingWarning | None, act: Act) -> None:
    assert judge(case(days, warning)) is act


@pytest.mark.parametrize("warning", [FIRST, SECOND])
def test_signing_in_makes_a_warning_void_whenever_that_is_noticed(warning: ClosingWarning) -> None:
    used = Standing(1, warning.warned_at + timedelta(seconds=1), warning)
    for days in (359, 366, 3000):
        assert judge(case(days, standing=used)) is Act.KEEP


@pytest.mark.parametrize("warning", [None, FIRST, SECOND])
def test_an_account_whose_end_is_planned_is_left_to_that(warning: ClosingWarning | None) -> None:
    planned = Standing(1, AT, warning, asked_end=AT + 370 * DAY)
    for days in (335, 358, 366):
        assert judge(case(days, standing=planned)) is Act.WAIT


def test_a_late_warning_puts_the_end_off_so_that_each_person_has_the_days_that_it_promises() -> None:
    late = announce(case(700))
    assert late.closes_at == AT + 730 * DAY
    assert judge(case(729, late)) is Act.WARN
    later = announce(case(729, late))
    assert later.closes_at == AT + 736 * DAY
    assert judge(case(735.9, later)) is Act.WAIT
    assert judge(case(736, later)) is Act.CLOSE


def test_a_longer_delay_holds_for_those_who_were_warned_under_a_shorter_one() -> None:
    assert judge(case(366, SECOND, unused_after=2 * YEAR)) is Act.KEEP
    assert judge(case(366, SECOND, unused_after=370 * DAY)) is Act.WAIT
    assert judge(case(370, SECOND, unused_after=370 * DAY)) is Act.CLOSE


def test_a_shorter_delay_never_closes_before_the_day_that_was_announced() -> None:
    assert judge(case(359, SECOND, unused_after=100 * DAY)) is Act.WAIT
    assert judge(case(365, SECOND, unused_after=100 * DAY)) is Act.CLOSE


@dataclass
class Life:
    """An account, a clock, and a purge that does what the rules say."""

    now: datetime = AT
    used_at: datetime = AT
    warning: ClosingWarning | None = None
    heard: tuple[datetime, ...] = ()
    closed: bool = False

    def look(self, unused_after: timedelta, before: tuple[timedelta, ...]) -> None:
        seen = Case(Standing(1, self.used_at, self.warning), unused_after, before, self.now)
        match judge(seen):
            case Act.KEEP:
                self.warning = None
            case Act.WARN:
                self.warning = announce(seen)
                self.heard += (self.warning.closes_at,)
            case Act.CLOSE:
                self.closed = True
                self.check(unused_after, before)

    def check(self, unused_after: timedelta, before: tuple[timedelta, ...]) -> None:
        assert self.now >= self.used_at + unused_after, "it was used within the delay"
        assert len(self.heard) >= len(before), "a warning is missing"
        assert self.now >= max(self.heard), "it was to stay until a later day"
        assert self.warning is not None
        assert self.now >= self.warning.warned_at + before[-1], "the last warning is too young"

    def sign_in(self) -> None:
        self.used_at, self.heard = self.now, ()


EVENTS = st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["look", "look", "look", "sign in"])), max_size=30)
DELAYS = st.sampled_from([(YEAR, BEFORE), (60 * DAY, (30 * DAY,)), (400 * DAY, (90 * DAY, 30 * DAY, DAY))])


@given(EVENTS, DELAYS)
def test_no_account_is_closed_that_was_used_within_the_delay_or_whose_person_was_not_warned(
    events: list[tuple[int, str]], delays: tuple[timedelta, tuple[timedelta, ...]]
) -> None:
    life = Life()
    for days, event in events:
        life.now += days * DAY
        if not life.closed:
            life.sign_in() if event == "sign in" else life.look(*delays)


@given(st.lists(st.integers(1, 40), min_size=60, max_size=60))
def test_an_account_that_nobody_uses_is_closed_in_the_end(pauses: list[int]) -> None:
    life = Life()
    while not life.closed and life.now < AT + 2 * YEAR:
        life.now += pauses[len(life.heard)] * DAY
        life.look(YEAR, BEFORE)
    assert life.closed
    assert len(life.heard) == len(BEFORE)
