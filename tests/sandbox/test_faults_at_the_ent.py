"""Every fault of the catalogue against our sample ENT: what it refuses, what it does without, and what the parent sees."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey

from ent_client.app import create_app
from ent_client.client_key import load_client_key
from ent_client.settings import Settings
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import Endpoint
from tests.ent.servers import Door, open_door
from tests.house.serving import eventually
from tests.interop.visitor import Visitor, activate_from_the_seed
from tests.journeys.people import JOE, MARIE_HELENE, activate
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

TIMEOUT = 1.0
CALLED = ("discovery", "token", "jwks", "userinfo")  # what a sign-in asks the provider's server

REFUSED_AT = {
    "redirect-without-state": "state",
    "redirect-wrong-state": "state",
    "redirect-without-iss": "callback_iss",
    "redirect-wrong-iss": "callback_iss",
    "redirect-without-code": "code",
    "redirect-wrong-code": "token",
    **{name: "provider_error" for name in CATALOGUE if name.startswith("redirect-error-")},
    "id-token-wrong-iss": "iss",
    "id-token-wrong-aud": "aud",
    "id-token-wrong-signature": "signature",
    "id-token-unsigned": "alg",
    "id-token-hs256": "alg",
    "id-token-unknown-kid": "signature",
    "id-token-wrong-azp": "azp",
    "id-token-wrong-nonce": "nonce",
    "id-token-without-nonce": "nonce",
    "id-token-wrong-at-hash": "at_hash",
    "id-token-expired": "exp",
    "id-token-not-yet-valid": "iat",
    "id-token-without-exp": "exp",
    "id-token-without-sub": "sub",
    "token-without-id-token": "token_response",
    "userinfo-wrong-sub": "userinfo_sub",
    "userinfo-without-sub": "userinfo_sub",
    **{f"userinfo-{wrong}": "userinfo" for wrong in (
        "wrong-iss", "wrong-aud", "wrong-signature", "unsigned", "hs256", "unknown-kid",
    )},
    "jwks-stale": "signature",
    "jwks-empty": "signature",
    "discovery-wrong-issuer": "discovery_issuer",
    "discovery-without-jwks-uri": "discovery_endpoints",
}  # fmt: skip
"""The check at which a sign-in ends."""
WELCOME, UNKNOWN = "Bonjour Joe DUPONT", "L'ENT ne vous connaît pas encore"
LET_IN = {
    "claims-without-affiliation": WELCOME,
    "claims-affiliation-as-text": WELCOME,
    "claims-unknown-affiliation": WELCOME,
    "claims-without-ref-id": UNKNOWN,
    "claims-several-ref-ids": WELCOME,
    "claims-ref-id-as-text": WELCOME,
    "claims-academy-without-zero": WELCOME,
    "claims-academy-with-zero": WELCOME,
    "claims-malformed-ref-id": UNKNOWN,
    "claims-without-uai": WELCOME,
    "claims-without-date": WELCOME,
    "claims-malformed-date": WELCOME,
}
"""What the ENT makes of claims that are missing or malformed: its page's heading."""
ANYWHERE = [fault.name for fault in CATALOGUE.values() if set(CALLED) <= set(fault.endpoints)]
"""Faults of any HTTP answer: each ends the sign-in at the call that it struck."""
LOGOUT_TOKENS = [fault.name for fault in CATALOGUE.values() if Endpoint.LOGOUT_TOKEN in fault.endpoints]


def test_every_fault_of_the_catalogue_is_tried_here() -> None:
    tried = [*REFUSED_AT, *LET_IN, *ANYWHERE, *LOGOUT_TOKENS]
    assert sorted(tried) == sorted(CATALOGUE)


@dataclass
class School:
    """The provider, and an ENT that begins each story without anything in its memory."""

    provider: str
    sandbox: Sandbox
    door: Door
    build: Callable[[], Flask]
    identifiant: str

    def arm(self, fault: str, **more: Any) -> None:
        """Arm a fault, and let the ENT forget what it read before."""
        self.door.app = self.build()
        self.sandbox.disarm_all()
        self.sandbox.arm(fault, **more)

    def sign_in(self) -> tuple[Visitor, Page]:
        """Sign in at the ENT as far as it goes."""
        joe = Visitor(self.provider, self.door.url)
        page = joe.visit("/connexion")
        if page.h1 == "Je sélectionne mon profil":
            joe.visit("/connexion")
            joe.open(joe.page.link("Responsable d'élève"))
            page = joe.fill("j_username", {"j_username": self.identifiant, "j_password": "Cartable-Bleu-42"})
        return joe, page


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder: Path = tmp_path_factory.mktemp("faults")
    key = folder / "ent-key.pem"
    key.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    (public,) = load_client_key(key).public_jwks()["keys"]
    members = ", ".join(f'{name} = "{value}"' for name, value in public.items())
    with open_door() as door:
        client = f"""
[[clients]]
client_id = "hetre"
client_name = "ENT Hêtre"
token_endpoint_auth_method = "private_key_jwt"
jwks = {{ keys = [{{ {members} }}] }}
redirect_uris = ["{door.url}/retour"]
scope = ["openid", "profile", "ect.scope.cnx", "ect.scope.stage"]
userinfo_signed_response_alg = "ES256"
backchannel_logout_uri = "{door.url}/backchannel-logout"
"""
        more = "throttle.openings_per_minute = 100000\nthrottle.client_failures_per_minute = 100000"
        with running_server(folder, clients=client, more=more) as server:
            settings = Settings(
                issuer=server.base,
                client_id="hetre",
                private_key_file=key,
                base_url=door.url,
                directory=folder / "school" / "ent-directory.json",
                scope="openid profile ect.scope.cnx ect.scope.stage",
                timeout_seconds=TIMEOUT,
            )
            identifiant = activate_from_the_seed(server.base, JOE)
            yield School(server.base, Sandbox(server.base), door, lambda: create_app(settings), identifiant)


