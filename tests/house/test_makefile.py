"""The Makefile on a machine that lacks something: one sentence, or the package installed when root asks."""

import json
import os
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LACKS = [
    ("needs-python", "python3-venv"),
    ("needs-chromium", "chromium libatomic1"),
    ("needs-npm", "nodejs npm"),
    ("needs-apache", "apache2-bin libapache2-mod-auth-openidc"),
]
NOTHING = ["PYTHON=bare", "CHROMIUM=no-chromium", "NPM=no-npm", "APACHE_MODULES=/no-modules"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of commands that come before the machine's own."""
    folder = tmp_path / "commands"
    folder.mkdir()
    return folder


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def make(machine: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    return subprocess.run(  # noqa: S603  our own Makefile
        ["make", "--silent", *words],  # noqa: S607  the machine's own make
        cwd=ROOT,
        env={**environment, "PATH": f"{machine}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_refused_in_one_sentence(machine: Path) -> None:
    command(machine, "old", '[ "$1" = -V ] && echo "Python 3.9.2" || exit 1')
    done = make(machine, "needs-python", "PYTHON=old")
    assert done.returncode != 0
    assert (
        "Préau needs Python 3.11 or later, and old is Python 3.9.2. Another one: make PYTHON=python3.11 …\n"
        in done.stderr
    )


def test_no_python_at_all_is_said(machine: Path) -> None:
    done = make(machine, "needs-python", "PYTHON=not-a-python")
    assert done.returncode != 0
    assert "Préau needs Python 3.11 or later, and there is no not-a-python.\n" in done.stderr


@pytest.mark.parametrize(("target", "package"), LACKS)
def test_a_missing_package_is_one_command_to_run(machine: Path, target: str, package: str) -> None:
    lack(machine, user=1000)
    done = make(machine, target, *NOTHING)
    assert done.returncode != 0
    install = f"apt-get update && apt-get install -y --no-install-recommends {package}"
    assert f"{package} is missing. Run: sudo sh -c '{install}'\n" in done.stderr


@pytest.mark.parametrize(("target", "package"), LACKS)
def test_root_gets_the_missing_package(machine: Path, tmp_path: Path, target: str, package: str) -> None:
    lack(machine, user=0)
    command(machine, "apt-get", f'echo "$*" >> {tmp_path}/asked')
    done = make(machine, target, *NOTHING)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text(encoding="utf-8") == f"update\ninstall -y --no-install-recommends {package}\n"


def test_an_installation_that_fails_shows_its_last_lines(machine: Path) -> None:
    lack(machine, user=0)
    command(machine, "apt-get", "echo 'E: no such mirror'; exit 100")
    done = make(machine, "needs-python", "PYTHON=bare")
    assert done.returncode != 0
    assert "E: no such mirror\nThis failed: apt-get update && " in done.stderr


def lack(machine: Path, *, user: int) -> None:
    command(machine, "bare", 'case "$2" in *ensurepip*) exit 1;; esac')
    command(machine, "id", f"echo {user}")


def test_help_names_every_target_that_a_person_types(machine: Path) -> None:
    done = make(machine, "help")
    targets = {line.split()[1] for line in done.stdout.splitlines()}
    checks, pages = (
        {"test", "lint", "fuzz", "kill", "timing", "containers", "interop", "wheel", "stories"},
        {"pictures", "translations", "docs", "lock"},
    )
    benches = {"bench", "bench-quick", "bench-volume", "bench-beside", "bench-testers", "bench-purge"}
    assert targets == {"help", "demo", "demo-clean", "clean"} | checks | benches | pages


def test_containers_without_an_engine_fail_and_say_what_is_missing(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "DOCKER_HOST": "unix:///nonexistent", "PREAU_ENGINE": str(tmp_path)}
    done = subprocess.run(  # noqa: S603  our own script
        [str(ROOT / "tests/containers/run.sh")], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"make containers needs a Docker engine: none answers (docker info), and there is no recipe in {tmp_path}.\n"
    )


def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test")


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "tests/interop/django_site/requirements.lock"]
)
def test_a_lock_holds_hashes_and_no_host_name(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith((" ", "#"))]
    assert all("==" in line for line in pins)
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


@pytest.mark.parametrize("folder", ["tests/interop", "bench/node_provider", "examples/playwright"])
def test_a_lock_of_npm_holds_hashes_and_no_address_of_a_registry(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert not any("resolved" in package for package in packages)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_packages_with_the_extras_that_others_ask_for(name: str) -> None:
    """`coverage==7.17.3` does not pin `coverage[toml]` for pip: it took the newest of the day, and refused it for want of a hash."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if not line.startswith((" ", "#"))]
    extras = {canonicalize_name(pin.name): pin.extras for pin in pins}
    installed = {canonicalize_name(one.metadata["Name"]): one for one in distributions()}
    asked = [Requirement(line) for locked in extras if locked in installed for line in installed[locked].requires or ()]
    bare = {
        one.name for one in asked if one.extras - extras.get(canonicalize_name(one.name), one.extras) and _applies(one)
    }
    assert bare == set()


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
