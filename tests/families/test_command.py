"""`preau families`, and what the settings make of a document."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.adapters.armed_faults import ArmedFaults
from idp.adapters.case_library import case_names, load_case
from idp.adapters.directory import DirectoryStore
from idp.adapters.stores import make_engine
from idp.cli import main
from idp.families import build_families_loader, build_families_remover
from idp.serve import ServerError, prepare_families
from idp.settings import SettingsError, load_settings
from idp.world import build_world
from tests.families.documents import TEXT, changed
from tests.support.server import write_settings

CLIENT = """
[[clients]]
client_id = "ours"
client_name = "Notre ENT"
client_secret = "a-secret-of-16-characters"
redirect_uris = ["http://localhost:3000/retour"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = write_settings(tmp_path, 8400)
    assert preau("init", settings=path).exit_code == 0
    assert preau("db", "upgrade", settings=path).exit_code == 0
    return path


@pytest.fixture
def families(tmp_path: Path) -> Path:
    return write(tmp_path, TEXT)


def write(folder: Path, text: str, name: str = "families.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def preau(*words: str, settings: Path | None = None) -> Result:
    return CliRunner().invoke(main, [*(["--config", str(settings)] if settings else []), *words])


def with_families(settings: Path, lines: str) -> Path:
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n[families]\n{lines}\n", encoding="utf-8")
    return settings


# --- check -----------------------------------------------------------------------------------------------------------------------------


def test_a_document_that_is_right_is_counted_without_settings(families: Path) -> None:
    done = preau("families", "check", str(families))
    assert (done.exit_code, done.output) == (
        0, f"{families} is right: 1 family, 2 guardians, 2 pupils, 2 schools, 0 clients, 0 faults.\n",
    )  # fmt: skip


def test_every_fault_of_every_file_is_one_line_on_stderr(tmp_path: Path) -> None:
    one = write(tmp_path, changed(("degree = 2", "degree = 4")), "one.toml")
    two = write(tmp_path, "x = 1\ny = 2", "two.toml")
    done = preau("families", "check", str(one), str(two), str(tmp_path / "three.toml"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"{one}, line 8: schools[0].degree = 4 must be one of: 1, 2.",
        f"{two}, line 1: x is not known here: title, about, effect, schools, families, faults, clients.",
        f"{two}, line 2: y is not known here: title, about, effect, schools, families, faults, clients.",
        f"{tmp_path}/three.toml: the file cannot be read: no such file or directory.",
    ]


def test_the_clients_of_a_document_are_looked_at_too(tmp_path: Path) -> None:
    wrong = CLIENT.replace("a-secret-of-16-characters", "short").replace("redirect_uris", "redirect_uri")
    done = preau("families", "check", str(write(tmp_path, CLIENT + wrong)))
    assert done.exit_code == 1
    assert "line 8: clients[1].redirect_uri is not a setting." in done.stderr
    done = preau("families", "check", str(write(tmp_path, CLIENT + CLIENT)))
    assert "line 8: clients[1].client_id is the same as an earlier client's." in done.stderr
    assert preau("families", "check", str(write(tmp_path, CLIENT))).exit_code == 0


# --- load ------------------------------------------------------------------------------------------------------------------------------


def test_a_document_is_loaded_and_the_database_is_sound(settings: Path, families: Path) -> None:
    done = preau("families", "load", str(families), settings=settings)
    assert done.output == (
        "Directory: 7 records added, 0 changed, 0 unchanged. Accounts: 1 made, 0 there already. Faults: 0 armed.\n"
    )  # fmt: skip
    done = preau("families", "load", str(families), settings=settings)
    assert done.output == (
        "Directory: 0 records added, 0 changed, 7 unchanged. Accounts: 0 made, 1 there already. Faults: 0 armed.\n"
    )  # fmt: skip
    assert preau("db", "check", settings=settings).exit_code == 0


def test_clients_that_the_instance_does_not_know_are_named(settings: Path, tmp_path: Path) -> None:
    done = preau("families", "load", str(write(tmp_path, CLIENT)), settings=settings)
    assert done.exit_code == 0
    assert "ours not known yet: clients come with families.file of the settings, at a start." in done.stderr


def test_a_fault_is_armed_at_a_start_once_and_not_again(settings: Path, tmp_path: Path) -> None:
    fault = '[[faults]]\nkey = "late"\nfault = "slow"\nclient_id = "ours"\nseconds = 2\n'
    with_families(settings, f'file = "{write(tmp_path, CLIENT + fault)}"')
    for _ in range(2):
        prepare_families(load_settings(settings))
    world = build_world(load_settings(settings))
    [armed] = ArmedFaults(world.engine).load_of_testers()
    assert (armed.fault, armed.client_id, armed.options["seconds"], armed.times) == ("slow", "ours", 2, 1)
    world.engine.dispose()


def test_without_the_control_api_no_fault_is_armed_and_a_load_says_so(settings: Path, tmp_path: Path) -> None:
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("enabled = true", "enabled = false"), encoding="utf-8"
    )
    done = preau(
        "families", "load", str(write(tmp_path, '[[faults]]\nkey = "late"\nfault = "http-503"')), settings=settings
    )
    assert done.exit_code == 0
    assert done.stdout.endswith("Faults: 0 armed.\n")
    assert done.stderr == "Fault late was not armed: this instance has no control API, without which none strikes.\n"


def test_a_refused_document_is_told_in_one_line_for_each_fault(settings: Path, tmp_path: Path) -> None:
    done = preau("families", "load", str(write(tmp_path, changed(("9997001I", "0381234A")))), settings=settings)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def real(folder: Path) -> Path:
    """Return the settings of an instance for real people, whose master key is made."""
    path = write(
        folder,
        f'issuer = "https://connexion.academie.fr"\ndatabase_url = "sqlite:///{folder}/preau.db"\n'
        f'master_key_file = "{folder}/key"\n',
        "preau.toml",
    )
    preau("init", settings=path)
    return path


def test_an_instance_for_real_people_takes_nobody(tmp_path: Path, families: Path) -> None:
    path = real(tmp_path)
    done = preau("families", "load", str(families), settings=path)
    assert (done.exit_code, "test instance only" in done.stderr) == (1, True)
    world = build_world(load_settings(path))
    with pytest.raises(ValueError, match="families are for test instances"):
        build_families_loader(world)
    world.engine.dispose()


# --- remove ----------------------------------------------------------------------------------------------------------------------------


def test_a_family_is_removed_and_may_be_loaded_again(settings: Path, families: Path) -> None:
    preau("families", "load", str(families), settings=settings)
    done = preau("families", "remove", "arbre", settings=settings)
    assert done.output == "Directory: 5 records gone. Accounts: 1 account removed. Faults: 0 disarmed.\n"
    assert preau("db", "check", settings=settings).exit_code == 0
    done = preau("families", "remove", "arbre", settings=settings)
    assert (done.exit_code, done.stderr) == (1, "No document brought a family of this name: there is none.\n")
    done = preau("families", "load", str(families), settings=settings)
    assert "Accounts: 1 made, 0 there already." in done.output


def test_an_instance_for_real_people_lets_nobody_go(tmp_path: Path) -> None:
    done = preau("families", "remove", "arbre", settings=real(tmp_path))
    assert (done.exit_code, "a test instance alone" in done.stderr) == (1, True)
    world = build_world(load_settings(real(tmp_path)))
    with pytest.raises(ValueError, match="families are for test instances"):
        build_families_remover(world)
    world.engine.dispose()


# --- list and show -----------------------------------------------------------------------------------------------------------------


def test_every_case_is_listed_with_its_bug() -> None:
    lines = preau("families", "list").output.splitlines()
    assert [line.split()[0] for line in lines] == case_names()
    assert all(len(line.split()) > 5 for line in lines)


def test_a_case_is_shown_as_it_is_and_an_unknown_one_is_said() -> None:
    assert preau("families", "show", "twins").output == load_case("twins")
    done = preau("families", "show", "../twins")
    assert (done.exit_code, done.stderr) == (
        1, "There is no case called ../twins: preau families list says which there are.\n",
    )  # fmt: skip


# --- settings ------------------------------------------------------------------------------------------------------------------------


def test_the_clients_of_the_document_stand_beside_those_of_the_settings(settings: Path, tmp_path: Path) -> None:
    write(tmp_path, TEXT + CLIENT)
    read = load_settings(with_families(settings, f'file = "{tmp_path}/families.toml"'))
    assert [one.client_id for one in read.clients if one.client_id in {"ent", "ours"}] == ["ent", "ours"]


def test_a_wrong_client_of_the_document_is_found_in_the_document(settings: Path, tmp_path: Path) -> None:
    path = write(tmp_path, CLIENT.replace("a-secret-of-16-characters", "short").replace("3000/retour", "3000/#x"))
    with pytest.raises(SettingsError) as refused:
        load_settings(with_families(settings, f'file = "{path}"'))
    assert {(fault.key, fault.source) for fault in refused.value.faults} == {
        ("clients[0].client_secret", str(path)), ("clients[0].redirect_uris[0]", str(path)),
    }  # fmt: skip


def test_a_variable_names_the_document_too(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREAU_FAMILIES__FILE", str(write(tmp_path, CLIENT)))
    monkeypatch.setenv("PREAU_FAMILIES__CASES", '["twins"]')
    read = load_settings(settings)
    assert read.clients[-1].client_id == "ours"
    assert [name for name, _ in read.families.load_texts()] == [f"{tmp_path}/families.toml", "twins.toml"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('file = "/nowhere/families.toml"', "families.file"),
        ('cases = ["twin"]', "families.cases"),
    ],
)
def test_what_is_not_there_is_said(settings: Path, lines: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings(with_families(settings, lines))


def test_families_are_refused_where_people_are_real(tmp_path: Path) -> None:
    path = write(tmp_path, 'issuer = "https://connexion.academie.fr"\n[families]\ncases = ["all"]\n', "preau.toml")
    with pytest.raises(SettingsError, match=r"families .* may be given on a test instance only"):
        load_settings(path)


def test_all_means_every_case_once(settings: Path) -> None:
    read = load_settings(with_families(settings, 'cases = ["twins", "all"]'))
    assert [name for name, _ in read.families.load_texts()] == [f"{name}.toml" for name in case_names()]


def test_a_start_takes_them_in_and_refuses_faults(settings: Path, tmp_path: Path) -> None:
    path = write(tmp_path, TEXT)
    read = load_settings(with_families(settings, f'file = "{path}"'))
    prepare_families(read)
    world = build_world(read)
    with world.stores.reading() as desk:
        assert desk.accounts.load_by_identifiant("p.arbre1101") is not None
    world.engine.dispose()
    write(tmp_path, changed(("9997001I", "0381234A")))
    with pytest.raises(ServerError, match="may be a real school's"):
        prepare_families(read)


def test_a_start_waits_for_another_import_and_then_says_so(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.families._PAUSES", (0.01, 0.01))
    read = load_settings(with_families(settings, f'file = "{write(tmp_path, TEXT)}"'))
    engine = make_engine(read.database_url)
    with DirectoryStore(engine).importing(), pytest.raises(ServerError, match="import"):
        prepare_families(read)
    engine.dispose()
    prepare_families(read)


def test_a_start_goes_on_without_families_where_the_database_does_not_answer(settings: Path, tmp_path: Path) -> None:
    read = load_settings(with_families(settings, 'cases = ["twins"]'))
    gone = read.model_copy(update={"database_url": f"sqlite:///{tmp_path}/nothing.db"})
    prepare_families(gone)  # no tables: said in the log, as check_tables says it before


def test_without_files_a_load_takes_what_the_settings_name(settings: Path, tmp_path: Path) -> None:
    done = preau("families", "load", settings=settings)
    assert (done.exit_code, done.stderr) == (
        1,
        "Which families? Give files, or name some in [families] of the settings.\n",
    )
    path = with_families(settings, f'file = "{write(tmp_path, TEXT)}"\ncases = ["locked"]')
    assert "Accounts: 2 made, 0 there already." in preau("families", "load", settings=path).output
