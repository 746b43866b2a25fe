"""Each named case of the library, walked through the door: the story, and the effect that its sentence says."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.people import (
    PASSWORD,
    Child,
    Parent,
    activate,
    identity_values,
    kinship_values,
    reach_code,
    reach_identity,
    reach_kinship,
    reach_password,
)
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.franceconnect import Simulator, TravellingBrowser, running_simulator
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server

NEW_CHILD = "Un enfant a été ajouté à votre compte"
LIBRARY = Path(__file__).parents[2] / "idp/adapters/case_library"
CASES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(LIBRARY.glob("*.toml"))}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Simulator]]:
    """A provider with the whole library, and a simulator that read the same documents."""
    folder: Path = tmp_path_factory.mktemp("cases")
    port = free_port()
    with running_simulator(folder, f"http://localhost:{port}", "--families", str(LIBRARY)) as simulator:
        more = f'{simulator.settings()}\n[families]\ncases = ["all"]'
        with running_server(folder, more=more, port=port) as server:
            yield server, simulator


@pytest.fixture
def server(pair: tuple[RunningServer, Simulator]) -> RunningServer:
    return pair[0]


@dataclass
class Stage:
    """A case with what plays it."""

    name: str
    sandbox: Sandbox
    ent: RelyingParty
    new_browser: Callable[[], TravellingBrowser]

    def __post_init__(self) -> None:
        self.browser = self.new_browser()

    @property
    def family(self) -> dict[str, Any]:
        """Return the case's family."""
        family: dict[str, Any] = CASES[self.name]["families"][0]
        return family

    def guardian(self, place: int = 0) -> dict[str, Any]:
        """Return one of its guardians."""
        guardian: dict[str, Any] = self.family["guardians"][place]
        return guardian

    def parent(self, place: int = 0, *pupils: str, **changes: str) -> Parent:
        """Return a guardian as she would fill the pages in.

        Args:
            place: Which one.
            pupils: Keys of the pupils that the page will show; none: all of hers.
            changes: Other words of hers.
        """
        guardian = self.guardian(place)
        shown = [
            one
            for one in self.family.get("pupils", [])
            if (
                one["key"] in pupils
                if pupils
                else any(link["guardian"] == guardian["key"] for link in one["guardians"])
            )
        ]
        children = tuple(
            Child(f"{one['given_name']} {one['family_name']}", tuple(f"{one['birth_date']:%d/%m/%Y}".split("/")))  # type: ignore[arg-type]
            for one in shown
        )
        names = {"family_name": guardian["family_name"], "given_name": guardian["given_names"][0], **changes}
        return Parent(names["family_name"], names["given_name"], guardian["phone"], children)

    def identifiant(self, place: int = 0) -> str:
        """Return what a guardian signs in with."""
        return str(self.guardian(place)["account"]["identifiant"])

    def activate(self, parent: Parent) -> str:
        """Activate in a browser of the person's own, and return the identifiant."""
        return activate(self.new_browser(), self.sandbox, parent)

    def told(self, identifiant: str) -> dict[str, Any]:
        """Sign in with the password from the ENT, in a browser of the person's own, and return what userinfo says."""
        browser = self.new_browser()
        come_from(self.ent, browser)
        if sign_in(browser, identifiant).h1 == NEW_CHILD:
            browser.fill("Plus tard")
        return self._told_by(browser)

    def told_through_franceconnect(self, login: str) -> dict[str, Any]:
        """Sign in with FranceConnect from the ENT, and return what userinfo says, with the ID token's `amr`."""
        browser = self.new_browser()
        come_from(self.ent, browser)
        browser.come_back(login)
        browser.go_on()
        return self._told_by(browser)

    def _told_by(self, browser: Browser) -> dict[str, Any]:
        assert browser.left_to, browser.page.text
        tokens = self.ent.exchange(answer_in(browser.left_to)["code"]).json()
        told = dict(self.ent.userinfo(tokens["access_token"]).json())
        assert told.pop("FrEduCtDateConnexion")
        return {**told, "amr": unverified_claims(tokens["id_token"])["amr"]}

    def is_turned_away(self, parent: Parent) -> None:
        """Assert that the pages are those of anybody, and that the text says to call the school."""
        page = reach_code(self.new_browser(), parent)
        assert page.h1 == "Un code de sécurité a été envoyé"
        [text] = self.sandbox.messages(parent.e164)
        assert "l'école n'a pas ce numéro avec ce nom" in str(text["text"])


