"""The pytest plugin: a provider for each worker, and the fixture `preau`, at its seed before each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.testing.preau import Preau
from idp.testing.provider import Wishes, prepare_template, running_provider


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a suite may choose in its pytest configuration."""
    parser.addini("preau_families", "A families document of the suite's own.", type="paths", default=[])
    parser.addini("preau_cases", "Named cases that the provider takes in; default: all.", type="args", default=["all"])
    parser.addini("preau_settings", "More lines of the provider's settings, in TOML, before any table.", default="")


@pytest.fixture(scope="session")
def preau_provider(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preau]:
    """A provider of this worker's own."""
    wishes = Wishes(
        families=tuple(pytestconfig.getini("preau_families")),
        cases=tuple(pytestconfig.getini("preau_cases")),
        settings=pytestconfig.getini("preau_settings"),
    )
    base = tmp_path_factory.getbasetemp()
    template = prepare_template(_shared(base), wishes)
    with running_provider(template, tmp_path_factory.mktemp("provider"), wishes) as address:
        yield Preau(address, wishes.families[0] if wishes.families else None)


@pytest.fixture
def preau(preau_provider: Preau) -> Preau:
    """The provider at its seed."""
    preau_provider.reset()
    return preau_provider


def _shared(base: Path) -> Path:
    """Return the folder that the workers of one run share (pytest-xdist gives each a folder inside it)."""
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
