"""Who is in front of us: the person behind the session cookie, the browser behind the visit cookie, and whether a form is ours."""

import hmac
from typing import TYPE_CHECKING

from flask import Response, abort, make_response, redirect, request

from ent_client.renewal import Renewals
from ent_client.runtime import SESSION_COOKIE, VISIT_COOKIE
from ent_client.store import SignedIn, Visit

if TYPE_CHECKING:
    from ent_client.app import Ent


class Visitors:
    """Visits and sessions of one ENT, by the cookies of the present request."""

    def __init__(self, ent: "Ent") -> None:
        self._ent = ent
        self._renewals = Renewals(ent)

    def person(self) -> SignedIn | None:
        """The signed-in person, or None. Tokens that are out of date are renewed on the way, which may end the session."""
        session_key = self._ent.cookies.read(SESSION_COOKIE)
        person = self._ent.sessions.get(session_key)
        if person is None:
            return None
        self._renewals.renew_if_due(session_key, person, self.visit())
        return self._ent.sessions.get(session_key)

    def renew(self, person: SignedIn) -> None:
        """Renew the tokens of a signed-in person now, which may end the session."""
        self._renewals.renew(self._ent.cookies.read(SESSION_COOKIE), person, self.visit())

    def visit(self) -> Visit:
        """The visit of this browser, or a new one, which is kept only when `with_visit` tells the browser about it."""
        return self._ent.visits.get(self._ent.cookies.read(VISIT_COOKIE)) or Visit()

    def with_visit(self, response: Response, visit: Visit) -> Response:
        """Keep a visit, and tell the browser about it if it does not know."""
        if not visit.key:
            visit.key = self._ent.visits.put(visit)
            self._ent.cookies.write(response, VISIT_COOKIE, visit.key)
        return response


def check_csrf(expected: str) -> None:
    """Refuse a form that is not of one of our own pages (403)."""
    if not same_text(request.form.get("csrf", ""), expected):
        abort(403)


def see(url: str) -> Response:
    """303: the browser goes on with GET, whatever it came with."""
    return make_response(redirect(url, 303))


def same_text(given: str, expected: str) -> bool:
    """Compare in constant time; what a browser sent may hold anything."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
