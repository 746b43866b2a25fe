"""Two families are read from what a browser says of itself, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.journeys.devices import BROWSERS, SYSTEMS, find_device

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "firefox android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36", "chrome android"),
        (
            f"Mozilla/5.0 (Linux; Android 14) {_WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "samsung android",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0", "edge windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0 Safari/537.36 OPR/124.0", "opera windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/18.6 Safari/604.1",
            "safari ios",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 CriOS/142.0 Safari/604.1",
            "chrome ios",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.6 Safari/605.1", "safari macos"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/142.0 Safari/537.36", "chrome chromeos"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "firefox linux"),
        ("curl/8.16.0", ""),
        ("", ""),
        ("Windows", " windows"),
        ("x" * 600 + " Firefox/145.0", ""),
    ],
)
def test_families(said: str, found: str) -> None:
    assert find_device(said) == found


@given(st.text())
def test_whatever_is_said_only_families_are_kept(said: str) -> None:
    browser, _, system = find_device(said).partition(" ")
    assert browser in {"", *BROWSERS}
    assert system in {"", *SYSTEMS}
