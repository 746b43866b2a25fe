"""A service made of openid-client, a certified Node library, with each way to prove who it is."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.interop.conftest import NODE_FLAGS, node, running_program
from tests.interop.visitor import Visitor, activate_from_the_seed, registration
from tests.journeys.people import JOE, activate
from tests.support.browser import Browser
from tests.support.command import run_preau
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import free_port, running_server

RSA = RSAKey.generate_key(2048, parameters={"kid": "node-rsa"})
EC = ECKey.generate_key("P-256", parameters={"kid": "node-ec"})
HELD_TO = {"pushed": "require_pushed_authorization_requests", "signed": "require_signed_request_object"}


@dataclass(frozen=True)
class Way:
    """How a client proves who it is, and how its ID tokens are signed."""

    method: str
    algorithm: str = ""
    id_token: str = "RS256"
    userinfo: str = ""
    request: str = ""
    dpop: str = ""

    @property
    def client_id(self) -> str:
        """Its name, which says it all."""
        words = (self.method, self.algorithm, self.id_token, self.userinfo, self.request, self.dpop and "dpop")
        return "-".join(word for word in words if word)


WAYS = [
    Way("client_secret_basic"),
    Way("client_secret_post", id_token="ES256", userinfo="ES256"),
    Way("client_secret_basic", id_token="PS256", userinfo="RS256"),
    Way("client_secret_basic", id_token="EdDSA", userinfo="EdDSA"),
    Way("private_key_jwt", "ES256", id_token="ES256"),
    Way("private_key_jwt", "RS256"),
    Way("private_key_jwt", "PS256"),
    Way("private_key_jwt", "ES256", request="pushed"),
    Way("none", request="pushed"),
    Way("private_key_jwt", "RS256", request="signed"),
    Way("none"),
    Way("client_secret_basic", dpop="ES256"),
    Way("none", request="pushed", dpop="ES256"),
]


@pytest.fixture(scope="module")
def origins() -> dict[Way, str]:
    return {way: f"http://localhost:{free_port()}" for way in WAYS}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, origins: dict[Way, str]) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("node")
    clients = "".join(registered(way, origin) for way, origin in origins.items())
    with running_server(folder, more='log_level = "debug"', clients=clients) as server, ExitStack() as programs:
        for way, origin in origins.items():
            environment = told(way, server.base, origin)
            programs.enter_context(running_node(folder / f"{way.client_id}.log", origin, environment))
        yield server.base


def running_node(log: Path, origin: str, environment: Mapping[str, str]) -> AbstractContextManager[None]:
    """Serve node/client.mjs."""
    return running_program([node(), *NODE_FLAGS, "node/client.mjs"], log, origin, environment=environment)


def registered(way: Way, origin: str) -> str:
    """Return the page's registration with this way in it."""
    lines = [line for line in registration("node", origin).splitlines() if not line.startswith("client_id")]
    lines += [f'client_id = "{way.client_id}"', f'token_endpoint_auth_method = "{way.method}"']
    lines.append(f'id_token_signed_response_alg = "{way.id_token}"')
    if way.userinfo:
        lines.append(f'userinfo_signed_response_alg = "{way.userinfo}"')
    if way.dpop:
        lines.append("dpop_bound_access_tokens = true")
    if way.request:
        lines.append(f"{HELD_TO[way.request]} = true")
    if way.method == "private_key_jwt":
        public = ", ".join(f'{name} = "{value}"' for name, value in key_of(way).as_dict(private=False).items())
        lines += [f"jwks = {{ keys = [{{ {public} }}] }}", f'token_endpoint_auth_signing_alg = "{way.algorithm}"']
    if way.method in {"private_key_jwt", "none"}:
        lines = [line for line in lines if not line.startswith("client_secret")]
    return "\n".join(lines) + "\n"


def key_of(way: Way) -> RSAKey | ECKey:
    return EC if way.algorithm == "ES256" else RSA


def told(way: Way, issuer: str, origin: str, **changes: str) -> dict[str, str]:
    """Return the variables that the service reads."""
    variables = {
        "ISSUER": issuer,
        "ORIGIN": origin,
        "CLIENT_ID": way.client_id,
        "METHOD": way.method,
        "REQUEST": way.request,
        "DPOP": way.dpop,
    }
    metadata = {"id_token_signed_response_alg": way.id_token, "userinfo_signed_response_alg": way.userinfo}
    variables["METADATA"] = json.dumps({name: value for name, value in metadata.items() if value})
    if way.method == "private_key_jwt":
        variables["KEY"] = json.dumps({**key_of(way).as_dict(private=True), "alg": way.algorithm})
    return variables | changes


