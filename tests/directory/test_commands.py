"""`preau directory`, as an operator uses it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from idp.cli_directory import Progress
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


def add_families(folder: Path, files: list[str], count: int = 20) -> None:
    """Give the first guardians' and pupils' files so many more families."""
    for kind, record in (("_PersRelEleve_", _GUARDIAN), ("_Eleve_", _PUPIL)):
        path = folder / next(name for name in files if kind in name)
        more = "".join(record.format(n=number) for number in range(count))
        path.write_text(
            path.read_text(encoding="utf-8").replace("</ficAlimMENESR>", f"{more}</ficAlimMENESR>"), "utf-8"
        )


_HEAD = (
    '<addRequest><operationalAttributes><attr name="categoriePersonne"><value>{kind}</value></attr></operationalAttributes>'
    "<identifier><id>{id}</id></identifier><attributes>"
    '<attr name="sn"><value>MARTIN</value></attr><attr name="givenName"><value>Anne</value></attr>'
)
_GUARDIAN = (
    _HEAD.replace("{kind}", "PersRelEleve").replace("{id}", "88{n:02}")
    + '<attr name="mobile"><value>06 39 98 12 {n:02}</value></attr></attributes></addRequest>'
)
_PUPIL = (
    _HEAD.replace("{kind}", "Eleve").replace("{id}", "99{n:02}")
    + '<attr name="ENTPersonDateNaissance"><value>12/04/2012</value></attr>'
    '<attr name="ENTPersonStructRattach"><value>{{school}}</value></attr>'
    '<attr name="ENTElevePersRelEleve"><value>88{n:02}$20$1$1$1$0</value></attr></attributes></addRequest>'
)


def test_a_dry_run_says_what_would_be_and_writes_nothing(folder: Path) -> None:
    files = generate(folder)
    done = preau("directory", "import", "--dry-run", *files)
    assert done.exit_code == 0
    assert done.stdout.startswith("Dry run: nothing was written.")
    assert "pupils added" in done.stdout
    assert preau("directory", "import", *files).stdout.startswith("Academy 8: 53 records read = 46 added")


def test_json_is_the_same_report_for_a_program(folder: Path) -> None:
    files = generate(folder)
    report = json.loads(preau("directory", "import", "--json", *files).stdout)
    assert (report["academy"], report["read"], report["added"]) == ("8", 53, 46)
    assert report["schools"]


def test_too_much_of_a_school_exits_with_3_and_goes_on_when_confirmed(folder: Path) -> None:
    files = generate(folder)
    pupils = next(Path(name) for name in files if "_Eleve_" in name)
    school = re.search(r'ENTPersonStructRattach"><value>(\w+)', re.sub(r"\s+", "", pupils.read_text("utf-8")))
    assert school is not None
    add_families(folder, files)
    pupils.write_text(pupils.read_text("utf-8").replace("{school}", school[1]), "utf-8")
    assert preau("directory", "import", *files).exit_code == 0
    guardians = next(Path(name) for name in files if "_PersRelEleve_" in name)
    guardians.write_text(guardians.read_text("utf-8").replace("06 39 98 12", "06 39 98 13"), "utf-8")
    done = preau("directory", "import", *files)
    assert done.exit_code == 3
    assert "--confirm-changes" in done.stderr
    assert "phones changed" in done.stderr
    assert preau("directory", "import", "--confirm-changes", *files).exit_code == 0


def test_what_waits_is_listed_by_record_ids_alone(folder: Path) -> None:
    table = folder / "responsables.csv"
    table.write_text(
        "Nom responsable;Prénom responsable;Téléphone portable;Nom élève;Prénom élève\nDUPONT;Joe;06 39 98 00 01;DUPONT;Zoé\n",
        encoding="utf-8",
    )
    done = preau("directory", "import", "--academy", "8", "--uai", "9990001i", "responsables.csv")
    assert done.exit_code == 0
    assert "1 waiting for their pupil" in done.stdout
    header, line = preau("directory", "waiting").stdout.splitlines()
    assert header == "academy,origin,guardian,pupil,pupil id,school,why,file,line"
    assert re.fullmatch(r"8,csv,c[0-9a-f]{32},names,,9990001I,no such pupil yet,responsables\.csv,2", line)
    assert "Zo" not in line


def test_a_number_is_confirmed_on_the_word_of_the_office(folder: Path) -> None:
    assert preau("directory", "import", *generate(folder)).exit_code == 0
    assert preau("init").exit_code == 0
    done = preau("directory", "confirm-phone", "06 39 98 00 01")
    assert (done.exit_code, done.stdout) == (0, "Confirmed: 1 record of the directory.\n")
    nobody = preau("directory", "confirm-phone", "+33 6 39 98 77 77")
    assert (nobody.exit_code, nobody.stderr) == (1, "No record of the directory has this number.\n")
    wrong = preau("directory", "confirm-phone", "0123")
    assert (wrong.exit_code, wrong.stderr) == (1, "This is no mobile number: write it with + and the country's code.\n")


def test_off_a_terminal_progress_is_a_plain_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = iter([0.0, 1.0, 6.0, 7.0])
    monkeypatch.setattr("idp.cli_directory.time.monotonic", lambda: next(moments))
    progress = Progress(20_000_000)
    for _ in range(3):
        progress.note_bytes(6_000_000)
    assert capsys.readouterr().err == " 60%, 2.0 MB/s, 0 records\n"
