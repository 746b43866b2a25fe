"""examples/testcontainers: what its class gives the container is what a provider starts with, and its calls are answered as it expects."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.server import free_port, wait_until_healthy

ROOT = Path(__file__).parents[2]
CLASS = (ROOT / "examples/testcontainers/PreauTest.java").read_text(encoding="utf-8")
LITERAL = r'"((?:[^"\\]|\\.)*)"'


def unescaped(literal: str) -> str:
    return literal.replace('\\"', '"')


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[str]:
    """A provider with the variables and the command of the class, in an empty folder, as /data of the image is."""
    port = free_port()
    address = f"http://localhost:{port}"
    given = {name: unescaped(value) for name, value in re.findall(rf'withEnv\("(\w+)", {LITERAL}\)', CLASS)}
    assert 'withEnv("PREAU_ISSUER", ISSUER)' in CLASS
    (command,) = re.findall(r'withCommand\("sh", "-c", "([^"]+)"\)', CLASS)
    commands = tmp_path / "commands"
    commands.mkdir()
    preau = commands / "preau"
    preau.write_text(f'#!/bin/sh\nexec {sys.executable} -m idp.cli "$@"\n', encoding="utf-8")
    preau.chmod(0o755)
    path = f"{commands}:{os.environ['PATH']}"
    environment = {"PATH": path, "PREAU_ISSUER": address, "PREAU_LISTEN": f"0.0.0.0:{port}", **given}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  the example's own command
            ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, stdout=output, stderr=output
        )
    try:
        (ready,) = re.findall(r'Wait\.forHttp\("([^"]+)"\)', CLASS)
        wait_until_healthy(address, process, log, path=ready)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_a_provider_starts_with_what_the_class_gives_it_and_answers_its_calls(issuer: str) -> None:
    discovery = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    assert discovery["issuer"] == issuer
    headers = dict(re.findall(rf'\.header\("([\w-]+)", {LITERAL}\)', CLASS))
    assert set(headers) == {"X-Preau-Sandbox", "Authorization", "Content-Type"}
    calls = re.findall(rf'call\("(\w+)", "([^"]+)", {LITERAL}\)', CLASS)
    expected = [int(status) for status in re.findall(r"assertEquals\((\d+), ", CLASS)]
    assert [path for _, path, _ in calls] == ["reset", "people/activate"]
    for (method, path, body), status in zip(calls, expected, strict=True):
        answer = requests.request(
            method, f"{issuer}/sandbox/v1/{path}", headers=headers, data=unescaped(body), timeout=10
        )
        assert answer.status_code == status, answer.text
    (shown,) = re.findall(rf"contains\({LITERAL}\)", CLASS)
    assert shown in answer.text
