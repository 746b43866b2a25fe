"""`preau client`: what an operator reads, and what happens."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from idp.adapters.tables import registered_client
from idp.cli import main
from idp.settings import load_settings
from idp.world import World, build_world
from tests.support.client_site import running_site
from tests.support.server import write_settings

URI = "https://ent.example/retour"
CANTEEN = "https://canteen.example/api"
RESOURCE = f"""
[[resources]]
resource = "{CANTEEN}"
name = "Cantine"
scope = ["canteen.read"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = write_settings(tmp_path, 8400, clients=RESOURCE)
    assert preau(path, "init").exit_code == 0
    assert preau(path, "db", "upgrade").exit_code == 0
    return path


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    """The provider as it serves, built before anything is added."""
    world = build_world(load_settings(path))
    yield world
    world.engine.dispose()


def preau(path: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main,
        ["--config", str(path), "client", *words]
        if words[0] not in {"init", "db"}
        else ["--config", str(path), *words],
    )


def add(path: Path, *words: str, name: str = "ENT Sureau") -> dict[str, Any]:
    done = preau(path, "add", name, "--redirect-uri", URI, *words, "--json")
    assert done.exit_code == 0, done.output
    added: dict[str, Any] = json.loads(done.stdout)
    return added


def hash_of(world: World, client_id: str, secret: str) -> str:
    return world.secrets.keyed_hash("client-secret", f"{client_id}:{secret}")


# --- add -------------------------------------------------------------------------------------------------------------------------------


def test_a_client_that_is_added_is_known_to_processes_that_serve(path: Path, world: World) -> None:
    added = add(path)
    known = world.clients.load_client(added["client_id"])
    assert known is not None
    assert (known.client_name, known.redirect_uris, known.pkce) == ("ENT Sureau", (URI,), "required")
    assert known.client_secret_hash == hash_of(world, known.client_id, added["client_secret"])
    assert known.scope == ("openid", "profile", "ect.scope.cnx")
    assert known.consent == "none", "the operator answers for it"


def test_the_secret_is_printed_once_and_the_page_says_so(path: Path) -> None:
    done = preau(path, "add", "ENT Sureau", "--redirect-uri", URI)
    first, second, last = done.stdout.splitlines()
    (name, client_id), (other_name, secret) = first.split(), second.split()
    assert (name, other_name) == ("client_id", "client_secret")
    assert last == "The secret is shown this once: `preau client rotate-secret` makes another one."
    for words in (("list",), ("list", "--json"), ("show", client_id), ("show", client_id, "--json")):
        told = preau(path, *words)
        assert (told.exit_code, client_id in told.stdout, secret in told.stdout) == (0, True, False)


def test_every_option_is_registered(path: Path, world: World, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}), encoding="utf-8")
    more = (
        "--scope",
        "openid",
        "--scope",
        "offline_access",
        "--refresh-tokens",
        "--initiate-login-uri",
        "https://ent.example/commencer",
    )
    more = (*more, "--consent", "always", "--pkce", "if_sent")
    added = add(path, "--jwks", str(keys), "--post-logout-redirect-uri", "https://ent.example/", *more)
    known = world.clients.load_client(added["client_id"])
    assert known is not None
    assert "client_secret" not in added
    assert added["initiate_login_uri"] == "https://ent.example/commencer"
    assert (known.token_endpoint_auth_method, len(known.keys)) == ("private_key_jwt", 1)
    assert known.post_logout_redirect_uris == ("https://ent.example/",)
    assert (known.consent, added["consent"]) == ("always", "always")
    assert (known.pkce, added["pkce"]) == ("if_sent", "if_sent")
    assert (known.scope, known.grant_types) == (("openid", "offline_access"), ("authorization_code", "refresh_token"))


def test_a_client_may_be_added_that_gets_tokens_for_itself_alone(path: Path, world: World) -> None:
    done = preau(
        path, "add", "Caisse", "--client-credentials", "--resource", CANTEEN, "--scope", "canteen.read", "--json"
    )
    assert done.exit_code == 0, done.output
    known = world.clients.load_client(json.loads(done.stdout)["client_id"])
    assert known is not None
    assert (known.grant_types, known.redirect_uris) == (("client_credentials",), ())
    assert (known.resources, known.scope) == ((CANTEEN,), ("canteen.read",))
    both = add(path, "--client-credentials", "--resource", CANTEEN)
    assert both["grant_types"] == ["authorization_code", "client_credentials"]
    assert both["resources"] == [CANTEEN], "an operator may, though it is not open to clients that register"


