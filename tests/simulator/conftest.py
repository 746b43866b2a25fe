"""One simulator, one service, one browser, one tester."""

import pytest
from flask import Flask

from tests.simulator.world import OTHER_CALLBACK, PRIVATE, Browser, Hand, Service, simulator


@pytest.fixture
def app() -> Flask:
    return simulator(PRIVATE)


@pytest.fixture
def service(app: Flask) -> Service:
    return Service(app)


@pytest.fixture
def private(app: Flask) -> Service:
    return Service(app, "prive", "secret-du-service-prive", OTHER_CALLBACK)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def hand(app: Flask) -> Hand:
    return Hand(app)
