"""One house under attack: a real server with two web processes and an outbox, its database, its gateway, and who can be killed in it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import requests
from click.testing import CliRunner
from sqlalchemy import Engine

from idp.adapters.clock import TestClock
from idp.adapters.consistency import find_violations
from idp.adapters.message_reader import MessageReader
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.cli import main
from idp.settings import load_master_key, load_settings
from tests.house.serving import children_of, eventually, is_alive
from tests.resilience.gateway import LOGOUT_PATH, Gateway
from tests.support.ceilings import lifted_ceilings
from tests.support.sandbox import Sandbox
from tests.support.seed import put_at_seed
from tests.support.server import ALL_FIFTY_ADMITTED, ENT_REDIRECT_URI, free_port, wait_until_healthy

OTHER_REDIRECT_URI = "http://localhost:8404/"
ROLES = ("web", "outbox", "parent")


def write_settings(folder: Path, port: int, database_url: str, gateway: Gateway) -> Path:
    """Write the settings of a house; its ceilings are out of the way of whoever tries again and again."""
    path = folder / "preau.toml"
    path.write_text(
        f"""
issuer = "http://localhost:{port}"
test_instance = true
listen = "127.0.0.1:{port}"
database_url = "{database_url}"
master_key_file = "{folder}/master.key"
workers = 2
{ALL_FIFTY_ADMITTED}
sms.adapter = "http"
sms.url = "http://localhost:{gateway.port}/send"
{lifted_ceilings()}
[sandbox]
enabled = true

[argon2]
memory_kib = 8
time_cost = 1

[[clients]]
client_id = "ent"
client_name = "ENT Marronnier"
client_secret = "secret-of-the-ent"
redirect_uris = ["{ENT_REDIRECT_URI}"]
home_uri = "http://localhost:8402/"

[[clients]]
client_id = "other"
client_name = "ENT Tilleul"
client_secret = "secret-of-the-other"
redirect_uris = ["{OTHER_REDIRECT_URI}"]
backchannel_logout_uri = "http://localhost:{gateway.port}{LOGOUT_PATH}"