def test_a_client_without_any_way_to_a_token_is_refused(path: Path) -> None:
    done = preau(path, "add", "Caisse")
    assert (done.exit_code, "--redirect-uri is missing" in done.stderr) == (2, True)


def test_where_keys_and_addresses_are_may_be_said_in_place_of_them(path: Path, world: World) -> None:
    added = add(path, "--jwks-uri", "https://ent.example/jwks")
    known = world.clients.load_client(added["client_id"])
    assert known is not None
    assert (known.token_endpoint_auth_method, known.jwks_uri) == ("private_key_jwt", "https://ent.example/jwks")
    with running_site() as site:
        sector = site.put("/sector.json", json.dumps([URI, "https://autre.example/retour"]))
        uris = ("--redirect-uri", "https://autre.example/retour", "--sector-identifier-uri", sector)
        known = world.clients.load_client(add(path, *uris)["client_id"])
    assert known is not None
    assert (known.sector_identifier, len(known.redirect_uris)) == ("localhost", 2)
    configured = world.clients.load_client("ent")
    assert configured is not None
    assert (configured.in_settings, known.in_settings) == (True, False), "it is guarded where it leads us"
    refused = preau(path, "add", "ENT", "--redirect-uri", URI, "--sector-identifier-uri", sector)
    assert (refused.exit_code, refused.stderr.endswith("was not read: it does not answer.\n")) == (1, True)
    assert preau(path, "add", "ENT", "--redirect-uri", URI, "--jwks-uri", URI, "--public").exit_code == 2


def test_a_public_client_has_no_secret_must_use_pkce_and_its_origin_is_known(path: Path, world: World) -> None:
    assert not world.clients.is_public_origin("https://ent.example")
    added = add(path, "--public")
    known = world.clients.load_client(added["client_id"])
    assert known is not None
    assert (known.token_endpoint_auth_method, known.client_secret_hash, known.pkce) == ("none", None, "required")
    assert world.clients.is_public_origin("https://ent.example")
    done = preau(path, "add", "Tablette", "--redirect-uri", URI, "--public")
    assert "secret" not in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("ENT", "--redirect-uri", "http://ent.school/"),
            "redirect_uris[0] must start with https:// (plain http is for this machine and, on a test instance, for test hosts).",
        ),
        (
            ("ENT", "--client-credentials"),
            "resources must hold something, because grant_types holds client_credentials.",
        ),
        (
            ("ENT", "--redirect-uri", URI, "--resource", "https://nobody.example/"),
            "resources may hold identifiers of resources that are open to such clients, each once.",
        ),
        (("", "--redirect-uri", URI), "client_name should have at least 1 character."),
        (("ENT", "--redirect-uri", URI, "--scope", "profile"), "scope must hold openid."),
        (
            ("ENT", "--redirect-uri", URI, "--initiate-login-uri", "x"),
            "initiate_login_uri must be a web address that starts with https://.",
        ),
        (
            ("ENT", "--redirect-uri", URI, "--jwks", "/nowhere/keys"),
            "/nowhere/keys cannot be read: no such file or directory.",
        ),
    ],
)
def test_what_cannot_be_registered_is_said_in_one_sentence(path: Path, words: tuple[str, ...], sentence: str) -> None:
    done = preau(path, "add", *words)
    assert (done.exit_code, done.stderr, done.stdout) == (1, f"{sentence}\n", "")
    assert all(one["from"] == str(path) for one in json.loads(preau(path, "list", "--json").stdout)), "nobody was added"


def test_a_public_client_cannot_be_spared_pkce(path: Path) -> None:
    done = preau(path, "add", "ENT", "--redirect-uri", URI, "--public", "--pkce", "if_sent")
    assert done.exit_code == 2
    assert "PKCE is all that a public client has" in done.stderr


