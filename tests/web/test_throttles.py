"""The window in which uses are counted: when it begins, when it ends, and what is kept of it."""

from idp.web.throttles import Throttle


class Watch:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_window_begins_with_the_first_use_and_lasts_a_minute() -> None:
    watch = Watch()
    throttle = Throttle(2, now=watch)
    watch.seconds += 30
    assert [throttle.count("a") for _ in range(3)] == [True, True, False]
    assert (throttle.is_open("a"), throttle.is_open("b")) == (False, True)
    watch.seconds += 59.9
    assert not throttle.count("a")
    watch.seconds += 0.1
    assert throttle.is_open("a")
    assert throttle.count("a")


def test_asking_whether_one_more_would_pass_counts_nothing() -> None:
    throttle = Throttle(1, now=Watch())
    assert [throttle.is_open("a") for _ in range(5)] == [True] * 5
    assert throttle.count("a")


def test_windows_that_have_ended_are_forgotten_and_the_others_kept() -> None:
    watch = Watch()
    throttle = Throttle(1, now=watch)
    for number in range(1000):
        throttle.count(f"198.51.100.{number}")
    watch.seconds += 45
    throttle.count("late")
    watch.seconds += 30
    assert not throttle.count("late")
    assert set(throttle._windows) == {"late"}
