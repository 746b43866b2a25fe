"""What each page of « Mon compte » asks of the database. A statement more is a decision: it changes docs/performance.md too."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from idp.adapters.message_reader import MessageReader
from idp.world import World
from tests.house.test_statements import BASE, PAGE, PASSWORD, Counted, add_joe, app, ask, link_joe, world
from tests.support.page import Page, read_page

__all__ = ["app", "world"]
_ROW = re.compile(r"^\| `([^|]+)` \| (\d+) \| (\d+) \|$", re.MULTILINE)
Costs = dict[str, tuple[int, int]]


def read_told(name: str = "test_account_statements.py") -> Costs:
    """Return what the page of performance says in the table after the name of the test that counts."""
    after = PAGE.read_text(encoding="utf-8").partition(f"`tests/house/{name}`")[2]
    rows = _ROW.findall(after.split("\n\n")[1])
    return {name: (int(statements), int(commits)) for name, statements, commits in rows}


class Visit:
    """One browser on the pages of an account, and what each of its requests cost."""

    def __init__(self, client: FlaskClient, counted: Counted, world: World) -> None:
        self.client = client
        self.world = world
        self.counted = counted
        self.costs: Costs = {}

    def read(self, path: str) -> Page:
        """Ask for a page, and note what that cost."""
        self.counted.take()
        answer = ask(self.client, path)
        self.costs[f"GET {path.partition('?')[0]}"] = self.counted.take()
        return read_page(answer.status_code, BASE + path, answer.headers, answer.text)

    def send(self, page: Page, control: str, name: str = "", **typed: str) -> str:
        """Fill in a form, note what that cost, and return where it leads."""
        form = page.form(control)
        self.counted.take()
        path = form.action.removeprefix(BASE)
        answer = self.client.post(path, data={**form.values, **typed}, base_url=BASE)
        self.costs[f"POST {path.partition('?')[0]}{name}"] = self.counted.take()
        return answer.headers.get("Location", "")


def sign_in(client: FlaskClient) -> None:
    to_page = ask(client, "/mon-compte").headers["Location"] + "&profil=responsable"
    answer = ask(client, to_page)
    form = read_page(200, BASE + to_page, answer.headers, answer.text).form("j_username")
    values = {**form.values, "j_username": "j.dupont0001", "j_password": PASSWORD}
    there = client.post(form.action.removeprefix(BASE), data=values, base_url=BASE).headers["Location"]
    assert there == "/mon-compte"


def prove(visit: Visit) -> None:
    page = visit.read("/mon-compte/confirmation")
    visit.send(page, "actuel", ", wrong", actuel="Pas-le-bon-1")
    assert visit.send(page, "actuel", actuel=PASSWORD) == "/mon-compte"


def change_email(visit: Visit) -> None:
    page = visit.read("/mon-compte/e-mail")
    assert visit.send(page, "email", email="joe@famille.example") == "/mon-compte?avis=email-asked"
    page = visit.read("/mon-compte")
    visit.send(page, "Renvoyer le mail", ", too soon")
    reader = MessageReader(visit.world.engine, visit.world.secrets)
    [mail] = [one.mail for one in reader.load_messages() if one.mail]
    page = visit.read(mail.links[0].removeprefix(BASE))
    assert visit.send(page, "Confirmer mon adresse") == "/e-mail/confirmee"
    visit.read("/e-mail/confirmee")


def change_password(visit: Visit) -> None:
    page = visit.read("/mon-compte/mot-de-passe")
    typed = {"actuel": PASSWORD, "mot-de-passe": "Ardoise-Verte-77", "confirmation": "Ardoise-Verte-77"}
    assert visit.send(page, "actuel", **typed).endswith("avis=password-changed")


def look_at_uses(visit: Visit) -> None:
    page = visit.read("/mon-compte/appareils")
    visit.read("/mon-compte/historique")
    visit.read("/mon-compte/sites")
    visit.read("/mon-compte/franceconnect")
    visit.read("/mon-compte/donnees")
    visit.read("/mon-compte/donnees/copie")
    assert not page.forms, "no other device"


def close(visit: Visit) -> None:
    page = visit.read("/mon-compte/fermeture")
    visit.send(page, "compris", ", unticked")
    visit.send(page, "compris", compris="oui")


ACTS: tuple[Callable[[Visit], object], ...] = (
    lambda visit: visit.read("/mon-compte"),
    prove,
    change_email,
    change_password,
    look_at_uses,
    close,
)


def test_each_page_costs_what_the_page_of_performance_says(app: Flask, world: World) -> None:
    add_joe(world)
    link_joe(world)
    counted = Counted(world)
    client = app.test_client()
    sign_in(client)
    visit = Visit(client, counted, world)
    for act in ACTS:
        act(visit)
    stranger = Visit(app.test_client(), counted, world)
    stranger.read("/mon-compte")
    costs = visit.costs | {f"{name}, nobody signed in": cost for name, cost in stranger.costs.items()}
    assert costs == read_told()
