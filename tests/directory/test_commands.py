"""`preau directory`, as an operator uses it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from tests.support.server import write_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_settings(tmp_path, 8400)
    assert preau("db", "upgrade").exit_code == 0
    return tmp_path


def preau(*words: str) -> Result:
    return CliRunner().invoke(main, ["--config", "preau.toml", *words])


def generate(folder: Path) -> list[str]:
    done = preau("directory", "generate", "school")
    assert (done.exit_code, done.stdout) == (0, "6 AAF files and ent-directory.json are in school.\n")
    return sorted(str(path) for path in (folder / "school").glob("*.xml"))


def test_a_clean_import_says_the_sum_and_exits_0(folder: Path) -> None:
    files = generate(folder)
    done = preau("directory", "import", *files)
    assert done.exit_code == 0
    assert done.stdout.startswith("Academy 8: 53 records read = 46 added")
    assert done.stderr == ""
    assert not (folder / "rejects.csv").exists()
    again = preau("directory", "import", *files)
    assert (
        again.stdout == "Academy 8: 53 records read = 0 added + 0 modified + 0 deleted + 53 unchanged + 0 rejected.\n"
    )


def test_rejects_are_listed_and_the_exit_status_is_2_and_a_stale_list_goes(folder: Path) -> None:
    files = generate(folder)
    pupils = next(Path(name) for name in files if "_Eleve_" in name)
    whole = pupils.read_text(encoding="utf-8")
    pupils.write_text(whole.replace("12/04/2012", "31/02/2012").replace("30/01/2013", "demain"), encoding="utf-8")
    done = preau("directory", "import", *files)
    assert done.exit_code == 2
    lines = (folder / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,line,record,reason"
    assert f"{len(lines) - 1} rejected record" in done.stderr
    assert pupils.name in lines[1]
    assert "ENTPersonDateNaissance is no date" in lines[1]
    pupils.write_text(whole, encoding="utf-8")
    assert preau("directory", "import", *files).exit_code == 0
    assert not (folder / "rejects.csv").exists()


def test_a_file_cut_short_is_named(folder: Path) -> None:
    files = generate(folder)
    guardians = next(Path(name) for name in files if "_PersRelEleve_" in name)
    guardians.write_text(guardians.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    done = preau("directory", "import", *files)
    assert done.exit_code == 2
    assert f"{guardians.name} was not read to its end." in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("none.xml",), "none.xml cannot be read: no such file or directory.\n"),
        (("preau.toml",), "has no header that is known"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence_and_exit_1_or_2(
    folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = preau("directory", "import", *words)
    assert done.exit_code in {1, 2}
    told = done.stderr + ((folder / "rejects.csv").read_text("utf-8") if (folder / "rejects.csv").exists() else "")
    assert sentence in told or "cannot be told" in told
    assert "Traceback" not in told


def test_real_data_needs_words(folder: Path) -> None:
    files = generate(folder)
    guardians = next(Path(name) for name in files if "_PersRelEleve_" in name)
    guardians.write_text(
        guardians.read_text(encoding="utf-8").replace("06 39 98 00 01", "06 12 34 56 78"), encoding="utf-8"
    )
    done = preau("directory", "import", *files)
    assert done.exit_code == 1
    assert "a mobile number that may be real" in done.stderr
    assert "nothing was imported" in done.stderr
    assert preau("directory", "import", "--force-real-data", *files).exit_code == 0


def test_without_tables_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_settings(tmp_path, 8400)
    done = preau("directory", "import", *generate(tmp_path))
    assert done.exit_code == 1
    assert done.stderr.startswith("The database refuses:")
