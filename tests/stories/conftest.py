"""Makes the stories, and writes for each worker what its provider was like at the end of them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.testing.preau import Preau
from tests.stories.leaks import LEAKS, build_in, prepare
from tests.stories.watch import Watch


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stories", type=int, default=20, help="how many")
    parser.addoption("--found", type=Path, help="the folder that takes what each worker found")
    parser.addoption("--leak", choices=LEAKS, action="append", default=[], help="build one in")


def pytest_configure(config: pytest.Config) -> None:
    prepare(config.getoption("leak"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("number", range(metafunc.config.getoption("stories")))


@pytest.fixture(scope="session")
def watch(
    preau_provider: Preau, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watch]:
    (settings,) = tmp_path_factory.getbasetemp().glob("provider[0-9]*/preau/preau.toml")
    watch = Watch(preau_provider.base, settings)
    yield watch
    for leak in pytestconfig.getoption("leak"):
        build_in(leak, preau_provider.base, settings)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    (pytestconfig.getoption("found") / f"{worker}.json").write_text(json.dumps(watch.conclude()), encoding="utf-8")


@pytest.fixture(autouse=True)
def _watched(watch: Watch) -> Iterator[None]:
    yield
    watch.note_story()
