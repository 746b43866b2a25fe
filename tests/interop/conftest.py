"""Programs that others wrote, as real processes on the loopback. `make interop` installs them."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.server import START_LIMIT_SECONDS

HERE = Path(__file__).parent


@contextmanager
def running_look_alike(folder: Path, port: int, client: Mapping[str, Any], user: Mapping[str, Any]) -> Iterator[str]:
    """Serve oidc-provider as FranceConnect would be, and give its issuer.

    Args:
        folder: For its log.
        port: Where.
        client: Metadata of the one client (OpenID Connect Dynamic Client Registration 1.0 section 2).
        user: Claims of the one person.
    """
    node = shutil.which("node")
    assert node, "node is missing: apt-get install nodejs npm"
    assert (HERE / "node_modules").is_dir(), "run: make interop"
    issuer = f"http://localhost:{port}/api/v2"
    told = json.dumps({"port": port, "client": client, "user": user})
    log = folder / "look-alike.log"
    with log.open("wb") as output:
        process = subprocess.Popen([node, "look_alike.mjs", told], cwd=HERE, stdout=output, stderr=output)  # noqa: S603  our own script
    try:
        ends = time.monotonic() + START_LIMIT_SECONDS
        while True:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                if requests.get(f"{issuer}/.well-known/openid-configuration", timeout=2).ok:
                    break
            except requests.ConnectionError:
                assert time.monotonic() < ends, "the look-alike does not answer"
                time.sleep(0.05)
        yield issuer
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
