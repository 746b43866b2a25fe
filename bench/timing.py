"""Does the time that an answer takes tell who is known? `python -m bench.timing [--leak MS] [--part DOOR] [--seconds S] [DIALECT …]`.

In each round a stranger asks about one person of each class, in an order that is drawn, and each class is compared with the known within
its round: what the machine does meanwhile slows all of them. Exit 0 when every class is shown to be alike, 1 when one is not, 2 when the
machine was too noisy to tell.
"""

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import requests
from sqlalchemy import insert

from bench.effect import Estimate, estimate_dominance, estimate_median
from bench.stranger import Stranger
from idp.adapters import migrate
from idp.adapters.directory_tables import guardian, kinship, pupil
from idp.adapters.passwords import Argon2Hasher
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.adapters.tables import account, account_guardian
from idp.journeys.email_ports import ConfirmedEmail
from idp.people.emails import EmailAddress
from idp.settings import create_master_key, load_master_key, load_settings
from tests.support.ceilings import lifted_ceilings
from tests.support.databases import DIALECTS, fresh_postgresql_database, running_postgresql
from tests.support.server import free_port

ROUNDS, SECONDS = 1500, 120.0
LIMIT_MS, LIMIT_SHARE, LIMIT_DOMINANCE = 0.5, 0.02, 0.1
PERSONS = 300
_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN = "known"
Ask = Callable[[Stranger, str, int], dict[str, float]]
Rounds = dict[str, dict[str, list[float]]]  # by step and class, milliseconds in the order of the rounds


def main() -> int:
    """Measure on each database and print the verdicts."""
    asked = _read_words()
    seed = random.SystemRandom().randrange(10**6)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load}, seed {seed}"
    )
    print(
        f"{asked.rounds} rounds or {asked.seconds:.0f} s for each part; alike: |median difference| below {LIMIT_MS} ms or "
        f"{LIMIT_SHARE:.0%}, |Cliff's delta| below {LIMIT_DOMINANCE}, both with their whole 95 % interval"
        + (f"; A LEAK OF {asked.leak} ms FOR THE KNOWN IS BUILT IN" if asked.leak else "")
    )
    verdicts: list[str] = []
    for dialect in asked.dialects or DIALECTS:
        with tempfile.TemporaryDirectory() as name, _database(dialect, Path(name)) as url:
            verdicts += _measure_one(dialect, Path(name), url, asked, random.Random(seed))  # noqa: S311  printed, to be drawn again
    worst = max(verdicts, key=("alike", "undecided", "DIFFERENT").index)
    print(f"verdict: {worst}")
    return {"alike": 0, "DIFFERENT": 1, "undecided": 2}[worst]


def _read_words() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m bench.timing")
    words.add_argument("dialects", nargs="*", metavar="DIALECT", help=f"of {', '.join(DIALECTS)}; both by default")
    words.add_argument(
        "--leak", type=float, default=0.0, help="milliseconds that everything takes longer for the known"
    )
    words.add_argument("--part", choices=_PARTS, help="that door alone; all by default")
    words.add_argument("--rounds", type=int, default=ROUNDS)
    words.add_argument("--seconds", type=float, default=SECONDS)
    return words.parse_args()


def _measure_one(dialect: str, folder: Path, url: str, asked: argparse.Namespace, draw: random.Random) -> list[str]:
    port = free_port()
    settings = _prepare(folder, port, url)
    verdicts = []
    with _serving(settings, port, asked.leak):
        for name, (ask, classes) in _PARTS.items():
            if asked.part not in {None, name}:
                continue
            times = _run_rounds(port, ask, classes, asked, draw)
            for step, by_class in times.items():
                verdicts += [_judge(dialect, step, by_class, one, draw) for one in by_class if one != KNOWN]
    return verdicts


# --- what is asked ---------------------------------------------------------------------------------------------------------------

_ACTIVATION = (KNOWN, "number of nobody", "known number, other name")
_SIGN_IN = (KNOWN, "identifiant of nobody", "account without password")


def _number(person: int, *, known: bool = True) -> str:
    """Return a number of fiction: longer than any French one, each class as long as the other."""
    return f"+3363998{'0' if known else '1'}{person:010}"


def _email(person: int, *, known: bool = True) -> str:
    """Return an address of fiction, each class as long as the other."""
    return f"{'personne' if known else 'inconnue'}{person:04}@famille.example"


def _ask_activation(stranger: Stranger, about: str, person: int) -> dict[str, float]:
    family = "DURAND" if about == "known number, other name" else "DUPONT"
    return stranger.activate(family, "Camille", _number(person, known=about != "number of nobody"))


def _ask_sign_in(stranger: Stranger, about: str, person: int) -> dict[str, float]:
    first = {KNOWN: "a", "account without password": "b"}.get(about, "c")
    return stranger.sign_in(f"{first}.dupont{person:04}", "Pas-le-Bon-Mot-7")


def _ask_forgotten_identifiant(stranger: Stranger, about: str, person: int) -> dict[str, float]:
    family = "DURAND" if about == "known number, other name" else "DUPONT"
    known = about != "number of nobody"
    return stranger.forget_identifiant(family, "Camille", _number(person, known=known), _email(person, known=known))


def _ask_forgotten_password(stranger: Stranger, about: str, person: int) -> dict[str, float]:
    first = {KNOWN: "a", "account without a number": "b"}.get(about, "c")
    return stranger.forget_password(f"{first}.dupont{person:04}")


