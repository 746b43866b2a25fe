"""kill -9 at the worst moment of a backup and of a restore leaves nothing half."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from idp.adapters.secrets import MasterKey
from tests.backup.test_backup import NOW, back_up, put_back, rows_of
from tests.house.serving import eventually

# The last step of each is replaced by one that says that it was reached, and never ends.
BACKUP = """
from idp.adapters.backup_file import BackupWriter as place
from idp.adapters.backup import write_backup
place.end = never
write_backup(path, engine, secrets, test_instance=True, now=datetime.fromisoformat(moment))
"""
RESTORE = """
from idp.adapters import restore as place
place.set_sequences = never
place.restore_backup(path, engine, secrets, test_instance=True, replace=True)
"""
BEFORE = """
import sys, threading
from datetime import datetime
from pathlib import Path
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import make_engine
url, path, mark, moment = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
engine, secrets = make_engine(url), MasterKey(bytes(range(32)))
def never(*_):
    mark.touch()
    threading.Event().wait()
"""


def kill_in(program: str, url: str, path: Path, mark: Path) -> None:
    """Run the program until it says where it is, and kill it there."""
    process = subprocess.Popen([sys.executable, "-c", BEFORE + program, url, str(path), str(mark), NOW.isoformat()])  # noqa: S603  our own program
    try:
        eventually(mark.exists, "the last step is reached")
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)


def test_a_backup_that_is_killed_leaves_no_file_of_that_name(
    tmp_path: Path, urls: tuple[str, str], source: Engine, target: Engine, secrets: MasterKey
) -> None:
    file = tmp_path / "school.backup"
    kill_in(BACKUP, urls[0], file, tmp_path / "mark")
    assert not file.exists()
    back_up(source, file, secrets)
    put_back(file, target, secrets)
    assert rows_of(target) == rows_of(source)


@pytest.mark.parametrize("held", ["nothing", "rows"])
def test_a_restore_that_is_killed_leaves_the_database_as_it_was(
    tmp_path: Path, urls: tuple[str, str], source: Engine, target: Engine, secrets: MasterKey, held: str
) -> None:
    file = tmp_path / "school.backup"
    back_up(source, file, secrets)
    if held == "rows":
        put_back(file, target, secrets)
    before = rows_of(target)
    kill_in(RESTORE, urls[1], file, tmp_path / "mark")
    assert rows_of(target) == before
    put_back(file, target, secrets, replace=True)
    assert rows_of(target) == rows_of(source)
