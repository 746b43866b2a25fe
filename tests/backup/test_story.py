"""A school moves from SQLite to PostgreSQL in the middle of a morning: nobody has to begin again."""

from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.people import ANGELA, JOE, PASSWORD, activate, kinship_values, reach_kinship
from tests.journeys.test_client_credentials import ask as ask_for_itself
from tests.journeys.test_resources import introspect
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.command import run_preau
from tests.support.databases import fresh_postgresql_database
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.resources import RESOURCES
from tests.support.sandbox import Sandbox
from tests.support.server import free_port, serving, write_settings


def test_sessions_activations_and_signatures_outlive_a_move_to_another_database(
    tmp_path: Path, postgresql_server: str
) -> None:
    port, file = free_port(), tmp_path / "school.backup"
    settings = write_settings(tmp_path, port, clients=RESOURCES)
    run_preau(settings, "db", "upgrade")
    run_preau(settings, "directory", "generate", str(tmp_path / "school"))
    run_preau(settings, "directory", "import", *sorted(str(path) for path in (tmp_path / "school").glob("*.xml")))
    with serving(settings, port, tmp_path) as running:
        joe, angela, sandbox = Browser(running.base), Browser(running.base), Sandbox(running.base)
        ent = RelyingParty(running.base)
        identifiant = activate(joe, sandbox, JOE)
        first = ent.exchange(bring_back_code(ent, joe, identifiant)).json()
        machines = ask_for_itself(RelyingParty(running.base, "till", "secret-of-the-till")).json()
        children = reach_kinship(angela, sandbox, ANGELA)
        said = run_preau(settings, "backup", str(file))
        assert said.endswith("Without the master key they cannot be restored: keep it elsewhere.\n")

    with fresh_postgresql_database(postgresql_server) as url:
        settings = write_settings(tmp_path, port, clients=RESOURCES, database_url=url)
        run_preau(settings, "db", "upgrade")
        assert said.split()[0] == run_preau(settings, "restore", str(file)).split()[0]
        with serving(settings, port, tmp_path) as running:
            keys = KeySet.import_key_set(ent.http.get(f"{running.base}/idp/profile/oidc/jwks", timeout=20).json())
            assert jwt.decode(first["id_token"], keys).claims["iss"] == running.base
            assert ent.userinfo(first["access_token"]).json()["given_name"] == "Joe"
            canteen = RelyingParty(running.base, "canteen", "secret-of-the-canteen")
            assert introspect(canteen, machines["access_token"])["sub"] == "till"

            joe.open(ent.authorization_uri())
            second = ent.exchange(answer_in(joe.left_to)["code"]).json()
            assert (
                jwt.decode(second["id_token"], keys).header["kid"] == jwt.decode(first["id_token"], keys).header["kid"]
            )
            for claim in ("sid", "sub", "auth_time"):
                assert unverified_claims(second["id_token"])[claim] == unverified_claims(first["id_token"])[claim]

            angela.fill("lien-1", kinship_values(children, ANGELA))
            page = angela.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
            assert page.h1 == "Votre compte a été activé avec succès"
