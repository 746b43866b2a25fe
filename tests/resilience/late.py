"""A process that shares a house's database and is always a moment late."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from idp.adapters.stores import SqlStores, SqlUnit
from idp.app import build_pages
from idp.settings import load_settings
from idp.world import build_world
from tests.resilience.house import House
from tests.support.browser import Browser


class Meanwhile(SqlStores):
    """Stores of a process that is always a moment late: something happens right before each of its transactions."""

    act: Callable[[SqlUnit], object] = staticmethod(lambda _: None)

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        with super().writing() as desk:
            self.act(desk)
        with super().writing() as desk:
            yield desk


def late(house: House, browser: Browser, act: Callable[[SqlUnit], object]) -> "Late":
    """Return a process that is a moment late, with a browser's cookies."""
    world = build_world(load_settings(house.settings))
    stores = Meanwhile(world.engine, world.secrets)
    stores.act = act  # type: ignore[method-assign]  # a test's own
    return Late(house, build_pages(replace(world, stores=stores)).test_client(), world.engine, browser)


class Late:
    """One request to a process that is a moment late."""

    def __init__(self, house: House, client: object, engine: object, browser: Browser) -> None:
        self._house, self._client, self._engine = house, client, engine
        for name, value in browser.http.cookies.items():
            client.set_cookie(name, value, domain="localhost")  # type: ignore[attr-defined]

    def ask(self, address: str, data: dict[str, str] | None = None) -> str:
        """Send it and return where it leads."""
        path = address.removeprefix(self._house.base)
        method = self._client.get if data is None else self._client.post  # type: ignore[attr-defined]
        answer = method(path, base_url=self._house.base, data=data)
        self._engine.dispose()  # type: ignore[attr-defined]
        assert answer.status_code < 500
        return str(answer.headers.get("Location", ""))
