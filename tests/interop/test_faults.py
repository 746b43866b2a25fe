"""Every fault of the catalogue, seen by clients that others wrote: openid-client refuses sign-ins, mod_auth_openidc logout tokens.

Neither checks everything: openid-client compares no `at_hash` of a code flow and bounds no answer, which mod_auth_openidc does;
mod_auth_openidc takes a logout token without `jti`, which joserfc's registry of claims does not.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from joserfc.errors import MissingClaimError

from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import Endpoint
from tests.house.serving import eventually
from tests.interop.test_apache import Site, leave_over_there, running_site
from tests.interop.test_node import Way, known_to_service, registered, running_node, told
from tests.interop.visitor import Visitor, activate_from_the_seed
from tests.journeys.people import JOE
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.logout_receiver import running_receiver, verify
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import free_port, running_server

UNLIMITED = "throttle.openings_per_minute = 100000\nthrottle.client_failures_per_minute = 100000"
TIMEOUT = 1

_INVALID, _OTHER_CLAIM = "OAUTH_INVALID_RESPONSE", "OAUTH_JWT_CLAIM_COMPARISON_FAILED"
_OTHER_TIME, _NO_KEY = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED", "OAUTH_KEY_SELECTION_FAILED"
_STATUS, _TOLD, _CHALLENGE = (
    "OAUTH_RESPONSE_IS_NOT_CONFORM", "OAUTH_RESPONSE_BODY_ERROR", "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
)  # fmt: skip
REFUSED = {
    **dict.fromkeys(
        ("redirect-without-state", "redirect-wrong-state", "redirect-without-iss", "redirect-wrong-iss"), _INVALID
    ),
    "redirect-without-code": _INVALID,
    "redirect-wrong-code": _TOLD,
    **{name: "OAUTH_AUTHORIZATION_RESPONSE_ERROR" for name in CATALOGUE if name.startswith("redirect-error-")},
    "id-token-wrong-iss": _OTHER_CLAIM,
    "id-token-wrong-aud": _OTHER_CLAIM,
    "id-token-wrong-signature": _INVALID,
    "id-token-unsigned": _INVALID,
    "id-token-hs256": _INVALID,
    "id-token-unknown-kid": _NO_KEY,
    "id-token-wrong-azp": _OTHER_CLAIM,
    "id-token-wrong-nonce": _OTHER_CLAIM,
    "id-token-without-nonce": _INVALID,
    "id-token-expired": _OTHER_TIME,
    "id-token-not-yet-valid": _OTHER_TIME,
    "id-token-without-exp": _INVALID,
    "id-token-without-sub": _INVALID,
    "token-without-id-token": _INVALID,
    "userinfo-wrong-sub": "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
    "userinfo-without-sub": _INVALID,
    "userinfo-wrong-iss": _OTHER_CLAIM,
    "userinfo-wrong-aud": _OTHER_CLAIM,
    "userinfo-wrong-signature": _INVALID,
    "userinfo-unsigned": _INVALID,
    "userinfo-hs256": _INVALID,
    "userinfo-unknown-kid": _NO_KEY,
}
"""By openid-client, with its code of error."""
BROKEN = {
    "token": {
        **dict.fromkeys(("http-400", "http-403", "http-404", "http-429"), _TOLD),
        "http-401": _CHALLENGE,
        **dict.fromkeys(("http-500", "http-502", "http-503", "http-504"), _STATUS),
        **dict.fromkeys(("truncated", "cut"), "OAUTH_PARSE_ERROR"),
        "slow": "OAUTH_TIMEOUT",
    },
    "userinfo": {
        **dict.fromkeys(("http-400", "http-403", "http-404", "http-429"), _STATUS),
        "http-401": _CHALLENGE,
        **dict.fromkeys(("http-500", "http-502", "http-503", "http-504"), _STATUS),
        **dict.fromkeys(("truncated", "oversize"), _INVALID),
        "cut": None,
        "slow": "OAUTH_TIMEOUT",
        "wrong-content-type": "OAUTH_JWT_USERINFO_EXPECTED",
    },
}
SHOWN: dict[str, tuple[str, Any]] = {
    "claims-without-affiliation": ("FrEduCtPersonAffiliation", None),
    "claims-affiliation-as-text": ("FrEduCtPersonAffiliation", "resp2d"),
    "claims-unknown-affiliation": ("FrEduCtPersonAffiliation", ["resp3d"]),
    "claims-without-ref-id": ("FrEduCtRefId", None),
    "claims-several-ref-ids": ("FrEduCtRefId", ["{AAF}08||%s", "{AAF}10||987654"]),
    "claims-ref-id-as-text": ("FrEduCtRefId", "{AAF}08||%s"),
    "claims-academy-without-zero": ("FrEduCtRefId", ["{AAF}8||%s"]),
    "claims-academy-with-zero": ("FrEduCtRefId", ["{AAF}008||%s"]),
    "claims-malformed-ref-id": ("FrEduCtRefId", ["{AAF}08|%s"]),
    "claims-without-uai": ("FrEduCtEleveUAI", None),
    "claims-without-date": ("FrEduCtDateConnexion", None),
    "claims-malformed-date": ("FrEduCtDateConnexion", "2026-11-24T10:36:11Z"),
}
"""What openid-client hands on of a claim; %s stands for the number of a record."""
PUBLISHED = ("jwks-stale", "jwks-empty")
AT_START = {
    "discovery-wrong-issuer": "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
    "http-503": _STATUS,
    "truncated": "OAUTH_PARSE_ERROR",
}
BY_APACHE = ("id-token-wrong-at-hash", "oversize", "id-token-wrong-azp")
LOGOUT_TOKENS = [fault.name for fault in CATALOGUE.values() if Endpoint.LOGOUT_TOKEN in fault.endpoints]


def test_every_fault_of_the_catalogue_is_seen_here() -> None:
    seen = {*REFUSED, *BROKEN["token"], *BROKEN["userinfo"], *SHOWN, *PUBLISHED, *AT_START, *BY_APACHE, *LOGOUT_TOKENS}
    assert seen | {"discovery-without-jwks-uri"} == set(CATALOGUE)


# --- openid-client ---------------------------------------------------------------------------------------------------------------------

WAY = Way("client_secret_basic", userinfo="ES256")


@dataclass(frozen=True)
class Service:
    """The provider, a client of it, and a parent."""

    base: str
    origin: str
    folder: Path
    identifiant: str

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.base)

    def arm(self, fault: str, **more: Any) -> None:
        self.sandbox.disarm_all()
        self.sandbox.arm(fault, **more)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve the client with nothing in its memory."""
        scope = "openid profile ect.scope.cnx ect.scope.stage"
        environment = told(WAY, self.base, self.origin, TIMEOUT=str(TIMEOUT), SCOPE=scope)
        with running_node(self.folder / "node.log", self.origin, environment):
            yield

    def sign_in(self) -> tuple[Visitor, dict[str, Any]]:
        """Sign in, and return the browser with what the client says."""
        visitor = Visitor(self.base, self.origin)
        page = visitor.sign_in_at("/login", self.identifiant)
        answer: dict[str, Any] = json.loads(page.html)
        return visitor, {**answer, "page": page.status}

    def assert_used_up(self) -> None:
        assert [one["left"] for one in self.sandbox.faults()] == [0]


