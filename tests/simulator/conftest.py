"""A browser at a simulator."""

import pytest

from tests.simulator.service import TOWN_HALL, Visit, make_visit


@pytest.fixture
def visit() -> Visit:
    return make_visit(clients=(TOWN_HALL,))
