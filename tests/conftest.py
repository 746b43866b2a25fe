"""What all rooms share: how many examples hypothesis draws, and one Chromium, which takes longer to start than most pages take to test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.support.chromium import running_chromium

# `make test` draws the same examples each time, `make fuzz` others each time; neither looks at the clock of a busy machine.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", _CALM, derandomize=True, database=None)
settings.register_profile("fuzz", _CALM, max_examples=500, database=None)
settings.load_profile("ci")  # unless pytest is given --hypothesis-profile


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
