"""The stack that `make containers` has brought up, as the machine sees it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter

IDP, FC, ENT = "http://localhost:8400", "http://localhost:8401", "http://localhost:8402"
TOKEN = "fictional-data-only"
_PATIENCE = 60  # seconds


def docker(*words: str) -> str:
    """Run a command of Docker and return what it printed."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607


def inspect(service: str) -> dict[str, Any]:
    """Return what Docker knows of a service's one container."""
    name = docker("compose", "--profile", "scale", "ps", "--quiet", service).strip()
    described: dict[str, Any] = json.loads(docker("inspect", name))[0]
    return described


def crash(service: str) -> None:
    """Kill a service's first process, as a power cut does, and wait until Docker, whom nobody asked to, has started it again."""
    before = inspect(service)["State"]["Pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: inspect(service)["State"]["Pid"] not in {0, before}, f"{service} to be started again")


def wait_until_ready() -> None:
    """Wait until the provider says that all it needs is there: the database too."""
    time.sleep(1)  # it repeats for as long what it said before
    wait_until(_is_ready, "the provider")


def _is_ready() -> bool:
    try:
        return requests.get(f"{IDP}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so: what Docker tells comes after what it tells of."""
    end = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"waited for {what} in vain"
        time.sleep(0.1)


def address_of(service: str) -> str:
    """Return the address of a service in the network that browsers come by."""
    networks = inspect(service)["NetworkSettings"]["Networks"].items()
    [address] = {one["IPAddress"] for name, one in networks if "front" in name}
    return str(address)


class Replica(HTTPAdapter):
    """Sends what is meant for the provider to one of its replicas, past the proxy."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._there = f"http://{address_of(service)}:8400"

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """Send it there; whoever asked sees the provider's own address, so that cookies are those of one site."""
        meant = request.url or ""
        request.headers["Host"] = IDP.removeprefix("http://")
        request.url = meant.replace(IDP, self._there)
        response = super().send(request, *args, **more)
        response.url = request.url = meant
        return response


def only(session: requests.Session, service: str) -> None:
    """Let a session reach one replica and no other."""
    session.mount(IDP, Replica(service))
