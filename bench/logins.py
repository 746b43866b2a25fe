"""What a sign-in costs the server: `python -m bench.logins [DATABASE_URL]`.

Medians of interleaved rounds, in milliseconds of processor time of all server processes (the database not included) and in bare views.
"""

import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import load_cpu_seconds
from bench.server import running
from bench.visitor import Visitor
from idp.adapters import migrate
from idp.adapters.passwords import Argon2Hasher
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.settings import create_master_key, load_settings

ROUNDS = 5
VISITORS = 4
BASE, BARE = "http://localhost:8455", "http://localhost:8456"
PASSWORD = "Cartable-Bleu-42"  # noqa: S105  a fictional one
# Operations in one round by all visitors, and the budget in bare views (SQLite, PostgreSQL).
LOADS = {
    "full login": (40, 36, 60),
    "sign-on with a live session": (60, 24, 40),
    "userinfo": (200, 3, 6),
    "discovery": (400, 1.3, 1.3),
    "JWKS": (400, 1.3, 1.3),
}


def main(database_url: str) -> None:
    """Measure every operation, then argon2 apart."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = database_url or f"sqlite:///{folder}/preau.db"
        settings = _prepare(folder, url)
        dialect = url.split(":", 1)[0]
        print(
            f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {dialect}, 1 process"
        )
        costs = _measure(settings, _write_settings(folder, "bare", BARE, url))
        bare = statistics.median(costs.pop("bare view"))
        print(f"{'bare view':<30} {bare:6.2f} ms")
        for operation, rounds in costs.items():
            cost = statistics.median(rounds)
            budget = LOADS[operation][1 if dialect == "sqlite" else 2]
            print(f"{operation:<30} {cost:6.2f} ms {cost / bare:6.1f} bare views (budget {budget})")
        hash_cost = _measure_hash(settings)
        print(f"{'argon2id, as the settings ask':<30} {hash_cost:6.2f} ms, besides, for each password checked")


def _write_settings(folder: Path, name: str, base: str, url: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(
        f"""
issuer = "{base}"
listen = "127.0.0.1:{base.rsplit(":", 1)[1]}"
database_url = "{url}"
master_key_file = "{folder}/master.key"

[sms]
adapter = "file"
file = "{folder}/sms.jsonl"

[sign_in]
tries_per_address = 1000000

[throttle]
openings_per_minute = 1000000

[[clients]]
client_id = "bench"
client_name = "Bench"
client_secret = "a-secret-for-the-bench"
redirect_uris = ["http://localhost:8457/"]
""",
        encoding="utf-8",
    )
    return path


def _prepare(folder: Path, url: str) -> Path:
    path = _write_settings(folder, "preau", BASE, url)
    settings = load_settings(path)
    create_master_key(settings.master_key_file)
    migrate.upgrade(url)
    engine = make_engine(url)
    stores = SqlStores(engine, MasterKey(bytes(32)))
    with stores.writing() as desk:
        for number in range(VISITORS):
            desk.accounts.add_account(
                identifiant=f"b.bench{number:04}",
                subject_seed=f"seed {number}",
                password_hash=PASSWORD,
                family_name="BENCH",
                given_name="Benoît",
                at=datetime(2026, 1, 1, tzinfo=UTC),
            )
    engine.dispose()
    return path


def _measure(settings: Path, bare: Path) -> dict[str, list[float]]:
    """Return what each operation cost in each round, in milliseconds."""
    visitors = [Visitor(BASE, "bench", "a-secret-for-the-bench", "http://localhost:8457/") for _ in range(VISITORS)]
    plain = [Visitor(BARE, "", "", "") for _ in range(VISITORS)]
    costs: dict[str, list[float]] = {"bare view": [], **{operation: [] for operation in LOADS}}
    with running(settings, "no-hash", BASE) as server, running(bare, "bare", BARE) as bare_server:
        acts: dict[str, Callable[[int], None]] = {
            "full login": lambda one: visitors[one].log_in(f"b.bench{one:04}", PASSWORD),
            "sign-on with a live session": lambda one: visitors[one].sign_on(),
            "userinfo": lambda one: str(visitors[one].ask_userinfo()) and None,
            "discovery": lambda one: visitors[one].get("/.well-known/openid-configuration"),
            "JWKS": lambda one: visitors[one].get("/idp/profile/oidc/jwks"),
        }
        for number in range(ROUNDS + 1):
            print(f"\rround {number} of {ROUNDS}", end="", file=sys.stderr, flush=True)
            bare_cost = _cost(bare_server, 800, lambda one: plain[one].get("/readyz"))
            if number:  # the first warms up
                costs["bare view"].append(bare_cost)
            for operation, act in acts.items():
                cost = _cost(server, LOADS[operation][0], act)
                if number:
                    costs[operation].append(cost)
    print(file=sys.stderr)
    return costs


def _cost(server: int, count: int, act: Callable[[int], None]) -> float:
    """Return the server's processor time for one act, in milliseconds."""

    def visit(one: int) -> None:
        for _ in range(count // VISITORS):
            act(one)

    before = load_cpu_seconds(server)
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(visit, range(VISITORS)))
    return (load_cpu_seconds(server) - before) * 1000 / (count // VISITORS * VISITORS)


def _measure_hash(settings: Path) -> float:
    argon2 = load_settings(settings).argon2
    hasher = Argon2Hasher(
        memory_kib=argon2.memory_kib, time_cost=argon2.time_cost, parallelism=argon2.parallelism, at_once=1
    )
    encoded = hasher.hash(PASSWORD)
    rounds = []
    for _ in range(20):
        before = os.times()
        hasher.verify(encoded, PASSWORD)
        after = os.times()
        rounds.append((after.user + after.system - before.user - before.system) * 1000)
    return statistics.mean(rounds)  # the clock of processes ticks every 10 ms


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