@pytest.fixture(params=WAYS, ids=lambda way: way.client_id)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
def visitor(base: str, origins: dict[Way, str], way: Way) -> Visitor:
    return Visitor(base, origins[way])


def known_to_service(visitor: Visitor) -> dict[str, Any]:
    """Return what the service keeps of this visit."""
    visitor.visit("/")
    visit: dict[str, Any] = json.loads(visitor.page.html)
    return visit


def test_a_parent_signs_in_and_the_service_knows_her_children(base: str, visitor: Visitor, way: Way) -> None:
    visitor.sign_in_at("/login", activate_from_the_seed(base, JOE))
    visit = known_to_service(visitor)
    assert (visit["claims"]["iss"], visit["claims"]["aud"]) == (base, way.client_id)
    assert visit["userinfo"]["sub"] == visit["claims"]["sub"]
    assert (visit["userinfo"]["given_name"], visit["userinfo"]["family_name"]) == ("Joe", "DUPONT")
    assert visit["userinfo"]["FrEduCtRefId"]


def test_tokens_are_refreshed_for_as_long_as_the_parent_is_signed_in(base: str, visitor: Visitor) -> None:
    visitor.sign_in_at("/login", activate_from_the_seed(base, JOE))
    before = known_to_service(visitor)
    visitor.visit("/refresh")
    after = known_to_service(visitor)
    assert after["tokens"]["access_token"] != before["tokens"]["access_token"]
    assert after["tokens"]["refresh_token"] != before["tokens"]["refresh_token"]
    assert after["userinfo"] == before["userinfo"]
    visitor.open("/idp/profile/Logout")
    visitor.fill("Me déconnecter", button="Me déconnecter")
    page = visitor.visit("/refresh")
    assert (page.status, json.loads(page.html)["error"]) == (502, "invalid_grant")


def test_a_service_asks_what_its_token_is_good_for_and_gives_its_tokens_back(
    base: str, visitor: Visitor, way: Way
) -> None:
    visitor.sign_in_at("/login", activate_from_the_seed(base, JOE))
    if way.method == "none":
        refused = visitor.visit("/introspect")
        assert (refused.status, json.loads(refused.html)["status"]) == (502, 400), "not for who proves nothing"
    else:
        visitor.visit("/introspect")
        visit = known_to_service(visitor)
        told = visit["introspection"]
        assert (told["active"], told["client_id"], told["sub"]) == (True, way.client_id, visit["claims"]["sub"])
    visitor.visit("/revoke")
    assert json.loads(visitor.visit("/refresh").html)["error"] == "invalid_grant"
    if way.method != "none":
        visitor.visit("/introspect")
        assert known_to_service(visitor)["introspection"] == {"active": False}


def test_a_service_gets_single_claims_where_it_asks_for_them(base: str, visitor: Visitor) -> None:
    asked = quote(json.dumps({"id_token": {"given_name": None}}))
    visitor.sign_in_at(f"/login?claims={asked}&max_age=60", activate_from_the_seed(base, JOE))
    claims = known_to_service(visitor)["claims"]
    assert claims["given_name"] == "Joe"
    assert "family_name" not in claims
    assert isinstance(claims["auth_time"], int)


def test_leaving_the_service_ends_the_session_over_there(base: str, visitor: Visitor) -> None:
    identifiant = activate_from_the_seed(base, JOE)
    visitor.sign_in_at("/login", identifiant)
    visitor.visit("/login")
    assert "claims" in known_to_service(visitor), "signed on without being asked"
    visitor.visit("/logout")
    assert visitor.page.url == f"{visitor.origin}/"
    assert "claims" not in known_to_service(visitor)
    assert visitor.visit("/login").h1 == "Je sélectionne mon profil"


def test_asked_not_to_disturb_the_provider_says_that_nobody_is_signed_in(visitor: Visitor) -> None:
    page = visitor.visit("/login?prompt=none")
    told = json.loads(page.html)
    assert (page.status, told["error"], told["code"]) == (502, "login_required", "OAUTH_AUTHORIZATION_RESPONSE_ERROR")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"CLIENT_SECRET": "not-its-secret-0123456789"}, (401, None, "basic")),  # RFC 6749 section 5.2: by header
        ({"METHOD": "none"}, (400, "invalid_client", None)),
    ],
)
def test_a_service_that_does_not_prove_who_it_is_gets_nothing(
    tmp_path: Path, changes: dict[str, str], refusal: tuple[int, str | None, str | None]
) -> None:
    way, origin = WAYS[0], f"http://localhost:{free_port()}"
    with running_server(tmp_path, clients=registered(way, origin)) as server:
        environment = told(way, server.base, origin, **changes)
        with running_node(tmp_path / "node.log", origin, environment):
            visitor = Visitor(server.base, origin)
            page = visitor.sign_in_at("/login", activate_from_the_seed(server.base, JOE))
            refused = json.loads(page.html)
            assert page.status == 502
            assert tuple(refused.get(name) for name in ("status", "error", "challenge")) == refusal
            assert "claims" not in known_to_service(visitor)