@contextmanager
def running_school(folder: Path) -> Iterator[Service]:
    """Serve a provider that knows a client, which is not running yet."""
    origin = f"http://localhost:{free_port()}"
    client = registered(WAY, origin) + 'scope = ["openid", "profile", "ect.scope.cnx", "ect.scope.stage"]\n'
    with running_server(folder, clients=client, more=UNLIMITED) as server:
        yield Service(server.base, origin, folder, activate_from_the_seed(server.base, JOE))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_school(tmp_path_factory.mktemp("faults")) as service, service.running():
        visitor, _ = service.sign_in()  # it reads the keys once
        assert "claims" in known_to_service(visitor)
        yield service


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_school(tmp_path_factory.mktemp("stopped")) as service:
        yield service


@pytest.mark.parametrize("fault", REFUSED)
def test_openid_client_refuses_the_sign_in(service: Service, fault: str) -> None:
    service.arm(fault)
    visitor, answer = service.sign_in()
    assert (answer["page"], answer["code"]) == (502, REFUSED[fault])
    assert "userinfo" not in known_to_service(visitor)
    service.assert_used_up()


@pytest.mark.parametrize(("endpoint", "fault"), [(place, name) for place, those in BROKEN.items() for name in those])
def test_openid_client_says_which_answer_it_could_not_use(service: Service, endpoint: str, fault: str) -> None:
    service.arm(fault, endpoint=endpoint, **({"seconds": TIMEOUT + 1} if fault == "slow" else {}))
    _, answer = service.sign_in()
    assert (answer["page"], answer.get("code")) == (502, BROKEN[endpoint][fault]), answer
    service.assert_used_up()


