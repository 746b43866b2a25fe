"""Keys are rotated while people sign in, on a real server with two web processes: nobody is lost, whatever a relying party remembers."""

from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

import pytest
import requests
from joserfc.jwk import JWKRegistry

from idp.protocol.key_rotation import JWKS_LIFETIME, PUBLISHED_BEFORE
from idp.protocol.signing_keys import ALGORITHMS, SigningKey, verify_jwt
from tests.house.serving import eventually
from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.resilience.gateway import running_gateway
from tests.resilience.house import House, preau, standing_house
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.relying_party import RelyingParty

ROTATIONS = 3
STEP = timedelta(seconds=200)  # a third of a code's life: nobody loses a sign-in to the clock
SECRET = "a-secret-of-sixteen-signs"
CLIENTS = "\n".join(
    f"""
[[clients]]
client_id = "{algorithm}"
client_name = "ENT {algorithm}"
client_secret = "{SECRET}"
redirect_uris = ["http://localhost:8402/{algorithm}"]
id_token_signed_response_alg = "{algorithm}"
"""
    for algorithm in ALGORITHMS
)


@pytest.fixture(params=DIALECTS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        gateway = stack.enter_context(running_gateway())
        url = f"sqlite:///{folder}/preau.db"
        if request.param == "postgresql":
            url = stack.enter_context(fresh_postgresql_database(request.getfixturevalue("postgresql_server")))
        more = f"{CLIENTS}\n[tokens]\ncode_seconds = 600\n"
        yield stack.enter_context(standing_house(folder, url, gateway, more=more))


@dataclass
class Verifier:
    """A relying party that keeps the keys as long as it may, and asks no earlier, whatever `kid` it meets."""

    house: House
    keeps_for: timedelta
    fetched_at: datetime | None = None
    keys: list[SigningKey] = field(default_factory=list)

    def verify(self, token: str) -> str:
        """Return the `kid` of a token that verifies."""
        now = self.house.clock.now()
        if self.fetched_at is None or now - self.fetched_at >= self.keeps_for:
            answer = requests.get(f"{self.house.base}/idp/profile/oidc/jwks", timeout=20)
            assert answer.status_code == 200, answer.text
            self.keys = [
                SigningKey(one["kid"], one["alg"], JWKRegistry.import_key(one)) for one in answer.json()["keys"]
            ]
            self.fetched_at = now
        return str(verify_jwt(token, self.keys).header["kid"])


@dataclass
class Parent:
    """Signs in at one ENT again and again, each time in a new browser."""

    house: House
    algorithm: str
    identifiant: str
    signed_in: int = 0
    kids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.verifiers = [Verifier(self.house, keeps_for) for keeps_for in (timedelta(), JWKS_LIFETIME)]

    def come_and_go(self, closing: Event) -> None:
        """Sign in until the day is over."""
        while not closing.is_set():
            ent = RelyingParty(self.house.base, self.algorithm, SECRET, f"http://localhost:8402/{self.algorithm}")
            answer = ent.exchange(bring_back_code(ent, Browser(self.house.base), self.identifiant))
            assert answer.status_code == 200, answer.text
            for verifier in self.verifiers:
                self.kids.add(verifier.verify(answer.json()["id_token"]))
            self.signed_in += 1


@contextmanager
def crowd(parents: list[Parent]) -> Iterator[list[Future[None]]]:
    """Let them all come and go, and see at the end that none was turned away."""
    closing = Event()
    with ThreadPoolExecutor(len(parents)) as pool:
        visits = [pool.submit(one.come_and_go, closing) for one in parents]
        try:
            yield visits
        finally:
            closing.set()
        for visit in wait(visits).done:
            visit.result()


def let_everybody_sign_in(parents: list[Parent], visits: list[Future[None]]) -> None:
    """Wait until each began and ended a sign-in since now; who was under way ends before."""
    before = [one.signed_in for one in parents]

    def have_all() -> bool:
        for visit in wait(visits, 0, FIRST_EXCEPTION).done:
            visit.result()
        return all(one.signed_in >= count + 2 for one, count in zip(parents, before, strict=True))

    eventually(have_all, "everybody signs in")


def test_keys_are_rotated_again_and_again_while_people_sign_in(house: House) -> None:
    house.clock.freeze()
    identifiant = activate(Browser(house.base), house.sandbox, JOE)
    parents = [Parent(house, algorithm, identifiant) for algorithm in ALGORITHMS for _ in range(2)]
    with crowd(parents) as visits:
        for _ in range(ROTATIONS):
            for _ in range(PUBLISHED_BEFORE // STEP):
                let_everybody_sign_in(parents, visits)
                house.sandbox.advance(seconds=STEP.total_seconds())
            preau(house.settings, "keys", "rotate")
        let_everybody_sign_in(parents, visits)
        house.sandbox.advance(seconds=STEP.total_seconds())
        let_everybody_sign_in(parents, visits)
    assert [len(one.kids) for one in parents] == [1 + ROTATIONS] * len(parents)
    assert house.sandbox.events().count("tokens.issued") == sum(one.signed_in for one in parents)
    assert house.violations() == []
    log = house.log.read_text(encoding="utf-8")
    assert "Traceback" not in log, log[-4000:]
