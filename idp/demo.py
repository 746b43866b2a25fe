"""`preau demo`: the fictional school, the identity provider, FranceConnect's simulator and the sample ENT on this machine, until Ctrl-C.

It does what an operator would do by hand, with the same commands, in one directory that may be deleted at any time.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic

from idp.adapters.case_library import CASES
from idp.runtime import die_with_parent, is_port_free

LOOPBACK = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20
GLANCE_SECONDS = 0.2  # between two looks at the programs under way

FRANCECONNECT_SECRET = "preau-simulateur-secret-de-test"  # noqa: S105  of the simulator's default client; fictional and public

_ALL_CASES = """
[families]
cases = ["all"]
"""

PEOPLE = (
    ("Joe DUPONT", "06 39 98 00 01", "Léa DUPONT, née le 12/04/2012 ; Tom DUPONT, né le 03/09/2014"),
    ("Angela DUBOIS", "06 39 98 00 02", "Zoé DUBOIS, née le 30/01/2013"),
    ("Marie-Hélène LE GOFF (ou MARTIN)", "06 39 98 00 03", "Inès BENALI, née le 01/12/2011"),
    ("Karim BENALI", "06 39 98 00 04", "Inès BENALI, née le 01/12/2011"),
)


class DemoError(Exception):
    """The demo cannot start or go on; its text is one sentence for whoever typed the command."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo lives.

    Attributes:
        directory: its database, settings and logs.
        idp_host, ent_host, fc_host: names that browsers use: localhost or anything.localhost.
        idp_port, ent_port, fc_port: ports on this machine.
        cases: whether the named cases of the library are there too.
    """

    directory: Path = Path("var/demo")
    idp_host: str = "localhost"
    ent_host: str = "localhost"
    idp_port: int = 8400
    ent_port: int = 8402
    fc_host: str = "localhost"
    fc_port: int = 8401
    cases: bool = False

    @property
    def idp(self) -> str:
        """Address of the identity provider."""
        return f"http://{self.idp_host}:{self.idp_port}"

    @property
    def ent(self) -> str:
        """Address of the sample ENT."""
        return f"http://{self.ent_host}:{self.ent_port}"

    @property
    def franceconnect(self) -> str:
        """Address of the simulator of FranceConnect."""
        return f"http://{self.fc_host}:{self.fc_port}"

    @property
    def settings(self) -> Path:
        """The provider's settings file."""
        return self.directory / "preau.toml"

    @property
    def school(self) -> Path:
        """Where the fictional school's files are."""
        return self.directory / "school"


def run_demo(demo: Demo) -> None:
    """Prepare, start and keep the demo until SIGINT or SIGTERM.

    Raises:
        DemoError: A port is taken, the database is another version's, a program did not start or ended.
    """
    with _told_to_stop() as stop:
        _check_ports(demo)
        _say("Preparing the fictional school…")
        _write_settings(demo)
        _prepare(demo, stop)
        if not stop.is_set():
            _run_programs(demo, stop)
    _say("The demo has stopped.")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    stop = threading.Event()
    former = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _check_ports(demo: Demo) -> None:
    for port in (demo.idp_port, demo.fc_port, demo.ent_port):
        if not is_port_free(LOOPBACK, port):
            raise DemoError(
                f"Port {port} is taken: stop the other program (another demo?), or see preau demo --help for other ports."
            )


def _write_settings(demo: Demo) -> None:
    secret = secrets.token_urlsafe(32)
    try:
        demo.directory.mkdir(parents=True, exist_ok=True)
        _write_private(demo.settings, _provider_settings(demo, secret))
        _write_private(demo.directory / "ent.toml", _ent_settings(demo, secret))
    except OSError as error:
        raise DemoError(f"Cannot write in {demo.directory}: {(error.strerror or '').lower()}.") from None


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, encoding="utf-8")


def _provider_settings(demo: Demo, secret: str) -> str:
    directory = demo.directory.absolute()
    return f"""# Written by `preau demo` at each start.
issuer = {_quoted(demo.idp)}
test_instance = true
listen = "{LOOPBACK}:{demo.idp_port}"
public_hosts = ["localhost:{demo.idp_port}", "{LOOPBACK}:{demo.idp_port}"]
database_url = {_quoted(f"sqlite:///{directory}/preau.db")}
master_key_file = {_quoted(f"{directory}/master.key")}

[sandbox]
enabled = true
siblings = [{_quoted(demo.franceconnect)}, {_quoted(demo.ent)}]

[sms]
adapter = "file"
file = {_quoted(f"{directory}/sms.jsonl")}

[franceconnect]
issuer = {_quoted(f"{demo.franceconnect}/api/v2")}
client_id = "preau"
client_secret = {_quoted(FRANCECONNECT_SECRET)}

[[clients]]
client_id = "ent"
client_name = "ENT Marronnier"
client_secret = {_quoted(secret)}
redirect_uris = [{_quoted(f"{demo.ent}/retour")}]
post_logout_redirect_uris = [{_quoted(f"{demo.ent}/deconnecte")}]
home_uri = {_quoted(f"{demo.ent}/")}
backchannel_logout_uri = {_quoted(f"http://{LOOPBACK}:{demo.ent_port}/backchannel-logout")}
grant_types = ["authorization_code", "refresh_token"]
{_ALL_CASES if demo.cases else ""}"""


