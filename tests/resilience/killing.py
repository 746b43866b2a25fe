"""Our server and our import, which die where they are told: right before or right after a commit (`tests.resilience.house` runs them).

`python -m tests.resilience.killing SETTINGS serve` and `… SETTINGS import FILE...`. The folder of the settings holds what is asked for:
`plan` says in which program, at which commit and on which side of it; `commits` has one byte for each commit counted so far. Without a plan
nothing is counted and nobody dies.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.default import DefaultDialect

import idp.app
import idp.world
from idp.cli import main as preau
from idp.serve import serve
from idp.settings import Settings, load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def watch_commits(folder: Path, program: str) -> None:
    """Count this process's commits with its siblings', and die at the one that the plan names."""
    commit = DefaultDialect.do_commit

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:
        # What expires is forgotten by a thread of the outbox at its own pace: it is not what the flow does.
        side = "" if threading.current_thread().name == "expiry" else _side_of_death(folder, program)
        if side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(dialect, connection)
        if side == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # what this process is made for


def _side_of_death(folder: Path, program: str) -> str:
    """Return "before" or "after" when this commit is the one, "" otherwise."""
    try:
        planned, at, side = (folder / "plan").read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return ""
    if planned != program:
        return ""
    with (folder / "commits").open("ab", buffering=0) as counted:
        counted.write(b".")
        return side if os.fstat(counted.fileno()).st_size == int(at) else ""


def create_app(settings: Settings) -> "WSGIApplication":
    """Make the application of a web process that can be told from the others."""
    folder = settings.master_key_file.parent
    (folder / f"web.{os.getpid()}").touch()
    watch_commits(folder, "web")
    return idp.app.create_app(settings)


def run_outbox(settings: Settings) -> None:
    """Send messages, in a process that can be told from the others."""
    folder = settings.master_key_file.parent
    (folder / f"outbox.{os.getpid()}").touch()
    watch_commits(folder, "outbox")
    idp.world.run_outbox(settings)


def main(path: str, command: str, *files: str) -> None:
    """Serve, or import these files."""
    if command == "serve":
        here = "tests.resilience.killing"
        serve(load_settings(Path(path)), web=f"{here}:create_app", outbox=f"{here}:run_outbox")
        return
    watch_commits(Path(path).parent, "import")
    preau(["--config", path, "directory", "import", "--rejects", str(Path(path).parent / "rejects.csv"), *files])


if __name__ == "__main__":
    main(*sys.argv[1:])
