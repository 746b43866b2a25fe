"""The pytest plugin, as a vendor's suite meets it: the example's own, in processes of its own."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from idp.testing.pages import PageError, read_page
from idp.testing.preau import to_e164

ROOT = Path(__file__).parents[2]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples/pytest", tmp_path / "suite"))


def run(suite: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a suite with the plugin, which an installed wheel would bring by its entry point."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "idp.testing.plugin",
        "--basetemp",
        str(suite / "tmp"),
        *words,
    ]
    return subprocess.run(command, cwd=suite, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  our own


def is_answering(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_example_passes_with_a_provider_for_each_worker_and_leaves_none_behind(suite: Path) -> None:
    done = run(suite, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b10 passed", done.stdout)
    settings = [path.read_text(encoding="utf-8") for path in suite.glob("tmp/popen-*/provider*/preau/preau.toml")]
    ports = [int(found[1]) for one in settings if (found := re.search(r'listen = "127.0.0.1:(\d+)"', one))]
    assert len(set(ports)) == 2
    assert not any(map(is_answering, ports))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('phone = "06 39 98 08 01"', 'phone = "06 12 34 56 78"', "may be somebody's"),
        ("a-secret-of-16-characters", "short", "clients[0].client_secret"),
    ],
)
def test_a_document_that_is_wrong_is_told_in_its_own_words(suite: Path, before: str, after: str, says: str) -> None:
    document = suite / "families.toml"
    document.write_text(document.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    done = run(suite, "-k", "both_academies")
    assert (done.returncode, says in done.stdout) == (1, True), done.stdout


def test_two_documents_are_refused(suite: Path) -> None:
    configuration = suite / "pytest.ini"
    text = configuration.read_text(encoding="utf-8").replace("families.toml", "families.toml other.toml")
    configuration.write_text(text, encoding="utf-8")
    done = run(suite, "-k", "both_academies")
    assert "names several documents: write them into one" in done.stdout


def test_a_page_that_is_not_the_expected_one_says_what_it_says() -> None:
    page = read_page(
        "http://localhost/x",
        "<h1>Trop tard</h1><p>Attendez <b>15</b> minutes<script>no()</script><a href='/y'>Aide</a>",
    )
    assert (page.h1, page.text, page.link("Aide")) == (
        "Trop tard",
        "Trop tard Attendez 15 minutes Aide",
        "http://localhost/y",
    )
    with pytest.raises(
        PageError, match="no form with nom on http://localhost/x: « Trop tard » Trop tard Attendez 15 minutes"
    ):
        page.form("nom")
    with pytest.raises(PageError, match="no link « Se connecter »"):
        page.link("Se connecter")


@pytest.mark.parametrize(("written", "sent"), [("06 39 98 05 10", "+33639980510"), ("+262 693", "+262693"), ("", "")])
def test_a_number_is_asked_for_as_anybody_writes_it(written: str, sent: str) -> None:
    assert to_e164(written) == sent