[[clients]]
client_id = "stays"
client_name = "ENT Noisetier"
client_secret = "secret-of-the-one-that-stays"
redirect_uris = ["http://localhost:8405/retour"]
scope = ["openid", "profile", "ect.scope.cnx", "offline_access"]
grant_types = ["authorization_code", "refresh_token"]
""",
        encoding="utf-8",
    )
    return path


def preau(settings: Path, *words: str) -> None:
    """Run a command to its end, in this process: starting another takes longer than most commands."""
    done = CliRunner().invoke(main, ["--config", str(settings), *words])
    assert done.exit_code == 0, done.output


class House:
    """A server that may be killed and started again."""

    def __init__(self, folder: Path, database_url: str, gateway: Gateway, *, port: int = 0, more: str = "") -> None:
        self.folder = folder
        self.gateway = gateway
        self.port = port or free_port()
        self.base = f"http://localhost:{self.port}"
        self.settings = write_settings(folder, self.port, database_url, gateway)
        self.settings.write_text(f"{self.settings.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
        self.log = folder / "log"
        self.sandbox = Sandbox(self.base)
        self.deaths = 0  # of the parent, its own decision included
        self._process: subprocess.Popen[bytes] | None = None
        preau(self.settings, "init")
        put_at_seed(self.settings, folder)
        self.engine: Engine = make_engine(database_url)
        self.secrets = MasterKey(load_master_key(load_settings(self.settings)))
        self.stores = SqlStores(self.engine, self.secrets)
        self.clock = TestClock(self.engine)

    def school_files(self) -> list[Path]:
        """Return the directory's files."""
        return sorted((self.folder / "school").glob("*.xml"))

    def start(self) -> None:
        """Start the server and wait for its first healthy answer."""
        for mark in (*self.folder.glob("web.*"), *self.folder.glob("outbox.*")):
            mark.unlink()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "tests.resilience.killing", str(self.settings), "serve"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until_healthy(self.base, self._process, self.log, path="/healthz")

    def stop(self) -> None:
        """Stop the server, and see that nobody is left."""
        if self._process is not None:
            family = children_of(self._process.pid)
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            eventually(lambda: not any(map(is_alive, family)), "nobody outlives the server")
        self.engine.dispose()

    def pids(self, role: str) -> list[int]:
        """Return the living processes that play this part."""
        assert self._process is not None
        if role == "parent":
            return [self._process.pid] if self._process.poll() is None else []
        found = [int(mark.name.partition(".")[2]) for mark in self.folder.glob(f"{role}.*")]
        return sorted(set(found) & children_of(self._process.pid))

    def kill(self, role: str, choice: int = 0) -> bool:
        """Kill -9 one process of this part; False when there is none at this moment."""
        pids = self.pids(role)
        if not pids:
            return False
        killed = pids[choice % len(pids)]
        os.kill(killed, signal.SIGKILL)
        # Until then it still looks alive to whoever asks whether the house is whole.
        eventually(lambda: not is_alive(killed), "who is killed dies")
        return True

    def revive(self) -> None:
        """Do what a supervisor does: start the server again when its parent is gone, once nobody of it is left."""
        assert self._process is not None
        if self._process.poll() is None:
            return
        self.deaths += 1
        marks = (*self.folder.glob("web.*"), *self.folder.glob("outbox.*"))
        family = [int(mark.name.partition(".")[2]) for mark in marks]
        eventually(lambda: not any(map(is_alive, family)), "no process outlives its parent")
        self.start()

    def wait_until_answering(self) -> None:
        """Wait, as a person does, until the service answers again; restart it if it cannot by itself."""
        pause = Event()
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            self.revive()
            try:
                if requests.get(f"{self.base}/healthz", timeout=5).ok:
                    return
            except requests.RequestException:
                pause.wait(0.02)
        raise AssertionError(f"no answer in 30 s\n{self.log.read_text(encoding='utf-8')[-4000:]}")

    def settle(self) -> None:
        """Wait until the house is whole: two web processes and an outbox under a parent, which answers."""

        def is_whole() -> bool:
            self.revive()
            return len(self.pids("web")) == 2 and len(self.pids("outbox")) == 1

        eventually(is_whole, "two web processes and an outbox")
        self.wait_until_answering()

    # --- the plan of `tests.resilience.killing` ------------------------------------------------------------------------------

    def plan(self, program: str, commit: int, side: str) -> None:
        """Let this program die at its n-th commit from now."""
        (self.folder / "commits").unlink(missing_ok=True)
        (self.folder / "plan").write_text(f"{program} {commit} {side}", encoding="ascii")

    def unplan(self) -> int:
        """Let everybody live, and return how many commits were counted."""
        (self.folder / "plan").unlink(missing_ok=True)
        return self.counted()

    def counted(self) -> int:
        """Return how many commits were counted since `plan`."""
        counted = self.folder / "commits"
        return counted.stat().st_size if counted.exists() else 0

    # --- what is asked afterwards -------------------------------------------------------------------------------------------

    def violations(self) -> list[str]:
        """Return what the checker says."""
        return list(find_violations(self.engine, self.secrets, self.clock.now(), keeps_bodies=True))

    def drain(self) -> None:
        """Wait until every message was sent; a lease that a killed sender left is waited out on the tester's clock."""
        pause = Event()
        moved = time.monotonic()
        ends = moved + 30
        while self._waiting():
            self.wait_until_answering()
            if time.monotonic() > moved + 2:
                # Nobody can still be sending it: the gateway takes a hundredth of a second.
                self.sandbox.advance(minutes=5.1)
                moved = time.monotonic()
            pause.wait(0.02)
            assert time.monotonic() < ends, f"messages are left: {self.log.read_text(encoding='utf-8')[-4000:]}"

    def _waiting(self) -> int:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL"
            )
            return int(found.scalar_one())

    def kept_texts(self) -> list[str]:
        """Return the texts of the outbox, sent or not."""
        return [message.text for message in MessageReader(self.engine, self.secrets).load_messages()]

    def assert_sound(self) -> None:
        """Assert what holds after any kill, once everything was sent."""
        self.drain()
        violations = self.violations()
        assert not violations, violations
        kept, taken = set(self.kept_texts()), set(self.gateway.taken())
        assert taken <= kept, "a fact that was rolled back sent nothing"
        assert kept <= taken, "what was to be sent was sent"


@contextmanager
def standing_house(
    folder: Path, database_url: str, gateway: Gateway, *, port: int = 0, more: str = ""
) -> Iterator[House]:
    """Build a house, serve it, and stop it."""
    house = House(folder, database_url, gateway, port=port, more=more)
    house.start()
    try:
        yield house
    finally:
        house.stop()