@pytest.fixture
def play(pair: tuple[RunningServer, Simulator], sandbox: Sandbox, ent: RelyingParty) -> Callable[[str], Stage]:
    server, simulator = pair
    simulator.reset()
    return lambda name: Stage(name, sandbox, ent, lambda: TravellingBrowser(server.base, simulator))


# --- the stories, by the name of their case ---------------------------------------------------------------------------------------------

STORIES: dict[str, Callable[[Stage], None]] = {}


def story(name: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    def add(told: Callable[[Stage], None]) -> Callable[[Stage], None]:
        STORIES[name] = told
        return told

    return add


@story("two-academies")
def _(stage: Stage) -> None:
    told = stage.told(stage.identifiant())
    assert academies(told) == ["08", "10"]
    assert told["FrEduCtPersonAffiliation"] == ["resp2d"]


@story("two-degrees")
def _(stage: Stage) -> None:
    told = stage.told(stage.identifiant())
    assert told["FrEduCtPersonAffiliation"] == ["resp1d", "resp2d"]
    assert academies(told) == ["08", "08"]


@story("public-and-private")
def _(stage: Stage) -> None:
    identifiant, page = activate_and_look(stage, stage.parent())
    assert page.says("Collège Sainte-Gomme")
    assert page.says("Collège des Platanes")
    assert academies(stage.told(identifiant)) == ["08"]


@story("several-ref-ids")
def _(stage: Stage) -> None:
    assert academies(stage.told(stage.identifiant())) == ["08", "08", "10", "10"]


@story("unattached-parent")
def _(stage: Stage) -> None:
    stage.is_turned_away(stage.parent())


@story("franceconnect-only")
def _(stage: Stage) -> None:
    come_from(stage.ent, stage.browser)
    sign_in(stage.browser, stage.identifiant())
    assert not stage.browser.left_to
    told = stage.told_through_franceconnect("iris")
    assert (told["family_name"], told["amr"]) == ("FONTAINE", ["fc"])


@story("franceconnect-and-password")
def _(stage: Stage) -> None:
    by_password, by_franceconnect = stage.told(stage.identifiant()), stage.told_through_franceconnect("axel")
    assert (by_password.pop("amr"), by_franceconnect.pop("amr")) == (["pwd"], ["fc"])
    assert by_password == by_franceconnect


@story("usage-name")
def _(stage: Stage) -> None:
    told = stage.told_through_franceconnect("maud")
    assert (told["family_name"], told["given_name"]) == ("MOULIN", "Maud")


@story("locked")
def _(stage: Stage) -> None:
    come_from(stage.ent, stage.browser)
    page = sign_in(stage.browser, stage.identifiant())
    assert page.says("15 minutes"), page.text
    assert not stage.browser.left_to
    stage.sandbox.advance(minutes=16)
    assert stage.told(stage.identifiant())["family_name"] == "SENTIER"


@story("never-activated")
def _(stage: Stage) -> None:
    come_from(stage.ent, stage.browser)
    sign_in(stage.browser, "v.lisiere1110")
    assert not stage.browser.left_to
    assert stage.told(stage.activate(stage.parent()))["family_name"] == "LISIÈRE"


@story("contested-link")
def _(stage: Stage) -> None:
    assert academies(stage.told(stage.identifiant())) == ["08"]
    page = reach_kinship(stage.browser, stage.sandbox, stage.parent())
    assert page.says("Noé BRUYÈRE")
    assert not page.says("Zia BRUYÈRE")


@story("every-link-contested")
def _(stage: Stage) -> None:
    stage.is_turned_away(stage.parent())


@story("three-children-one-contested")
def _(stage: Stage) -> None:
    page = reach_kinship(stage.browser, stage.sandbox, stage.parent(0, "a", "b"))
    assert [page.says(name) for name in ("Aude HAMEAU", "Brice HAMEAU", "Coralie HAMEAU")] == [True, True, False]
    page = stage.browser.fill("lien-1", kinship_values(page, stage.parent(0, "a", "b")))
    assert page.h1 == "Votre compte est déjà activé", page.text


@story("pupil-without-uai")
def _(stage: Stage) -> None:
    told = stage.told(stage.identifiant())
    assert academies(told) == ["08"]
    assert "FrEduCtPersonAffiliation" not in told


@story("father-and-son")
def _(stage: Stage) -> None:
    stage.is_turned_away(stage.parent(0))


@story("namesakes")
def _(stage: Stage) -> None:
    pages = [reach_kinship(stage.new_browser(), stage.sandbox, stage.parent(place)) for place in (0, 1)]
    assert [page.says("Ava MARÉE") for page in pages] == [True, False]
    assert [page.says("Ben MARÉE") for page in pages] == [False, True]


@story("shared-phone")
def _(stage: Stage) -> None:
    ada, bob = stage.activate(stage.parent(0)), stage.activate(stage.parent(1))
    assert (ada[:6], bob[:6]) == ("a.pont", "b.pont")
    assert stage.told(ada)["sub"] != stage.told(bob)["sub"]


@story("separated-parents")
def _(stage: Stage) -> None:
    eve, ali = (stage.told(stage.identifiant(place)) for place in (0, 1))
    assert (eve["given_name"], ali["given_name"]) == ("Ève", "Ali")
    assert eve["sub"] != ali["sub"]
    assert eve["FrEduCtRefId"] != ali["FrEduCtRefId"]


@story("step-parent")
def _(stage: Stage) -> None:
    stage.is_turned_away(stage.parent(1))
    assert academies(stage.told(stage.activate(stage.parent(0)))) == ["08"]


@story("tutor")
def _(stage: Stage) -> None:
    assert academies(stage.told(stage.activate(stage.parent()))) == ["08"]


@story("child-left")
def _(stage: Stage) -> None:
    told = stage.told(stage.identifiant())
    assert told["family_name"] == "JETÉE"
    assert "FrEduCtPersonAffiliation" not in told
    assert "FrEduCtRefId" not in told


@story("joins-later")
def _(stage: Stage) -> None:
    before = stage.told(stage.identifiant())
    browser = stage.new_browser()
    come_from(stage.ent, browser)
    page = sign_in(browser, stage.identifiant())
    assert page.h1 == NEW_CHILD, page.text
    browser.fill("lien-1", kinship_values(page, stage.parent(0, "new")))
    after = stage.told(stage.identifiant())
    assert (len(before["FrEduCtRefId"]), len(after["FrEduCtRefId"])) == (1, 2)
    assert before["sub"] == after["sub"]


@story("two-accounts")
def _(stage: Stage) -> None:
    first, second = stage.identifiant(0), stage.identifiant(1)
    before = stage.told(first)
    assert academies(before) == ["08"]
    assert academies(stage.told(second)) == ["10"]
    browser = stage.new_browser()
    browser.open("/mon-compte/enfants/regroupement")
    browser.open(browser.page.link("Responsable d'élève"))
    sign_in(browser, first)
    page = browser.fill("autre-identifiant", {"autre-identifiant": second, "autre-mot-de-passe": PASSWORD})
    assert page.says("Comptes regroupés."), page.text
    after = stage.told(first)
    assert academies(after) == ["08", "10"]
    assert after["sub"] == before["sub"]


@story("phone-differs")
def _(stage: Stage) -> None:
    assert academies(stage.told(stage.identifiant())) == ["08"]


@story("accents-differ")
def _(stage: Stage) -> None:
    told = stage.told(stage.identifiant())
    assert academies(told) == ["08", "10"]
    assert told["family_name"] == "LECŒUR-GÉRARD"


@story("overseas-number")
def _(stage: Stage) -> None:
    for country in ("+262", "+33"):
        reach_identity(stage.browser)
        stage.browser.fill("nom", identity_values(stage.parent(), indicatif=country), button="Continuer")
        page = stage.browser.fill("code", {"code": stage.sandbox.code(stage.parent().e164)})
        assert page.says("Téo LAGUNE"), page.text
        stage.browser = stage.new_browser()


@story("hyphenated-name")
def _(stage: Stage) -> None:
    page = reach_kinship(stage.browser, stage.sandbox, stage.parent(family_name="petit roux", given_name="anne sophie"))
    assert page.says("Lila-Rose PETIT-ROUX")


@story("particle-name")
def _(stage: Stage) -> None:
    page = reach_kinship(stage.browser, stage.sandbox, stage.parent(family_name="Tour du Préau"))
    assert page.says("Iseult DE LA TOUR DU PRÉAU")


@story("apostrophe-name")
def _(stage: Stage) -> None:
    identifiant = stage.activate(stage.parent(family_name="L’Écuyer"))
    assert stage.told(identifiant)["family_name"] == "L'ÉCUYER"


@story("one-letter-name")
def _(stage: Stage) -> None:
    identifiant = stage.activate(stage.parent())
    assert identifiant[:-4] == "o.o"
    assert stage.told(identifiant)["given_name"] == "Ô"


@story("very-long-name")
def _(stage: Stage) -> None:
    identifiant = stage.activate(stage.parent())
    assert len(identifiant) == len("m.") + 40 + len("0000")
    assert stage.told(identifiant)["family_name"] == stage.guardian()["family_name"]


@story("born-on-29-february")
def _(stage: Stage) -> None:
    page = reach_kinship(stage.browser, stage.sandbox, stage.parent())
    wrong = kinship_values(page, stage.parent()) | {"jour-1": "28"}
    assert stage.browser.fill("lien-1", wrong).h1 == "Je confirme mon lien avec les élèves"
    page = stage.browser.fill("lien-1", kinship_values(page, stage.parent()))
    assert page.h1 == "Je choisis mon mot de passe"


@story("twins")
def _(stage: Stage) -> None:
    _, page = activate_and_look(stage, stage.parent())
    assert page.says("Ema MIROIR")
    assert page.says("Eda MIROIR")


# --- what they are played by ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_case_has_the_effect_that_its_sentence_says(play: Callable[[str], Stage], name: str) -> None:
    STORIES[name](play(name))


def test_every_story_is_a_case_s() -> None:
    assert sorted(STORIES) == sorted(CASES)


def test_a_reset_undoes_a_story(play: Callable[[str], Stage], sandbox: Sandbox) -> None:
    stage = play("joins-later")
    before = stage.told(stage.identifiant())
    STORIES["joins-later"](stage)
    sandbox.reset()
    assert stage.told(stage.identifiant()) == before


def academies(told: dict[str, Any]) -> list[str]:
    """Return the academy of each FrEduCtRefId, in order."""
    return sorted(one[len("{AAF}") :].split("|")[0] for one in told["FrEduCtRefId"])


def activate_and_look(stage: Stage, parent: Parent) -> tuple[str, Page]:
    """Activate, and return the identifiant with the last page, which shows the pupils with their schools."""
    reach_password(stage.browser, stage.sandbox, parent)
    page = stage.browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert page.h1 == "Votre compte a été activé avec succès", page.text
    text = str(stage.sandbox.messages(parent.e164)[0]["text"])
    return text.split("Identifiant : ")[1].split()[0].rstrip("."), page