@pytest.mark.parametrize("fault", SHOWN)
def test_openid_client_hands_on_what_a_fault_made_of_a_claim(service: Service, fault: str) -> None:
    service.sandbox.disarm_all()
    visitor, _ = service.sign_in()
    true = known_to_service(visitor)["userinfo"]
    number = true["FrEduCtRefId"][0].rpartition("|")[2]
    service.arm(fault)
    visitor, _ = service.sign_in()
    shown = known_to_service(visitor)["userinfo"]
    name, value = SHOWN[fault]
    assert json.dumps(shown.get(name)) == json.dumps(value).replace("%s", number)
    assert true[name] != shown.get(name)
    assert {**shown, name: 0, "FrEduCtDateConnexion": 0} == {**true, name: 0, "FrEduCtDateConnexion": 0}
    service.assert_used_up()


@pytest.mark.parametrize(("door", "endpoint"), [("/introspect", "introspection"), ("/revoke", "revocation")])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_openid_client_says_which_status_its_other_calls_got(
    service: Service, door: str, endpoint: str, status: int
) -> None:
    service.sandbox.disarm_all()
    visitor, _ = service.sign_in()
    service.arm(f"http-{status}", endpoint=endpoint)
    page = visitor.visit(door)
    answer = json.loads(page.html)
    assert (page.status, answer["code"]) == (502, {401: _CHALLENGE}.get(status, _TOLD if status < 500 else _STATUS))
    assert answer.get("status", status) == status
    service.assert_used_up()


@pytest.mark.parametrize("fault", [*PUBLISHED, "discovery-without-jwks-uri"])
def test_openid_client_refuses_what_no_published_key_verifies(stopped: Service, fault: str, tmp_path: Path) -> None:
    alone = replace(stopped, folder=tmp_path)
    alone.arm(fault, times="always")
    with alone.running():
        _, answer = alone.sign_in()
    assert answer["page"] == 502
    assert answer["code"] == (_NO_KEY if fault in PUBLISHED else "OAUTH_MISSING_SERVER_METADATA"), answer


@pytest.mark.parametrize("fault", AT_START)
def test_openid_client_does_not_begin_with_metadata_that_are_wrong(
    stopped: Service, fault: str, tmp_path: Path
) -> None:
    alone = replace(stopped, folder=tmp_path)
    alone.arm(fault, endpoint="discovery", times="always")
    with pytest.raises(AssertionError, match=AT_START[fault]), alone.running():
        pass


def test_openid_client_meets_the_fault_that_its_request_names(service: Service) -> None:
    service.sandbox.disarm_all()
    visitor = Visitor(service.base, service.origin)
    page = visitor.sign_in_at("/login?login_hint=fault:id-token-wrong-nonce", service.identifiant)
    assert json.loads(page.html)["code"] == _OTHER_CLAIM
    other, _ = service.sign_in()
    assert "claims" in known_to_service(other), "nobody else does"


