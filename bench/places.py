"""The places that are measured: a folder with settings, a database with accounts in it, a free port for each server."""

import platform
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.visitor import CLIENT_ID, CLIENT_SECRET, MACHINE_ID, MACHINE_SCOPE, REDIRECT_URI, REFRESHING_ID, RESOURCE
from idp.adapters import migrate
from idp.adapters.passwords import Argon2Hasher
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.settings import create_master_key, load_settings
from tests.support.ceilings import lifted_ceilings
from tests.support.databases import DIALECTS, fresh_postgresql_database, running_postgresql

PASSWORD = "Cartable-Bleu-42"  # noqa: S105  a fictional one
_CORES = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database, migrated.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        url: Its address.
        roots: Processes that serve it besides ours.
    """

    dialect: str
    url: str
    roots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server is: its settings and its address."""

    settings: Path
    base: str


@contextmanager
def fresh_database(folder: Path, dialect: str) -> Iterator[Database]:
    """Give an empty, migrated database; for PostgreSQL, start the server that comes as a wheel."""
    if dialect == DIALECTS[0]:
        url = f"sqlite:///{folder}/preau.db"
        migrate.upgrade(url)
        yield Database(dialect, url)
        return
    # A folder of its own: the path of a Unix socket has 107 characters at most.
    with (
        tempfile.TemporaryDirectory() as cluster,
        running_postgresql(Path(cluster), durable=True) as server,
        fresh_postgresql_database(server) as url,
    ):
        migrate.upgrade(url)
        yield Database(dialect, url, (load_postmaster(Path(cluster)),))


def load_postmaster(cluster: Path) -> int:
    """Return the process id of the PostgreSQL server whose files are in `cluster`."""
    return int((cluster / "postmaster.pid").read_text("utf-8").split()[0])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_place(
    folder: Path, name: str, database: Database, *, workers: int = 1, test_instance: bool = False, more: str = ""
) -> Place:
    """Write the settings of one server, on a free port, with the folder's one master key."""
    port = free_port()
    path = folder / f"{name}.toml"
    path.write_text(
        f"""
issuer = "http://localhost:{port}"
listen = "127.0.0.1:{port}"
database_url = "{database.url}"
master_key_file = "{folder}/master.key"
workers = {workers}
test_instance = {str(test_instance).lower()}
sms.adapter = "file"
sms.file = "{folder}/sms.jsonl"
{lifted_ceilings()}
[[clients]]
client_id = "{CLIENT_ID}"
client_name = "Bench"
client_secret = "{CLIENT_SECRET}"
redirect_uris = ["{REDIRECT_URI}"]

[[clients]]
client_id = "{REFRESHING_ID}"
client_name = "Bench, again"
client_secret = "{CLIENT_SECRET}"
redirect_uris = ["{REDIRECT_URI}"]
grant_types = ["authorization_code", "refresh_token"]

[[clients]]
client_id = "{MACHINE_ID}"
client_name = "Bench, without anybody"
client_secret = "{CLIENT_SECRET}"
scope = ["{MACHINE_SCOPE}"]
grant_types = ["client_credentials"]
resources = ["{RESOURCE}"]

[[resources]]
resource = "{RESOURCE}"
name = "Bench"
scope = ["{MACHINE_SCOPE}"]
{more}
""",
        encoding="utf-8",
    )
    create_master_key(folder / "master.key")
    return Place(path, f"http://localhost:{port}")


def add_accounts(database: Database, count: int, *, settings: Path | None = None) -> None:
    """Add accounts that `identifiant_of` names.

    Args:
        database: Where.
        count: How many.
        settings: Hash the password as these settings ask; None keeps it in clear, for servers without argon2.
    """
    hashed = PASSWORD if settings is None else make_hasher(settings).hash(PASSWORD)
    engine = make_engine(database.url)
    with SqlStores(engine, MasterKey(bytes(32))).writing() as desk:
        for number in range(count):
            desk.accounts.add_account(
                identifiant=identifiant_of(number, hashed=settings is not None),
                subject_seed=f"seed {number} {settings is not None}",
                password_hash=hashed,
                family_name="BENCH",
                given_name="Benoît",
                at=datetime(2026, 1, 1, tzinfo=UTC),
            )
    engine.dispose()


def identifiant_of(number: int, *, hashed: bool = False) -> str:
    """Return the identifiant of one of the accounts of `add_accounts`."""
    return f"{'h' if hashed else 'b'}.bench{number:04}"


def make_hasher(settings: Path) -> Argon2Hasher:
    """Return argon2 as these settings ask for it."""
    argon2 = load_settings(settings).argon2
    return Argon2Hasher(
        memory_kib=argon2.memory_kib, time_cost=argon2.time_cost, parallelism=argon2.parallelism, at_once=1
    )


def describe_machine() -> str:
    """Say what the figures were measured on."""
    lines = _CORES.read_text("utf-8").splitlines() if _CORES.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = f"{len(models)} cores of {models[0]}" if models else platform.processor()
    return f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {processor}"
