"""What all rooms share: how many examples hypothesis draws, and what starts once for each worker: Chromium, PostgreSQL."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.support.chromium import running_chromium
from tests.support.databases import running_postgresql

# `make test` draws the same examples each time, `make fuzz` others each time; neither looks at the clock of a busy machine.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", _CALM, derandomize=True, database=None)
settings.register_profile("fuzz", _CALM, max_examples=500, database=None)
settings.load_profile("ci")  # unless pytest is given --hypothesis-profile


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Of one worker. Each module has databases of its own in it."""
    with running_postgresql() as url:
        yield url