# --- mod_auth_openidc ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guarded:
    """Apache in front of a service, and a parent."""

    site: Site
    sandbox: Sandbox
    identifiant: str

    def sign_in(self) -> Visitor:
        visitor = Visitor(self.site.base, self.site.origin)
        visitor.sign_in_at("/mine/", self.identifiant)
        return visitor


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with ExitStack() as stack:
        site = stack.enter_context(running_site(tmp_path_factory.mktemp("apache"), more=UNLIMITED))
        yield Guarded(site, Sandbox(site.base), activate_from_the_seed(site.base, JOE))


@pytest.mark.parametrize("fault", BY_APACHE)
def test_apache_lets_nobody_in(guarded: Guarded, fault: str) -> None:
    guarded.sandbox.disarm_all()
    guarded.sandbox.arm(fault, endpoint="token")
    visitor = guarded.sign_in()
    assert visitor.page.says("OpenID Connect Provider error"), visitor.page.text
    assert [one["left"] for one in guarded.sandbox.faults()] == [0]


@pytest.mark.parametrize("fault", LOGOUT_TOKENS)
def test_apache_ends_no_session_by_a_logout_token_that_is_wrong(guarded: Guarded, fault: str) -> None:
    guarded.sandbox.disarm_all()
    guarded.sandbox.arm(fault)
    visitor = guarded.sign_in()
    before = len(told_of(guarded))
    leave_over_there(visitor)
    (outcome,) = eventually(lambda: told_of(guarded)[before:], "the provider told nobody")
    assert [one["left"] for one in guarded.sandbox.faults()] == [0]
    is_ended = visitor.visit("/mine/").h1 == "Je sélectionne mon profil"
    expected = {
        "logout-token-without-jti": ("logout.told", True),  # it does not look for one
        "logout-token-foreign-sid": ("logout.told", False),
        "logout-token-twice": ("logout.not-told", True),
    }
    assert (outcome, is_ended) == expected.get(fault, ("logout.not-told", False))


def told_of(guarded: Guarded) -> list[str]:
    return [event for event in guarded.sandbox.events() if event in {"logout.told", "logout.not-told"}]


def test_joserfc_refuses_a_logout_token_without_jti(tmp_path: Path) -> None:
    with running_receiver() as receiver:
        client = f"""
[[clients]]
client_id = "houx"
client_name = "ENT Houx"
client_secret = "secret-of-the-holly-tree"
redirect_uris = ["http://localhost:8408/retour"]
backchannel_logout_uri = "{receiver.uri("houx")}"
"""
        with running_server(tmp_path, clients=client) as server:
            identifiant = activate_from_the_seed(server.base, JOE)
            holly = RelyingParty(server.base, "houx", "secret-of-the-holly-tree", "http://localhost:8408/retour")
            for fault in ("", "logout-token-without-jti"):
                receiver.forget()
                if fault:
                    Sandbox(server.base).arm(fault)
                browser = Browser(server.base)
                holly.exchange(bring_back_code(holly, browser, identifiant))
                browser.open("/idp/profile/Logout")
                browser.fill("Me déconnecter", button="Me déconnecter")
                (came,) = receiver.wait_for("houx")
                if fault:
                    with pytest.raises(MissingClaimError, match="jti"):
                        verify(came, server.base, "houx")
                else:
                    verify(came, server.base, "houx")


def test_while_one_answer_is_slow_others_are_not(service: Service) -> None:
    service.arm("slow", endpoint="token", seconds=TIMEOUT + 2)
    began = time.monotonic()
    service.sign_in()
    assert time.monotonic() - began < TIMEOUT + 1, "openid-client gives up, and its parent is told"
    service.sandbox.disarm_all()
    began = time.monotonic()
    service.sign_in()
    assert time.monotonic() - began < 1