@pytest.mark.parametrize("nonce", ["offered", "required"])
def test_tokens_that_are_bound_to_the_services_key_are_good_for_nobody_else(tmp_path: Path, nonce: str) -> None:
    way, origin = Way("client_secret_basic", dpop="ES256"), f"http://localhost:{free_port()}"
    more = f'[tokens]\ndpop_nonce = "{nonce}"'
    with (
        running_server(tmp_path, clients=registered(way, origin), more=more) as server,
        running_node(tmp_path / "node.log", origin, told(way, server.base, origin)),
    ):
        visitor = Visitor(server.base, origin)
        visitor.sign_in_at("/login", activate_from_the_seed(server.base, JOE))
        visitor.visit("/refresh")
        visit = known_to_service(visitor)
        assert (visit["tokens"]["token_type"], visit["userinfo"]["given_name"]) == ("dpop", "Joe")
        thief = RelyingParty(server.base)
        assert thief.userinfo(visit["tokens"]["access_token"]).status_code == 401


def test_a_service_that_is_held_to_dpop_gets_nothing_without(tmp_path: Path) -> None:
    way, origin = Way("client_secret_basic", dpop="ES256"), f"http://localhost:{free_port()}"
    with (
        running_server(tmp_path, clients=registered(way, origin)) as server,
        running_node(tmp_path / "node.log", origin, told(way, server.base, origin, DPOP="")),
    ):
        visitor = Visitor(server.base, origin)
        page = visitor.sign_in_at("/login", activate_from_the_seed(server.base, JOE))
        assert (page.status, json.loads(page.html)["error"]) == (502, "invalid_dpop_proof")


@pytest.mark.parametrize("request_", HELD_TO)
def test_a_service_that_is_held_to_one_way_of_asking_is_refused_with_another(tmp_path: Path, request_: str) -> None:
    way, origin = Way("private_key_jwt", "ES256", request=request_), f"http://localhost:{free_port()}"
    with running_server(tmp_path, clients=registered(way, origin)) as server:
        environment = told(way, server.base, origin, REQUEST="")
        with running_node(tmp_path / "node.log", origin, environment):
            page = Visitor(server.base, origin).visit("/login")
            assert (page.status, json.loads(page.html)["error"]) == (502, "invalid_request")


def test_a_service_registers_itself_with_a_token_that_it_was_given(tmp_path: Path) -> None:
    origin, token = f"http://localhost:{free_port()}", "a-token-that-the-operator-gave-0123456789"
    more = f'[registration]\nmode = "token"\ninitial_access_token = "{token}"'
    with running_server(tmp_path, more=more) as server:
        metadata = {
            "client_name": "ENT Sureau",
            "redirect_uris": [f"{origin}/callback"],
            "post_logout_redirect_uris": [f"{origin}/"],
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
        }
        environment = {"ISSUER": server.base, "ORIGIN": origin, "REGISTRATION_TOKEN": token}
        environment["METADATA"] = json.dumps(metadata)
        with running_node(tmp_path / "node.log", origin, environment):
            visitor = Visitor(server.base, origin)
            visitor.sign_in_at("/login", activate(Browser(server.base), Sandbox(server.base), JOE))
            assert known_to_service(visitor)["userinfo"]["given_name"] == "Joe"
            visitor.visit("/refresh")
            visitor.visit("/logout")
            assert "claims" not in known_to_service(visitor)


def test_another_signing_key_is_taken_without_a_restart(tmp_path: Path) -> None:
    way, origin = WAYS[0], f"http://localhost:{free_port()}"
    with running_server(tmp_path, clients=registered(way, origin)) as server:
        identifiant = activate_from_the_seed(server.base, JOE)
        with running_node(tmp_path / "node.log", origin, told(way, server.base, origin)):
            before = sign_in_anew(server.base, origin, identifiant)
            Sandbox(server.base).advance(minutes=3)  # as long as every process needs to publish the next key
            run_preau(tmp_path / "preau.toml", "keys", "rotate", "--now")
            assert sign_in_anew(server.base, origin, identifiant) != before


def sign_in_anew(base: str, origin: str, identifiant: str) -> str:
    """Sign in with another browser, and return the name of the key that signed the ID token."""
    visitor = Visitor(base, origin)
    visitor.sign_in_at("/login", identifiant)
    header = known_to_service(visitor)["tokens"]["id_token"].split(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(header + "=="))["kid"])
