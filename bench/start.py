"""How long from `preau serve` to the first healthy answer, and what a worker weighs: `make bench`."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from bench.processes import load_resident_megabytes

ROUNDS = 7
GOAL_SECONDS = 2.5
GOAL_MEGABYTES = 110


def main() -> None:
    """Measure, and print medians beside the goals."""
    seconds, megabytes, after = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        settings = _prepare(Path(folder))
        for number in range(ROUNDS):
            print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
            took, weights, weights_after = _start_once(settings)
            seconds.append(took)
            megabytes.append(max(weights))
            after.append(max(weights_after))
    print(file=sys.stderr)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {ROUNDS} starts, SQLite")
    print(f"start to first healthy answer: median {statistics.median(seconds):.2f} s (goal {GOAL_SECONDS} s)")
    print(
        f"a worker, resident, at that moment: median {statistics.median(megabytes):.0f} MB (goal {GOAL_MEGABYTES} MB)"
    )
    print(f"the same after each page was asked for 50 times: median {statistics.median(after):.0f} MB")


def _prepare(folder: Path) -> Path:
    settings = folder / "preau.toml"
    settings.write_text(
        f"""
issuer = "http://localhost:8455"
test_instance = true
listen = "127.0.0.1:8455"
database_url = "sqlite:///{folder}/preau.db"
master_key_file = "{folder}/master.key"
workers = 2

[[clients]]
client_id = "bench"
client_name = "Bench"
client_secret = "a-secret-for-the-bench"
redirect_uris = ["http://localhost:8456/"]
""",
        encoding="utf-8",
    )
    _preau(settings, "init")
    _preau(settings, "db", "upgrade")
    return settings


def _preau(settings: Path, *words: str) -> None:
    subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", str(settings), *words], check=True, capture_output=True
    )


def _start_once(settings: Path) -> tuple[float, list[float], list[float]]:
    session = requests.Session()
    session.trust_env = False
    began = time.perf_counter()
    server = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", str(settings), "serve"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _is_healthy(session):
            time.sleep(0.01)
        took = time.perf_counter() - began
        weights = load_resident_megabytes(server.pid)
        for _ in range(50):
            for path in ("/connexion", "/.well-known/openid-configuration", "/idp/profile/oidc/jwks"):
                session.get(f"http://localhost:8455{path}", timeout=5)
        return took, weights, load_resident_megabytes(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _is_healthy(session: requests.Session) -> bool:
    try:
        return session.get("http://localhost:8455/readyz", timeout=2).ok
    except requests.ConnectionError:
        return False


if __name__ == "__main__":
    main()
