"""A provider in this process on SQLite, for speed, and the real server on PostgreSQL, for fewer examples."""

from collections.abc import Iterator

import pytest

from idp.world import build_outbox_worker
from tests.properties.doors import InProcess, OverHttp
from tests.strangers.school import begin_again, fill_school
from tests.support.databases import fresh_postgresql_database
from tests.support.franceconnect import WITHOUT_CALLS
from tests.support.inside import running_inside
from tests.support.resources import RESOURCES
from tests.support.server import running_server

OPEN_TO_ALL = RESOURCES.replace('name = "CDI"', 'name = "CDI"\nopen_to_registration = true')
WIDE_OPEN = f"""
{OPEN_TO_ALL}
[sign_in]
tries_per_identifiant_and_address = 1000000
tries_per_identifiant = 1000000
tries_per_address = 1000000

[throttle]
registrations_per_minute = 1000000

[registration]
mode = "open"
"""


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    with running_inside(tmp_path_factory.mktemp("properties"), more=WIDE_OPEN + WITHOUT_CALLS) as inside:
        fill_school(inside.world.engine)
        begin_again(inside)
        build_outbox_worker(inside.world).run_once()  # `/readyz` wants a sender that was seen
        with InProcess(inside) as door:
            yield door


@pytest.fixture(scope="session")
def http_door(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Iterator[OverHttp]:
    directory = tmp_path_factory.mktemp("over-http")
    with (
        fresh_postgresql_database(postgresql_server) as url,
        running_server(directory, more=f'log_level = "debug"\n{WIDE_OPEN}{WITHOUT_CALLS}', database_url=url) as running,
        OverHttp(running) as door,
    ):
        yield door