def refused_check(joe: Visitor, page: Page) -> str:
    """Return the check that the Diagnostic page of this browser shows as refused."""
    assert page.says("La connexion n'a pas abouti"), page.text
    shown = joe.visit(f"/diagnostic?reference={page.url.rsplit('/', 1)[1]}").html
    (refused,) = re.findall(r'class="controle refuse" data-controle="([^"]+)"', shown)
    return str(refused)


@pytest.mark.parametrize("fault", REFUSED_AT)
def test_a_sign_in_ends_at_the_check_that_the_fault_is_for(school: School, fault: str) -> None:
    school.arm(fault)
    assert refused_check(*school.sign_in()) == REFUSED_AT[fault]
    assert [one["left"] for one in school.sandbox.faults()] == [0]
    _, page = school.sign_in()
    assert page.h1 == WELCOME, "armed once, it strikes once"


@pytest.mark.parametrize("fault", LET_IN)
def test_claims_that_are_missing_or_malformed_are_read_with_care(school: School, fault: str) -> None:
    school.arm(fault, endpoint="userinfo")
    joe, page = school.sign_in()
    assert page.h1 == LET_IN[fault], page.text
    assert [one["struck"] for one in school.sandbox.faults()] == [1]
    if page.h1 == WELCOME:
        assert joe.visit("/").says("Léa DUPONT")


@pytest.mark.parametrize("endpoint", CALLED)
@pytest.mark.parametrize("fault", ANYWHERE)
def test_a_call_that_goes_wrong_ends_the_sign_in_there_with_a_friendly_page(
    school: School, fault: str, endpoint: str
) -> None:
    options = {"seconds": TIMEOUT + 1} if fault == "slow" else {}
    school.arm(fault, endpoint=endpoint, **options)
    assert refused_check(*school.sign_in()) == endpoint
    assert [one["left"] for one in school.sandbox.faults()] == [0]


def sign_out_over_there(school: School, joe: Visitor) -> dict[str, Any]:
    """Sign out at the provider, and return what became of telling the ENT."""
    told = {line["id"] for line in school.sandbox.audit() if line["event"].startswith("logout.")}
    joe.open("/idp/profile/Logout")
    joe.fill("Me déconnecter", button="Me déconnecter")

    def outcome() -> dict[str, Any] | None:
        lines = [line for line in school.sandbox.audit() if line["event"] in {"logout.told", "logout.not-told"}]
        return next((line for line in lines if line["id"] not in told), None)

    line: dict[str, Any] = eventually(outcome, "the provider told nobody")
    return line


@pytest.mark.parametrize("fault", LOGOUT_TOKENS)
def test_a_session_ends_by_no_logout_token_that_is_wrong(school: School, fault: str) -> None:
    school.arm(fault)
    joe, page = school.sign_in()
    assert page.h1 == WELCOME
    outcome = sign_out_over_there(school, joe)
    assert [one["left"] for one in school.sandbox.faults()] == [0]
    is_ended = joe.visit("/").h1.startswith("Bienvenue")
    if fault == "logout-token-twice":
        assert is_ended, "by the first one"
        assert outcome["details"]["reason"] == "the client refused with status 400", "the second one"
    elif fault == "logout-token-foreign-sid":
        assert (is_ended, outcome["event"]) == (False, "logout.told"), "there is nothing to end"
    else:
        assert (is_ended, outcome["event"]) == (False, "logout.not-told")
        assert outcome["details"]["reason"] == "the client refused with status 400"


def test_a_hint_reaches_as_far_as_the_logout_token_of_its_own_sign_in(school: School) -> None:
    school.door.app = school.build()
    school.sandbox.disarm_all()
    joe = Visitor(school.provider, school.door.url)
    way = f"/initiate-login?iss={school.provider}&login_hint=fault:logout-token-wrong-aud"
    assert joe.sign_in_at(way, school.identifiant).h1 == WELCOME
    other, page = school.sign_in()
    assert page.h1 == WELCOME
    assert sign_out_over_there(school, other)["event"] == "logout.told"
    assert sign_out_over_there(school, joe)["event"] == "logout.not-told"
    assert joe.visit("/").h1 == WELCOME


def test_a_logout_token_of_another_person_meets_no_fault(school: School) -> None:
    marie = activate(Browser(school.provider), school.sandbox, MARIE_HELENE)
    school.arm("logout-token-wrong-aud", identifiant=marie, times="always")
    joe, _ = school.sign_in()
    assert sign_out_over_there(school, joe)["event"] == "logout.told"
    marie_s = replace(school, identifiant=marie)
    her, page = marie_s.sign_in()
    assert page.h1 == "Bonjour Marie-Hélène MARTIN"
    assert sign_out_over_there(school, her)["event"] == "logout.not-told"


def test_without_a_fault_everything_is_as_it_was(school: School) -> None:
    school.sandbox.disarm_all()
    joe, page = school.sign_in()
    assert page.h1 == WELCOME
    assert sign_out_over_there(school, joe)["event"] == "logout.told"
    assert joe.visit("/").h1.startswith("Bienvenue")
