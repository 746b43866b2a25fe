"""The `preau` command: what it says, and what it does not load before it is needed."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

import idp
from idp.cli import main
from tests.support.server import running_server

TEST = 'issuer = "http://localhost:8400"\ntest_instance = true\n'


def settings(directory: Path, text: str = TEST) -> str:
    path = directory / "preau.toml"
    path.write_text(
        f'{text}master_key_file = "{directory}/master.key"\ndatabase_url = "sqlite:///{directory}/preau.db"\n',
        encoding="utf-8",
    )
    return str(path)


def test_the_version_is_the_package_s() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"preau, version {idp.__version__}\n"


def test_right_settings_are_said_to_be_right(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--config", settings(tmp_path), "config", "check"])
    assert (done.exit_code, done.stdout) == (
        0,
        "The settings are right: http://localhost:8400, a test instance, 0 clients.\n",
    )


@pytest.mark.parametrize(
    "command",
    [
        *(("config", "check"), ("serve",), ("init",), ("db", "upgrade"), ("db", "downgrade", "base"), ("db", "check")),
        *(("backup", "file"), ("restore", "file"), ("purge",), ("purge", "--dry-run")),
        *(("keys", "list"), ("keys", "rotate"), ("keys", "retire", "kid")),
        *(("client", "add", "ENT", "--redirect-uri", "x"), ("client", "list"), ("client", "show", "ent")),
        *(("client", "rotate-secret", "ent"), ("client", "remove", "ent")),
        ("guide", "--school", "Collège"),
    ],
)
def test_every_command_tells_the_faults_of_the_settings_and_exits_1(tmp_path: Path, command: tuple[str, ...]) -> None:
    path = settings(tmp_path, 'issuer = "idp"\nthread = 2\n')
    done = CliRunner().invoke(main, ["--config", path, *command])
    assert done.exit_code == 1
    assert done.stderr == (
        f"issuer (from {path}, line 1) must be a web address that starts with https://.\n"
        f"thread (from {path}, line 2) is not a setting.\n"
    )
    assert done.stdout == ""


def test_init_makes_the_master_key_once(tmp_path: Path) -> None:
    path = settings(tmp_path)
    first = CliRunner().invoke(main, ["--config", path, "init"])
    key = (tmp_path / "master.key").read_bytes()
    second = CliRunner().invoke(main, ["--config", path, "init"])
    assert first.stdout == f"{tmp_path}/master.key was made. Keep a copy in a safe place.\n"
    assert (second.exit_code, second.stdout) == (0, "There is a master key already.\n")
    assert (tmp_path / "master.key").read_bytes() == key


def test_an_instance_for_real_people_does_not_start_without_a_master_key(tmp_path: Path) -> None:
    path = settings(tmp_path, 'issuer = "https://idp.example.org"\nlisten = "127.0.0.1:1"\n')
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", path, "serve"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == f"master_key_file (from {tmp_path}/master.key) does not exist: run preau init, or set PREAU_MASTER_KEY.\n"
    )


def test_what_a_command_does_not_need_is_not_loaded() -> None:
    heavy = {
        "flask",
        "sqlalchemy",
        "alembic",
        "pydantic",
        "granian",
        "phonenumbers",
        "zxcvbn",
        "authlib",
        "typst",
        "segno",
    }
    program = "import sys; import idp.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    assert not heavy & set(done.stdout.split())


def test_an_instance_for_real_people_carries_nothing_of_testers() -> None:
    program = "import sys; import idp.app, idp.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own program
    testers = ("idp.families", "idp.journeys.families", "idp.sandbox", "idp.testing")
    assert not [one for one in done.stdout.split() if one.startswith(testers)]


def preau(path: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", path, *words], capture_output=True, text=True, check=False
    )


def test_tables_go_up_and_down(tmp_path: Path) -> None:
    path = settings(tmp_path)
    assert preau(path, "db", "upgrade").stdout == "The database is up to date.\n"
    assert preau(path, "db", "downgrade", "base").stdout == "The database is at base.\n"
    assert preau(path, "db", "upgrade").returncode == 0


def test_a_database_of_another_version_is_said_in_one_sentence_and_not_served(tmp_path: Path) -> None:
    path = settings(tmp_path)
    preau(path, "db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "preau.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    upgraded, served = preau(path, "db", "upgrade"), preau(path, "serve")
    assert upgraded.returncode == served.returncode == 1
    assert upgraded.stderr == (
        "The database was made by another version of Préau, or there is no such revision: "
        "Can't locate revision identified by '9999'.\n"
    )
    assert served.stderr == "The database's tables are missing or another version's: run preau db upgrade.\n"


def test_an_exception_that_nobody_expects_is_told_without_its_words(tmp_path: Path) -> None:
    program = """
import sys
from idp.adapters import migrate
def fail(*_):
    raise ValueError("DUPONT Joe")
migrate.upgrade = fail
from idp.cli import run
sys.argv[1:] = ["--config", sys.argv[1], "db", "upgrade"]
run()
"""
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program, settings(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "builtins.ValueError" in done.stderr
    assert "DUPONT" not in done.stderr


def test_a_backup_that_cannot_be_made_or_read_is_said_in_one_sentence(tmp_path: Path) -> None:
    path, file = settings(tmp_path), tmp_path / "school.backup"
    preau(path, "init")
    assert preau(path, "backup", str(file)).stderr == (
        "The database's tables are missing or another version's: run preau db upgrade.\n"
    )
    preau(path, "db", "upgrade")
    assert preau(path, "restore", str(file)).stderr == f"{file} cannot be read: no such file or directory.\n"
    nowhere = tmp_path / "nowhere" / "file"
    assert preau(path, "backup", str(nowhere)).stderr == f"{nowhere} cannot be written: no such file or directory.\n"
    assert preau(path, "backup", str(file)).stdout.startswith(f"0 rows are in {file}.")


def test_a_database_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = settings(tmp_path)
    (tmp_path / "preau.db").mkdir()
    done = preau(path, "db", "upgrade")
    assert done.returncode == 1
    assert done.stderr.startswith("The database")
    assert len(done.stderr.splitlines()) == 1


def test_health_is_silent_when_all_is_well_and_says_what_is_not(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        well = CliRunner().invoke(main, ["health", f"{running.base}/readyz"])
        elsewhere = CliRunner().invoke(main, ["health", f"{running.base}/nowhere"])
    gone = CliRunner().invoke(main, ["health", f"{running.base}/readyz"])
    assert (well.exit_code, well.output) == (0, "")
    assert (elsewhere.exit_code, elsewhere.stderr) == (1, f"{running.base}/nowhere answers 404.\n")
    assert (gone.exit_code, gone.stderr) == (1, f"{running.base}/readyz does not answer: ConnectionRefusedError.\n")
