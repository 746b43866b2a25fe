"""A provider in this process, on each database, that knows the families of `school`."""

from collections.abc import Iterator

import pytest

from tests.strangers.school import begin_again, fill_school
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.inside import Inside, running_inside


@pytest.fixture(scope="session", params=DIALECTS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    directory = tmp_path_factory.mktemp("strangers")
    if request.param == "sqlite":
        with running_inside(directory) as inside:
            fill_school(inside.world.engine)
            yield inside
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_inside(directory, database_url=url) as inside,
    ):
        fill_school(inside.world.engine)
        yield inside


@pytest.fixture
def inside(provider: Inside) -> Inside:
    begin_again(provider)
    return provider
