"""The demo, started as its README says, and a Chromium to use it with."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.sandbox import Sandbox
from tests.support.server import free_port, wait_until_healthy


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    idp: str
    ent: str
    franceconnect: str
    sandbox: Sandbox


@contextmanager
def running_demo(directory: Path, idp_host: str, ent_host: str, fc_host: str, *more: str) -> Iterator[Demo]:
    """Start `preau demo` on free ports, with more words where they are given, and end it as Ctrl-C does."""
    idp_port, ent_port, fc_port = free_port(), free_port(), free_port()
    log = directory / "demo.log"
    words = ["--directory", str(directory / "demo"), "--idp-port", str(idp_port), "--ent-port", str(ent_port)]
    words += ["--idp-host", idp_host, "--ent-host", ent_host, "--fc-host", fc_host, "--fc-port", str(fc_port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "idp.cli", "demo", *words, *more],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            for port in (idp_port, fc_port, ent_port):
                wait_until_healthy(f"http://localhost:{port}", process, log, path="/healthz")
            idp, ent = f"http://{idp_host}:{idp_port}", f"http://{ent_host}:{ent_port}"
            franceconnect = f"http://{fc_host}:{fc_port}"
            yield Demo(idp, ent, franceconnect, Sandbox(f"http://localhost:{idp_port}"))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "localhost", "localhost", "localhost") as running:
        yield running


@pytest.fixture(scope="session")
def demo_on_names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The same on names of their own: localhost ports share one cookie jar and hide every SameSite fault."""
    with running_demo(
        tmp_path_factory.mktemp("demo-names"), "idp.localhost", "ent.localhost", "fc.localhost"
    ) as running:
        yield running


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a fresh browser: its own cookies, its own size, with JavaScript or without."""
    contexts: list[BrowserContext] = []

    def open_one(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "fr-FR", **options})  # type: ignore[arg-type]  # playwright's own names
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def readable(text: str) -> str:
    """Return words with plain spaces."""
    return re.sub(r"\s+", " ", text)
