"""`preau guide`: which facts it takes from where, and what it never does."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from idp.adapters import migrate
from idp.adapters.directory_tables import school
from idp.app import build_pages
from idp.cli import main
from idp.settings import create_master_key, load_settings
from idp.world import build_world
from tests.guide.handouts import read_pdf
from tests.support.page import read_page

BASE = "http://localhost:8400"
CLIENT = """
[[clients]]
client_id = "ent{n}"
client_name = "ENT {n}"
client_secret = "a-fictional-secret-{n}"
redirect_uris = ["https://ent{n}.example.org/callback"]
home_uri = "https://ent{n}.example.org/"
"""
FRANCECONNECT = """
[franceconnect]
issuer = "http://localhost:8401/api/v2"
client_id = "x"
client_secret = "a-fictional-secret-of-franceconnect"
"""


class Office:
    """Runs the command as somebody in a school's office would."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.folder = place / "out"
        self.database_url = f"sqlite:///{place}/preau.db"
        self.write()

    def write(self, more: str = "") -> None:
        self._settings = self._place / "preau.toml"
        self._settings.write_text(
            f'issuer = "http://localhost:8400"\ntest_instance = true\nmaster_key_file = "{self._place}/key"\n'
            f'database_url = "{self.database_url}"\n{more}',
            encoding="utf-8",
        )

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(
            main, ["--config", str(self._settings), "guide", "--output", str(self.folder), *words]
        )

    def refusal(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        assert not (self.folder / "guide.pdf").exists()
        return done.stderr

    @contextmanager
    def serving(self) -> Iterator[FlaskClient]:
        migrate.upgrade(self.database_url)
        settings = load_settings(self._settings)
        create_master_key(settings.master_key_file)
        world = build_world(settings)
        yield build_pages(world).test_client()
        world.engine.dispose()

    def know(self, academy: str, name: str, phone: str = "0465710000") -> None:
        migrate.upgrade(self.database_url)
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            connection.execute(
                school.insert(),
                {
                    "academy": academy,
                    "jointure": "1",
                    "uai": "0699990A",
                    "name": name,
                    "degree": 2,
                    "phone": phone,
                    "digest": "",
                },
            )
        engine.dispose()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


NAMED = ("--school", "Collège des Marronniers")
ENT = ("--ent-address", "https://ent.example.org")


def test_both_files_are_written_and_named(office: Office) -> None:
    done = office.run(*NAMED, *ENT)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{office.folder}/guide.html was written.\n{office.folder}/guide.pdf was written.\n"
    read = read_pdf((office.folder / "guide.pdf").read_bytes())
    assert read.codes == {"http://localhost:8400", "https://ent.example.org"}
    assert "Collège des Marronniers" in (office.folder / "guide.html").read_text(encoding="utf-8")


def test_it_speaks_the_language_that_it_is_asked_for(office: Office) -> None:
    assert office.run(*NAMED, *ENT, "--language", "en").exit_code == 0
    read = read_pdf((office.folder / "guide.pdf").read_bytes())
    assert read.codes == {"http://localhost:8400/?langue=en", "https://ent.example.org"}
    assert "Activate your parent account" in (office.folder / "guide.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "heading"), [("fr", "Je sélectionne mon profil"), ("en", "I choose my profile")])
def test_the_code_leads_to_the_sign_in_page_in_the_language_of_the_handout(
    office: Office, language: str, heading: str
) -> None:
    office.run(*NAMED, *ENT, "--language", language)
    (sign_in,) = read_pdf((office.folder / "guide.pdf").read_bytes()).codes - {"https://ent.example.org"}
    with office.serving() as pages:
        answer = pages.get(sign_in.removeprefix(BASE) or "/", base_url=BASE, follow_redirects=True)
    assert (answer.status_code, read_page(200, BASE, answer.headers, answer.text).h1) == (200, heading)


def test_files_that_are_there_are_kept_unless_it_is_told_otherwise(office: Office) -> None:
    office.folder.mkdir()
    (office.folder / "guide.html").write_text("somebody's own", encoding="utf-8")
    assert (
        office.refusal(*NAMED, *ENT)
        == f"{office.folder}/guide.html is there already: give --overwrite to write over.\n"
    )
    assert (office.folder / "guide.html").read_text(encoding="utf-8") == "somebody's own"
    done = office.run(*NAMED, *ENT, "--overwrite")
    assert done.stdout == f"{office.folder}/guide.html was written over.\n{office.folder}/guide.pdf was written.\n"


def test_the_second_procedure_is_there_where_franceconnect_is(office: Office) -> None:
    office.run(*NAMED, *ENT)
    assert "FranceConnect" not in (office.folder / "guide.html").read_text(encoding="utf-8")
    office.write(FRANCECONNECT)
    assert office.run(*NAMED, *ENT, "--overwrite").exit_code == 0
    assert "avec FranceConnect" in (office.folder / "guide.html").read_text(encoding="utf-8")


def test_name_and_phone_come_from_the_directory(office: Office) -> None:
    office.know("10", "Collège de l'Été")
    assert office.run("--uai", "0699990a", *ENT).exit_code == 0
    read = read_pdf((office.folder / "guide.pdf").read_bytes())
    assert "Collège de l'Été" in read.text
    assert "Appelez le secrétariat de l'école au 04 65 71 00 00." in read.text


def test_what_is_given_wins_over_the_directory(office: Office) -> None:
    office.know("10", "CLG ETE")
    assert (
        office.run("--uai", "0699990A", "--school", "Collège de l'Été", "--office-phone", "3620", *ENT).exit_code == 0
    )
    read = read_pdf((office.folder / "guide.pdf").read_bytes())
    assert "Collège de l'Été" in read.text
    assert "au 3620." in read.text


def test_a_school_that_the_directory_does_not_know_is_refused(office: Office) -> None:
    office.know("10", "Collège de l'Été")
    assert office.refusal("--uai", "0690000Z", *ENT) == "The directory knows no school '0690000Z': give --school.\n"


def test_a_school_with_two_names_is_refused(office: Office) -> None:
    office.know("10", "Collège de l'Été")
    office.know("8", "Collège de l'Hiver")
    assert (
        office.refusal("--uai", "0699990A", *ENT) == "The directory has several names for '0699990A': give --school.\n"
    )


def test_a_database_without_tables_is_said_in_one_sentence(office: Office) -> None:
    assert office.refusal("--uai", "0699990A", *ENT) == "The database refuses: no such table: school.\n"


def test_no_school_is_refused(office: Office) -> None:
    assert office.refusal(*ENT) == "Which school? Give --school, or --uai for one that the directory knows.\n"


def test_the_ent_is_the_one_client_that_has_a_home(office: Office) -> None:
    office.write(CLIENT.format(n=1))
    assert office.run(*NAMED).exit_code == 0
    assert "https://ent1.example.org/" in read_pdf((office.folder / "guide.pdf").read_bytes()).codes


@pytest.mark.parametrize(("clients", "why"), [(0, "no client has a home_uri"), (2, "several clients have a home_uri")])
def test_no_ent_or_several_are_refused(office: Office, clients: int, why: str) -> None:
    office.write("".join(CLIENT.format(n=one) for one in range(clients)))
    assert office.refusal(*NAMED) == f"Which ENT? Give --ent-address: {why}.\n"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("javascript:alert(1)", "must be a web address that starts with https://"),
        ("ftp://ent.example.org", "must be a web address that starts with https://"),
        ("ent.example.org", "must be a web address that starts with https://"),
        ("https://", "must be a web address that starts with https://"),
        (
            "http://ent.example.org",
            "must start with https:// (plain http is for this machine and, on a test instance, for test hosts)",
        ),
        ("https://joe:secret@ent.example.org", "must hold no user name and no password"),
        (
            "https://ent.example.org/\nx",
            "must hold no space, backslash or star: addresses are compared letter for letter",
        ),
        (f"https://ent.example.org/{'a' * 300}", "has 324 characters: 200 at most"),
    ],
)
def test_an_address_that_is_not_the_ent_s_is_refused(office: Office, address: str, why: str) -> None:
    assert office.refusal(*NAMED, "--ent-address", address) == f"The ENT's address {why}.\n"


def test_a_name_that_cannot_be_printed_is_refused(office: Office) -> None:
    assert office.refusal("--school", "A" * 300, *ENT) == "The school's name has 300 characters: 120 at most.\n"


@pytest.mark.parametrize("package", ["segno", "typst"])
def test_a_package_that_is_missing_is_named_with_how_to_install_it(
    office: Office, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("idp.guide")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert (
        office.refusal(*NAMED, *ENT)
        == f"The handout needs {package}, which is not installed: pip install 'preau[guide]'.\n"
    )


def test_a_folder_that_cannot_be_made_is_said(office: Office) -> None:
    office.folder.write_text("a file", encoding="utf-8")
    office.folder = office.folder / "inside"
    assert office.refusal(*NAMED, *ENT) == f"Cannot write in {office.folder}: not a directory.\n"