def test_a_file_of_keys_that_is_none_is_refused_and_so_are_two_ways_to_prove_oneself(
    path: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("[", encoding="utf-8")
    assert preau(path, "add", "ENT", "--redirect-uri", URI, "--jwks", str(keys)).stderr == f"{keys} is not JSON.\n"
    assert preau(path, "add", "ENT", "--redirect-uri", URI, "--jwks", str(keys), "--public").exit_code == 2


# --- list and show ---------------------------------------------------------------------------------------------------------------------


def test_the_list_says_where_each_client_stands(path: Path) -> None:
    added = add(path)
    lines = preau(path, "list").stdout.splitlines()
    assert lines[0].split() == ["client_id", "name", "from"]
    assert lines[1].split() == ["ent", "ENT", "Marronnier", str(path)]
    assert lines[-1].split() == [added["client_id"], "ENT", "Sureau", "preau", "client", "add"]
    told = json.loads(preau(path, "list", "--json").stdout)
    assert told[0] == {"client_id": "ent", "client_name": "ENT Marronnier", "from": str(path)}


def test_clients_of_a_variable_are_said_to_come_from_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"client_id": "x", "client_name": "X", "token_endpoint_auth_method": "none", "redirect_uris": [URI]}
    monkeypatch.setenv("PREAU_CLIENTS", json.dumps([one]))
    assert json.loads(preau(path, "list", "--json").stdout) == [
        {"client_id": "x", "client_name": "X", "from": "PREAU_CLIENTS"}
    ]
    assert preau(path, "remove", "x").stderr == "x stands in PREAU_CLIENTS: change it there.\n"
    monkeypatch.setenv("PREAU_CLIENTS", "[]")
    assert preau(path, "list").stdout == "There are no clients.\n"


def test_a_client_is_shown_whichever_way_it_came(path: Path) -> None:
    added = add(path)
    shown = json.loads(preau(path, "show", added["client_id"], "--json").stdout)
    assert (shown["client_name"], shown["redirect_uris"], shown["from"]) == ("ENT Sureau", [URI], "preau client add")
    assert "client_id_issued_at" in preau(path, "show", added["client_id"]).stdout
    configured = preau(path, "show", "ent")
    assert "ENT Marronnier" in configured.stdout
    assert str(path) in configured.stdout
    assert "secret-of-the-ent" not in configured.stdout
    assert "client_secret " not in configured.stdout


# --- rotate-secret and remove -----------------------------------------------------------------------------------------------------------


def test_another_secret_replaces_the_former_one_at_once(path: Path, world: World) -> None:
    added = add(path)
    renewed = json.loads(preau(path, "rotate-secret", added["client_id"], "--json").stdout)
    known = world.clients.load_client(added["client_id"])
    assert known is not None
    assert renewed["client_secret"] != added["client_secret"]
    assert known.client_secret_hash == hash_of(world, known.client_id, renewed["client_secret"])
    assert (
        preau(path, "rotate-secret", added["client_id"]).stdout.splitlines()[-1].startswith("The former one is refused")
    )


def test_a_client_without_a_secret_gets_none(path: Path) -> None:
    added = add(path, "--public")
    done = preau(path, "rotate-secret", added["client_id"])
    assert (done.exit_code, done.stderr) == (1, f"{added['client_id']} has no secret: it is registered for none.\n")


def test_a_client_that_is_removed_is_known_nowhere(path: Path, world: World) -> None:
    added = add(path)
    done = preau(path, "remove", added["client_id"])
    assert done.stdout == f"{added['client_id']} is not registered any more, and its tokens are worth nothing.\n"
    assert world.clients.load_client(added["client_id"]) is None


@pytest.mark.parametrize("command", ["show", "rotate-secret", "remove"])
@pytest.mark.parametrize("client_id", ["nobody", "f" * 32])
def test_a_client_that_is_not_there_is_said_so(path: Path, command: str, client_id: str) -> None:
    done = preau(path, command, client_id)
    assert (done.exit_code, done.stderr) == (1, f"There is no client {client_id}: see preau client list.\n")


@pytest.mark.parametrize("command", ["rotate-secret", "remove"])
def test_a_client_of_the_settings_is_changed_there(path: Path, world: World, command: str) -> None:
    done = preau(path, command, "ent")
    assert (done.exit_code, done.stderr) == (1, f"ent stands in {path}: change it there.\n")
    with world.engine.connect() as connection:
        assert connection.execute(registered_client.select()).all() == []


def test_each_of_these_is_in_the_audit_trail(path: Path, world: World) -> None:
    added = add(path)
    preau(path, "rotate-secret", added["client_id"])
    preau(path, "remove", added["client_id"])
    with world.engine.connect() as connection:
        lines = connection.exec_driver_sql("SELECT event, client_id FROM audit ORDER BY id").all()
    assert [tuple(line) for line in lines] == [
        (f"client.{what}", added["client_id"]) for what in ("registered", "secret-rotated", "removed")
    ]
