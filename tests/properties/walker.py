"""A person in a browser at the provider in this process, and what must hold of each page that she sees."""

from sqlalchemy import func, select

from idp.adapters.message_reader import MessageReader
from idp.adapters.tables import account, audit
from tests.properties.soundness import OUR_LANGUAGES
from tests.strangers.school import KNOWN, Asked
from tests.strangers.watched import Watched
from tests.support.inside import BASE
from tests.support.page import Form, Page

CHILDREN = {"EnfantA": ("03", "01", "2012"), "EnfantB": ("03", "02", "2012")}
GOOD_PASSWORD = "Cartable-Rouge-57"
_EVERYWHERE = {"Aller au contenu", "Préau", "Besoin d'aide ?", "Accessibilité : non conforme", "Données personnelles"}


class Walker(Watched):
    """One browser, with the phone of the person beside it."""

    def texts(self, asked: Asked = KNOWN) -> list[tuple[int, str]]:
        """Return the texts to a number, newest first: their ids and words."""
        reader = MessageReader(self.inside.world.engine, self.inside.world.secrets)
        return [(one.id, one.text) for one in reader.load_messages(f"+33{asked.number.replace(' ', '')[1:]}")]

    def codes(self, asked: Asked = KNOWN) -> list[tuple[int, str]]:
        """Return the codes that were sent to a number, newest first, with the ids of their texts."""
        return [(key, text[:6]) for key, text in self.texts(asked) if text[:6].isdigit()]

    def post(self, form: Form, values: dict[str, str]) -> Page:
        """Send a form that was shown at some time."""
        return self._follow("POST", form.action.removeprefix(BASE), values)

    def reach_code(self, asked: Asked = KNOWN) -> Page:
        """Go as far as the code."""
        self.open("/activation")
        return self.fill("nom", asked.values, button="Continuer")

    def reach_kinship(self, asked: Asked = KNOWN) -> Page:
        """Go as far as the children."""
        self.reach_code(asked)
        return self.fill("code", {"code": self.codes(asked)[0][1]})

    def reach_password(self, asked: Asked = KNOWN) -> Page:
        """Go as far as the password."""
        self.reach_kinship(asked)
        return self.fill("lien-1", self.right_dates())

    def right_dates(self) -> dict[str, str]:
        """Return the kinship form with every date right, in the order of the page."""
        values = {}
        for number, name in enumerate(sorted(CHILDREN, key=self.page.text.find), start=1):
            day, month, year = CHILDREN[name]
            values |= {f"lien-{number}": "oui", f"jour-{number}": day, f"mois-{number}": month, f"annee-{number}": year}
        return values

    def lose_cookies(self) -> None:
        """Forget every cookie."""
        self._client = self.inside.app.test_client()

    def count(self, event: str) -> int:
        """Return how many audit lines there are of this event."""
        with self.inside.world.engine.connect() as connection:
            return int(connection.execute(select(func.count()).where(audit.c.event == event)).scalar_one())

    def accounts(self) -> list[str]:
        """Return the identifiants of all accounts."""
        with self.inside.world.engine.connect() as connection:
            return list(connection.execute(select(account.c.identifiant)).scalars())


def assert_page_leads_on(page: Page) -> None:
    """Assert that a page is one of ours, in French, and that something on it can be done."""
    assert page.status < 500, page.text
    assert page.h1, page.text
    assert OUR_LANGUAGES.search(page.html)
    assert page.says("Simulateur, données fictives.")
    assert page.forms or [words for words, _ in page.links if words not in _EVERYWHERE], f"no way on: {page.text}"
