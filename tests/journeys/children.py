"""A mother with an account, and what imports bring of her children. Each family is another one: a reset keeps the directory."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.journeys.people import PASSWORD
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox

_NUMBERS: Iterator[int] = count(1)
MANY = 1_000
"""More households than one worker ever makes; each has two numbers of its own, from 06 39 98 30 00 and 06 39 98 40 00 on."""

SCHOOLS = [
    {"key": "tilleuls", "name": "Collège des Tilleuls", "uai": "9996001I", "academy": "8", "degree": 2},
    {"key": "saules", "name": "Lycée des Saules", "uai": "9996002I", "academy": "10", "degree": 2},
    {"key": "petits", "name": "École des Petits", "uai": "9996003I", "academy": "10", "degree": 1},
]
BORN = {"Ève": "2013-02-11", "Noé": "2016-09-03", "Mia": "2011-12-25"}


@dataclass
class Household:
    """Odile PRÉAUX and those who live with her."""

    sandbox: Sandbox
    number: int = field(default_factory=lambda: next(_NUMBERS))

    def __post_init__(self) -> None:
        """See to it that no household takes a number of another one, or one that may be somebody's."""
        assert self.number < MANY, "give households more numbers: MANY in tests/journeys/children.py"

    @property
    def login(self) -> str:
        """Return what Odile signs in with."""
        return f"o.preaux{self.number:04}"

    @property
    def e164(self) -> str:
        """Return Odile's number."""
        return f"+3363998{3_000 + self.number}"

    @property
    def elsewhere_e164(self) -> str:
        """Return the number that a school of another academy knows."""
        return f"+3363998{4_000 + self.number}"

    def guardian(self, key: str = "odile", given_name: str = "Odile", **more: Any) -> dict[str, Any]:
        """Return a guardian with Odile's family name and number."""
        return {
            "key": key, "title": "Mme", "family_name": "PRÉAUX", "given_names": [given_name], "phone": self.e164, **more,
        }  # fmt: skip

    def odile(self, **more: Any) -> dict[str, Any]:
        """Return Odile, who has an account."""
        return self.guardian(account={"identifiant": self.login, "password": PASSWORD}, **more)

    def pupil(self, name: str, school: str = "tilleuls", guardian: str = "odile", **more: Any) -> dict[str, Any]:
        """Return a pupil of Odile's."""
        return {
            "key": name, "family_name": "PRÉAUX", "given_name": name, "birth_date": BORN[name], "school": school,
            "level": "6EME", "class_name": "6EME A", "guardians": [{"guardian": guardian, "relation": "mother"}], **more,
        }  # fmt: skip

    def load(self, *pupils: dict[str, Any], guardians: tuple[dict[str, Any], ...] = ()) -> None:
        """Have an import bring these pupils."""
        family = {
            "key": f"preaux-{self.number}",
            "guardians": [*(guardians or (self.odile(),))],
            "pupils": list(pupils),
        }
        self.sandbox.do("POST", "families", title="Préaux", schools=SCHOOLS, families=[family])

    def states(self) -> dict[str, str]:
        """Return how the links of Odile's records stand, by first name."""
        return {child["given_name"]: child["link"] for child in self.sandbox.person(self.login)["children"]}

    def await_texts(self, start: str, *, many: int = 1, to: str = "") -> list[str]:
        """Return the texts that begin like this, once there are so many."""
        until = time.monotonic() + 20
        while True:
            texts = [str(one["text"]) for one in self.sandbox.messages(to or self.e164)]
            found = [one for one in texts if one.startswith(start)]
            if len(found) >= many or time.monotonic() > until:
                assert len(found) == many, texts
                return found
            time.sleep(0.2)


def card(number: int, name: str, **changes: str) -> dict[str, str]:
    """Return the fields of a child's card with the right date."""
    year, month, day = BORN[name].split("-")
    return {
        f"lien-{number}": "oui", f"jour-{number}": day, f"mois-{number}": month, f"annee-{number}": year, **changes,
    }  # fmt: skip


def reach(ent: RelyingParty, browser: Browser, login: str) -> Page:
    """Sign in from the ENT, and return the page that comes then."""
    come_from(ent, browser)
    return sign_in(browser, login)


def told(ent: RelyingParty, browser: Browser) -> dict[str, Any]:
    """Return what userinfo says to the ENT that the browser was sent back to."""
    assert "code" in answer_in(browser.left_to), browser.left_to or browser.page.text[:400]
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    return dict(ent.userinfo(tokens["access_token"]).json())
