"""What a simulator is told, and the sentence when it cannot work; the persons that come with it; the real server."""

import os
import re
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
import requests

from franceconnect_bridge.simulator.__main__ import main, read_options
from franceconnect_bridge.simulator.errors import CALLBACK_ERRORS, PAGES
from franceconnect_bridge.simulator.faults import FAULTS
from franceconnect_bridge.simulator.persons import PersonError, Persons, load_guardians, load_persons
from franceconnect_bridge.simulator.settings import Settings, SettingsError, load_clients
from idp.people.fiction import FAMILIES, FictionalGuardian
from tests.support.server import free_port

CLIENT = """
[[clients]]
client_id = "mairie"
name = "Mairie"
redirect_uris = ["https://mairie.example/cb"]
client_secret = "a-secret"
"""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"base_url": "localhost:8401"}, "base_url must be an origin without a path"),
        ({"base_url": "http://localhost:8401/fc"}, "base_url must be an origin without a path"),
        ({"idp_origin": "ftp://idp.example"}, "idp_origin must be an origin without a path"),
        ({"listen": "8401"}, "listen must be host:port"),
        ({"listen": "0.0.0.0:8401"}, "listen is reached from other machines: give a sandbox token"),
    ],
)
def test_what_cannot_work_is_said_at_start(changes: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=f"^{says}"):
        Settings(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('client_id = "mairie"', "", "client_id is missing"),
        ('client_secret = "a-secret"', "", "give client_secret or jwks, and not both"),
        ('"https://mairie.example/cb"', '"mairie"', "mairie is not a web address"),
        ('name = "Mairie"', 'name = "Mairie"\ncolour = "red"', "colour is not a setting of a client"),
        (
            'name = "Mairie"',
            'name = "Mairie"\nsigned_response_alg = "HS256"',
            "signed_response_alg must be ES256 or RS256",
        ),
        ("[[clients]]", "[[clients", "is not TOML"),
    ],
)
def test_a_clients_file_names_the_line_to_mend(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(CLIENT, encoding="utf-8")
    assert load_clients(file)[0].name == "Mairie"
    file.write_text(CLIENT.replace(was, becomes), encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        load_clients(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_clients(tmp_path / "none.toml")


def test_the_command_line_says_what_a_simulator_is_told(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(CLIENT, encoding="utf-8")
    told = read_options(
        [
            "--base-url", "http://fc.localhost:8501", "--listen", "127.0.0.1:8501", "--idp-origin", "http://idp.localhost:8500",
            "--backchannel-host", "fc:8501", "--clients", str(file), "--no-single-sign-on", "--strict-skin",
        ]
    )  # fmt: skip
    assert told.issuer == "http://fc.localhost:8501/api/v2"
    assert sorted(told.all_clients()) == ["mairie", "preau"]
    assert told.all_clients()["preau"].redirect_uris == ("http://idp.localhost:8500/franceconnect/retour",)
    assert (told.single_sign_on, told.shows_way_back, told.refuses_unknown_parameters) == (False, False, True)


GUARDIANS = """
[[families]]
key = "arbre"

[[families.guardians]]
key = "paul"

[families.guardians.franceconnect]
login = "paul"
given_names = ["Paul", "Marie"]
family_name = "ARBRE"
linked = true

[[families.guardians]]
key = "anne"
"""


def test_guardians_of_families_documents_are_persons_too_and_again_after_a_reset(tmp_path: Path) -> None:
    document = tmp_path / "families.toml"
    document.write_text(GUARDIANS, encoding="utf-8")
    options = read_options(["--families", str(document), "--families", str(tmp_path / "none")])
    assert options.families == (document, tmp_path / "none")
    persons = Persons(None, [document])
    persons.remove("paul")
    persons.reset()
    paul = persons.find("paul")
    assert paul is not None
    assert (paul.password, paul.given_names, paul.family_name) == ("123", ("Paul", "Marie"), "ARBRE")
    assert len(persons.all()) == len(load_persons(None)) + 1


def test_a_folder_of_documents_is_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, login in (("b", "second"), ("a", "first")):
        (tmp_path / f"{name}.toml").write_text(
            GUARDIANS.replace('login = "paul"', f'login = "{login}"'), encoding="utf-8"
        )
    (tmp_path / "notes.txt").write_text("not a document", encoding="utf-8")
    assert [person.login for person in load_guardians(tmp_path)] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GUARDIANS.replace('login = "paul"', 'login = "joe"'), "there is somebody with the login joe already"),
        (GUARDIANS.replace('login = "paul"', ""), "login and password are needed"),
        (GUARDIANS.replace("linked", "likes"), "likes is not a field of a person"),
        ("families = 1", "is no families document"),
        ('families = ["x"]', "is no families document"),
        ("families", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_families_document_is_said_at_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    document = tmp_path / "families.toml"
    document.write_text(text, encoding="utf-8")
    assert main(["--families", str(document)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert str(document) in said


def test_the_persons_that_come_with_it_are_fictional_and_whole() -> None:
    persons = load_persons(None)
    assert len({person.login for person in persons}) == len(persons)
    assert all(not person.email or person.email.endswith(".example") for person in persons)
    refused = {person.login for person in persons if person.problem()}
    assert refused == {"sans_mail", "sans_genre", "sans_birthplace", "mois_00", "sans_prenom", "sans_nom_naissance"}
    angela = next(person for person in persons if person.login == "test")
    assert (angela.shown, angela.birthdate, angela.password) == ("Angela Claire Louise DUBOIS", "1962-08-24", "123")


def bare(text: str) -> str:
    """Letters as the civil register's older machines had them: the school of the demo writes names of every country."""
    plain = text.replace("Ł", "L").replace("ı", "i")
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter)
    ).upper()


@pytest.mark.parametrize(
    "guardian",
    dict.fromkeys(guardian for family in FAMILIES for guardian in family.guardians),
    ids=lambda guardian: guardian.jointure,
)
def test_every_parent_of_the_demo_can_sign_in_under_her_own_name(guardian: FictionalGuardian) -> None:
    found = [
        person
        for person in load_persons(None)
        if bare(person.family_name) == bare(guardian.birth_name)
        and bare(" ".join(person.given_names)) == bare(" ".join(guardian.given_names))
        and (guardian.birth_date is None or person.birthdate == guardian.birth_date.isoformat())
    ]
    assert [person.problem() or person.refusal for person in found] == [""]
    usage = "" if guardian.family_name == guardian.birth_name else guardian.family_name
    assert bare(found[0].preferred_username) == bare(usage)


def test_a_file_of_persons_takes_the_place_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "persons.toml"
    file.write_text('[[persons]]\nlogin = "a"\npassword = "b"\n', encoding="utf-8")
    assert [person.login for person in load_persons(file)] == ["a"]
    file.write_text('[[persons]]\nlogin = "a"\n', encoding="utf-8")
    with pytest.raises(PersonError, match="login and password are needed"):
        load_persons(file)


def test_a_start_that_cannot_be_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--listen", "0.0.0.0:8401"]) == 1
    assert main(["--persons", str(tmp_path / "none.toml")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_the_server_answers_refuses_a_taken_port_and_ends_with_sigterm(tmp_path: Path) -> None:
    port = free_port()
    words = [sys.executable, "-m", "franceconnect_bridge.simulator", "--listen", f"127.0.0.1:{port}"]
    words += ["--base-url", f"http://localhost:{port}"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603  our own program
        try:
            ends = time.monotonic() + 30
            while True:
                try:
                    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).json() == {"status": "ok"}
                    break
                except requests.ConnectionError:
                    assert time.monotonic() < ends, (tmp_path / "log").read_text(encoding="utf-8")
            told = requests.get(f"http://127.0.0.1:{port}/api/v2/.well-known/openid-configuration", timeout=5).json()
            assert told["issuer"] == f"http://localhost:{port}/api/v2"
            again = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603  the same
            assert (again.returncode, again.stderr.strip()) == (
                1,
                f"Port {port} of 127.0.0.1 is taken: stop the other program, or use --listen.",
            )
        finally:
            os.kill(server.pid, signal.SIGTERM)
            server.wait(20)


def test_the_reference_names_every_page_error_fault_and_option() -> None:
    docs = Path(__file__).parents[2] / "docs/reference"
    page = (docs / "franceconnect-simulator.md").read_text(encoding="utf-8")
    told = [*(f"| `{code}` | {one.status} | {one.meaning} |" for code, one in PAGES.items()), *CALLBACK_ERRORS]
    told += [f"| `{one.name}` | {one.about} |" for one in FAULTS.values() if one.stage not in {"verify", "callback"}]
    told += [name for name in FAULTS if name.startswith("callback-")]
    assert [words for words in told if words not in page] == []
    commands = (docs / "command-line.md").read_text(encoding="utf-8")
    options = subprocess.run(
        [sys.executable, "-m", "franceconnect_bridge.simulator", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [name for name in re.findall(r"--[a-z-]+", options) if name != "--help" and name not in commands] == []


def test_the_command_of_preau_starts_the_same_program() -> None:
    words = [sys.executable, "-m", "idp.cli", "franceconnect-simulator", "--listen", "nowhere"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  our own program
    assert (done.returncode, done.stderr) == (1, "listen must be host:port, for example 127.0.0.1:8401.\n")
