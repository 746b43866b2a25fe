"""Which described page, and which described form, the states of the gallery show."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from idp.protocol.described import Here
from idp.protocol.discovery import Deployment
from idp.protocol.openapi import FORM, Operation
from idp.web.described_pages import describe_franceconnect, describe_pages
from idp.web.described_parts import PARENTS
from tests.support.page import Form, read_page
from tests.web.world import STATES, State, World

_HERE = Here(Deployment("http://localhost", "http://localhost", "http://localhost", (), (), (), ()), str)
_DESCRIBED = tuple(one for one in (*describe_pages(_HERE), *describe_franceconnect(_HERE)) if one.tag == PARENTS)
PAGES = tuple(one.path for one in _DESCRIBED if one.method == "get")
FORMS = {one.path: one for one in _DESCRIBED if one.method == "post"}
LEAD_ON = frozenset({
    "/", "/activation", "/identifiant-oublie", "/mot-de-passe-oublie", "/mot-de-passe-oublie/lien",
    "/franceconnect/continuer", "/mon-compte/franceconnect/ajout", "/mon-compte/donnees/copie", "/static/{version}/{name}",
})  # fmt: skip
"""What is described with a GET and shows no page of its own: it leads to another one, or is a file."""
ELSEWHERE = {
    "/franceconnect/debut": ("fc-unavailable",),
    "/franceconnect/retour": ("fc-recognised", "fc-refused", "fc-unavailable"),
    "/franceconnect/refus": ("fc-refused", "fc-unavailable"),
    "/franceconnect/deconnecte": ("fc-out",),
}
"""Pages that come after an exchange with FranceConnect: the gallery shows them at addresses of its own, in these states."""


@dataclass(frozen=True)
class ShownForm:
    """A described form on a page of the gallery."""

    operation: Operation
    state: State
    form: Form

    @property
    def names(self) -> set[str]:
        """What it can send: its fields, and what its buttons say."""
        return self.form.controls | {name for name, _, _ in self.form.buttons if name}


def fields_of(operation: Operation) -> set[str]:
    """Return the fields that the description of a form knows."""
    return set(operation.body[FORM]["properties"])


def is_at(path: str, address: str) -> bool:
    """Tell whether an address is one of a described path."""
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
    return re.fullmatch(pattern, urlsplit(address).path) is not None


def find_forms(states: Sequence[State] = STATES) -> dict[str, list[ShownForm]]:
    """Return the forms that states show, by the path that they are described with; those of other sites are not ours to describe."""
    world = World()
    client = world.build().test_client()
    found: dict[str, list[ShownForm]] = {path: [] for path in FORMS}
    for state in states:
        state.prepare(world)
        response = client.get(state.path)
        page = read_page(response.status_code, f"http://localhost{state.path}", dict(response.headers), response.text)
        for form in page.forms:
            if urlsplit(form.action).netloc != "localhost":
                continue
            (path,) = (one for one in FORMS if is_at(one, form.action))
            found[path].append(ShownForm(FORMS[path], state, form))
    return found
