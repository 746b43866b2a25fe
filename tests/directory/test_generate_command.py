"""`preau directory generate`, as somebody uses it who needs a directory of some size."""

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.adapters.fiction.command import write_volume
from idp.cli import main
from tests.support.server import write_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def generate(*words: str) -> Result:
    return CliRunner().invoke(main, ["directory", "generate", *words])


def test_an_export_of_any_size_says_what_it_wrote_and_can_be_imported(folder: Path) -> None:
    done = generate("school", "--pupils", "50", "--seed", "3")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "50 pupils of seed 3: 3 aaf2d files and ent-directory.json are in school.\n"
    write_settings(folder, 8400)
    assert CliRunner().invoke(main, ["--config", "preau.toml", "db", "upgrade"]).exit_code == 0
    files = [str(path) for path in (folder / "school").glob("*.xml")]
    assert CliRunner().invoke(main, ["--config", "preau.toml", "directory", "import", *files]).exit_code == 0


def test_every_option_is_understood(folder: Path) -> None:
    done = generate(
        "school", "--pupils", "80", "--seed", "3", "--schools", "2", "--academies", "2", "--format", "all", "--split", "9",
        "--zip", "--delta", "--codes", "old", "--links", "guardian", "--siecle-fields", "old", "--csv-encoding", "windows-1252",
    )  # fmt: skip
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "80 pupils of seed 3: 12 ZIP files and ent-directory.json are in school.\n"
    assert len(list((folder / "school").rglob("*.zip"))) == 12


def test_an_export_without_a_copy_for_the_ent_says_so() -> None:
    assert (
        generate("tables", "--pupils", "1", "--format", "csv").stdout
        == "1 pupil of seed 1: 2 csv files are in tables.\n"
    )


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--seed", "3"), 2, "The demo's school has no options: give --pupils."),
        (
            ("--pupils", "1", "--format", "csv", "--delta"),
            1,
            "Only AAF has deltas: SIECLE and CSV are exported whole.\n",
        ),
        (
            ("--pupils", "1", "--academies", "99"),
            1,
            "The number of academies goes from 1 to 37, and 99 was asked for.\n",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(words: tuple[str, ...], status: int, sentence: str) -> None:
    done = generate("school", *words)
    assert done.exit_code == status
    assert sentence in done.stderr
    assert done.stdout == ""
    assert not Path("school").exists()


def test_a_folder_that_holds_something_is_refused_but_for_the_demo() -> None:
    assert generate("school", "--pupils", "1").exit_code == 0
    done = generate("school", "--pupils", "1")
    assert (done.exit_code, done.stderr) == (1, "school is not empty.\n")
    assert generate("demo").exit_code == generate("demo").exit_code == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    done = generate("file/school", "--pupils", "1")
    assert (done.exit_code, done.stderr) == (1, "Cannot write in file/school: not a directory.\n")


def test_progress_is_shown_on_a_terminal_alone(folder: Path) -> None:
    words = {
        "file_format": "aaf2d", "seed": 1, "schools": None, "academies": 1, "split": 5000, "zipped": False, "delta": False,
        "codes": "modern", "links": "pupil", "siecle_fields": "new", "csv_encoding": "utf-8",
    }  # fmt: skip
    terminal = Terminal()
    write_volume(folder / "a", 2500, words, terminal)
    assert terminal.getvalue().startswith("\r100")
    assert terminal.getvalue().endswith("\r2500 of 2500 pupils written\n")
    silent = io.StringIO()
    write_volume(folder / "b", 10, words, silent)
    assert silent.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