def _ent_settings(demo: Demo, secret: str) -> str:
    return f"""# Written by `preau demo` at each start.
issuer = {_quoted(demo.idp)}
client_id = "ent"
client_secret = {_quoted(secret)}
base_url = {_quoted(demo.ent)}
listen = "{LOOPBACK}:{demo.ent_port}"
directory = {_quoted(str((demo.school / "ent-directory.json").absolute()))}
sandbox = true
"""


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)


def _prepare(demo: Demo, stop: threading.Event) -> None:
    steps: list[Sequence[str]] = [("db", "upgrade"), ("directory", "generate", str(demo.school))]
    if not (demo.directory / "preau.db").exists():
        (demo.directory / "imported").unlink(missing_ok=True)
    for words in steps:
        _preau(demo, stop, *words)
    if not (demo.directory / "imported").exists():
        files = sorted(str(path) for path in demo.school.glob("*.xml"))
        _preau(demo, stop, "directory", "import", *files)
        if not stop.is_set():
            (demo.directory / "imported").touch()


def _preau(demo: Demo, stop: threading.Event, *words: str) -> None:
    """Run one of our own commands to its end.

    Raises:
        DemoError: It refused; the sentence is its own, with the way to begin again.
    """
    if stop.is_set():
        return
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", str(demo.settings), *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(die_with_parent, os.getpid()),
        process_group=0,
        env=_environment(),
    )
    if done.returncode and not stop.is_set():
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise DemoError(
            f"`preau {' '.join(words[:2])}` refused: {said} To begin again: delete {demo.directory} (make demo-clean)."
        )


def _environment() -> dict[str, str]:
    """The demo is what its files say, not what the terminal's variables happen to hold."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "ENT_"))}


def _run_programs(demo: Demo, stop: threading.Event) -> None:
    provider = [sys.executable, "-m", "idp.cli", "--config", str(demo.settings), "serve"]
    ent = [sys.executable, "-m", "ent_client", "--config", str(demo.directory / "ent.toml")]
    franceconnect = [sys.executable, "-m", "franceconnect_bridge.simulator", "--base-url", demo.franceconnect]
    franceconnect += ["--listen", f"{LOOPBACK}:{demo.fc_port}", "--idp-origin", demo.idp]
    if demo.cases:
        franceconnect += ["--families", str(CASES)]
    programs = [_Program("The identity provider", provider, demo.directory / "idp.log", demo.idp_port, demo.idp_host)]
    try:
        log = demo.directory / "franceconnect.log"
        programs.append(_Program("FranceConnect's simulator", franceconnect, log, demo.fc_port, demo.fc_host))
        programs.append(_Program("The ENT", ent, demo.directory / "ent.log", demo.ent_port, demo.ent_host))
        _wait_until_healthy(programs, stop)
        if not stop.is_set():
            _say(welcome(demo))
        while not stop.wait(GLANCE_SECONDS):
            for program in programs:
                program.check()
    finally:
        for program in programs:
            program.process.terminate()
        for program in programs:
            program.end()


class _Program:
    """One of the three programs, its log and its health."""

    def __init__(self, title: str, words: Sequence[str], log: Path, port: int, host: str) -> None:
        self.title = title
        self.log = log
        self._place = (port, host)
        with log.open("wb") as output:
            # In a group of its own: the terminal's Ctrl-C comes to us, and we stop both in order.
            self.process = subprocess.Popen(  # noqa: S603  our own command
                words,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
                process_group=0,
                env=_environment(),
            )

    def check(self) -> None:
        """Raise a DemoError with the end of the log when the program has ended."""
        if self.process.poll() is not None:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise DemoError(
                f"{self.title} has stopped: {lines[-1] if lines else 'it said nothing'} (all of it: {self.log})"
            )

    def is_healthy(self) -> bool:
        """Ask /healthz at the loopback address: few resolvers know *.localhost."""
        port, host = self._place
        connection = HTTPConnection(LOOPBACK, port, timeout=2)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"{host}:{port}"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def end(self) -> None:
        """Wait for the program to end, and kill it when it does not."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _wait_until_healthy(programs: Sequence[_Program], stop: threading.Event) -> None:
    deadline = monotonic() + START_SECONDS
    waiting = list(programs)
    while waiting and not stop.is_set():
        for program in programs:
            program.check()
        waiting = [program for program in waiting if not program.is_healthy()]
        if waiting and monotonic() > deadline:
            raise DemoError(f"{waiting[0].title} did not answer within {START_SECONDS} seconds: see {waiting[0].log}.")
        if waiting:
            stop.wait(GLANCE_SECONDS / 4)


def welcome(demo: Demo) -> str:
    """Return what to click and who to be, as printed in the terminal."""
    width = max(len(name) for name, _, _ in PEOPLE)
    people = "\n".join(f"  {name:<{width}}  {phone}  {pupils}" for name, phone, pupils in PEOPLE)
    cases = (
        "" if not demo.cases else "\nOr anybody of the named cases: docs/reference/cases.md, or preau families list.\n"
    )
    return f"""
The demo runs. Fictional data only.

  The ENT (begin here, « Se connecter »)  {demo.ent}/
  The identity provider                   {demo.idp}/
  The simulator of FranceConnect          {demo.franceconnect}/
  The simulated phone: texts received     {demo.idp}/sandbox/messages
  The same for programs                   {demo.idp}/sandbox/v1/messages?to=%2B33639980001

Be one of these people (« Responsable d'élève », then « Je n'ai pas de compte »):

{people}

Or choose « Je me connecte avec FranceConnect »: Angela DUBOIS is test / 123 there, Joe DUPONT is joe / 123.
{cases}
Logs: {demo.directory}/idp.log, franceconnect.log and ent.log. Ctrl-C stops everything.
"""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
