"""Providers of several kinds in this process, and what each says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.support.franceconnect import WITHOUT_CALLS
from tests.support.inside import BASE, running_inside

KINDS = {
    "plain": "",
    "with everything": f'{WITHOUT_CALLS}\n[registration]\nmode = "open"\n',
}


@dataclass(frozen=True)
class Described:
    """One provider and its description."""

    app: Flask
    document: dict[str, Any]


@pytest.fixture(scope="session", params=KINDS)
def described(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with running_inside(tmp_path_factory.mktemp("described"), more=KINDS[request.param]) as inside:
        answer = inside.app.test_client().get("/openapi.json", base_url=BASE)
        yield Described(inside.app, answer.get_json())


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with running_inside(tmp_path_factory.mktemp("everything"), more=KINDS["with everything"]) as inside:
        yield Described(inside.app, inside.app.test_client().get("/openapi.json", base_url=BASE).get_json())