_PARTS: dict[str, tuple[Ask, tuple[str, ...]]] = {
    "activation": (_ask_activation, _ACTIVATION),
    "sign-in": (_ask_sign_in, _SIGN_IN),
    "identifiant": (_ask_forgotten_identifiant, _ACTIVATION),
    "password": (_ask_forgotten_password, (KNOWN, "identifiant of nobody", "account without a number")),
}


def _run_rounds(
    port: int, ask: Ask, classes: tuple[str, ...], asked: argparse.Namespace, draw: random.Random
) -> Rounds:
    times: Rounds = defaultdict(lambda: defaultdict(list))
    stranger = Stranger("127.0.0.1", port)
    order = list(classes)
    ends = time.monotonic() + asked.seconds
    for number in range(-20, asked.rounds):
        if time.monotonic() > ends:
            break
        draw.shuffle(order)
        # Whoever is asked about first after somebody else's answer is another person in each round.
        persons = draw.sample(range(PERSONS), len(order))
        for about, person in zip(order, persons, strict=True):
            for step, took in ask(stranger, about, person).items():
                if number >= 0:  # the first rounds warm up
                    times[step][about].append(took)
    stranger.close()
    return times


def _judge(dialect: str, step: str, times: Mapping[str, list[float]], about: str, draw: random.Random) -> str:
    differences = [known - other for known, other in zip(times[KNOWN], times[about], strict=True)]
    usual = statistics.median(times[about])
    limit = max(LIMIT_MS, LIMIT_SHARE * usual)
    median, dominance = estimate_median(differences, draw), estimate_dominance(differences, draw)
    if median.is_beyond(limit) or dominance.is_beyond(LIMIT_DOMINANCE):
        verdict = "DIFFERENT"
    else:
        alike = median.is_within(limit) and dominance.is_within(LIMIT_DOMINANCE)
        verdict = "alike" if alike else "undecided"
    print(
        f"{dialect:<10} {step:<24} known against {about:<25} n={len(differences):<5} median {usual:6.2f} ms, "
        f"difference {_say(median, 3)} ms, Cliff's delta {_say(dominance, 3)}: {verdict}",
        flush=True,
    )
    return verdict


def _say(one: Estimate, digits: int) -> str:
    return f"{one.value:+.{digits}f} [{one.low:+.{digits}f}, {one.high:+.{digits}f}]"


# --- what is asked of --------------------------------------------------------------------------------------------------------------


@contextmanager
def _database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder}/preau.db"
        return
    with running_postgresql(folder / "postgresql", durable=True) as server, fresh_postgresql_database(server) as url:
        yield url


def _prepare(folder: Path, port: int, url: str) -> Path:
    path = folder / "preau.toml"
    path.write_text(
        f"""
issuer = "http://localhost:{port}"
test_instance = true
listen = "127.0.0.1:{port}"
database_url = "{url}"
master_key_file = "{folder}/master.key"
sms.adapter = "file"
sms.file = "{folder}/sms.jsonl"
{lifted_ceilings()}
[[clients]]
client_id = "ent"
client_name = "ENT"
client_secret = "secret-of-the-ent"
redirect_uris = ["http://localhost:8402/retour"]
""",
        encoding="utf-8",
    )
    settings = load_settings(path)
    create_master_key(settings.master_key_file)
    migrate.upgrade(url)
    hasher = Argon2Hasher(
        memory_kib=settings.argon2.memory_kib,
        time_cost=settings.argon2.time_cost,
        parallelism=settings.argon2.parallelism,
        at_once=1,
    )
    _fill(url, MasterKey(load_master_key(settings)), hasher.hash("Cartable-Bleu-42"))
    return path


def _fill(url: str, secrets: MasterKey, password_hash: str) -> None:
    """Write the persons: one guardian with two children each, her account and confirmed address, and an account apart without a record."""
    same = {"academy": "8", "digest": ""}
    guardians, pupils, links, accounts = [], [], [], []
    for person in range(PERSONS):
        guardians.append(
            {
                **same,
                "jointure": f"{person}",
                "family_name": "DUPONT",
                "given_names": "Camille",
                "mobile": _number(person),
            }
        )
        for child in (f"{person}a", f"{person}b"):
            birth = {"school_jointure": "", "given_name": "Dominique", "birth_date": date(2012, 4, 12)}
            pupils.append({**same, **birth, "jointure": child, "family_name": "DUPONT"})
            link = {"guardian_jointure": f"{person}", "pupil_jointure": child, "academy": "8"}
            links.append({**link, "relation": "10", "legal_level": "1", "legal": True})
        for first, encoded in (("a", password_hash), ("b", None)):
            identifiant = f"{first}.dupont{person:04}"
            names = {"family_name": "DUPONT", "given_name": "Camille", "created_at": _BEFORE}
            accounts.append(
                {"identifiant": identifiant, "subject_seed": identifiant, "password_hash": encoded, **names}
            )
    engine = make_engine(url)
    with engine.begin() as connection:
        for table, rows in ((guardian, guardians), (pupil, pupils), (kinship, links), (account, accounts)):
            connection.execute(insert(table), rows)
        # Both are numbered in the order in which they were written.
        held = [(n + 1, 2 * n + 1) for n in range(PERSONS)]
        rows = [{"guardian_id": one, "account_id": of, "proved_at": _BEFORE} for one, of in held]
        connection.execute(insert(account_guardian), rows)
    with SqlStores(engine, secrets).writing() as desk:
        for one, of in held:
            desk.emails.confirm(ConfirmedEmail(of, EmailAddress(_email(one - 1)), _BEFORE))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


@contextmanager
def _serving(settings: Path, port: int, leak: float) -> Iterator[None]:
    with settings.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "bench.leak", str(settings), str(leak)], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(port)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
