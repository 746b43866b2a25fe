"""One Chromium for all the rooms of a run: it takes longer to start than most pages take to test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import running_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
