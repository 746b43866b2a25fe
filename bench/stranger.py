"""A stranger with a stopwatch: one connection, and how long each answer takes from the first byte sent to the last one read."""

import re
from http.client import HTTPConnection
from time import perf_counter_ns
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="jeton" value="([^"]+)"')
_ACTION = re.compile(r'<form method="post" action="([^"]+)"')


class Stranger:
    """Asks the provider about people, and times the answers."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=60)
        self._host = f"localhost:{port}"
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def activate(self, family_name: str, given_name: str, number: str) -> dict[str, float]:
        """Ask about a person, read the page, type a wrong code.

        Returns:
            Milliseconds of each step.
        """
        self._cookies.clear()
        _, _, to_page = self._ask("GET", "/activation")
        _, page, _ = self._ask("GET", to_page)
        values = {"nom": family_name, "prenom": given_name, "indicatif": "+33", "telephone": number}
        first, _, to_code = self._ask("POST", to_page, {"jeton": _find(_TOKEN, page), **values})
        shown, page, _ = self._ask("GET", to_code)
        # Six digits that were drawn one time in a million: then the figure of one request is another page's.
        refused, _, _ = self._ask("POST", to_code, {"jeton": _find(_TOKEN, page), "code": "000000"})
        return {"activation, first step": first, "activation, code page": shown, "activation, wrong code": refused}

    def sign_in(self, identifiant: str, password: str) -> dict[str, float]:
        """Type an identifiant and a wrong password.

        Returns:
            Milliseconds of the step.
        """
        self._cookies.clear()
        _, _, to_page = self._ask("GET", "/connexion?profil=responsable")
        _, page, _ = self._ask("GET", to_page)
        values = {"jeton": _find(_TOKEN, page), "j_username": identifiant, "j_password": password}
        took, page, _ = self._ask("POST", _find(_ACTION, page).replace("&amp;", "&"), values)
        assert 'id="username-e"' in page, page
        return {"sign-in, wrong password": took}

    def forget_identifiant(self, family_name: str, given_name: str, number: str, email: str) -> dict[str, float]:
        """Ask for the identifiant of a person by SMS, and read the page; then ask for it by mail, and read that page.

        Returns:
            Milliseconds of each step.
        """
        self._cookies.clear()
        _, _, to_page = self._ask("GET", "/identifiant-oublie")
        _, page, _ = self._ask("GET", to_page)
        values = {"nom": family_name, "prenom": given_name, "indicatif": "+33", "telephone": number}
        asked, _, to_sent = self._ask("POST", to_page, {"jeton": _find(_TOKEN, page), **values})
        shown, _, _ = self._ask("GET", to_sent)
        by_mail = "/identifiant-oublie/e-mail"
        _, page, _ = self._ask("GET", by_mail)
        values = {"jeton": _find(_TOKEN, page), "nom": family_name, "prenom": given_name, "email": email}
        mailed, _, to_sent = self._ask("POST", by_mail, values)
        read, _, _ = self._ask("GET", to_sent)
        return {
            "identifiant, asked": asked,
            "identifiant, sent page": shown,
            "identifiant, mail asked": mailed,
            "identifiant, mailed page": read,
        }

    def forget_password(self, identifiant: str) -> dict[str, float]:
        """Ask for a code, read the page, type a wrong one; then ask for a link.

        Returns:
            Milliseconds of each step.
        """
        self._cookies.clear()
        _, _, to_page = self._ask("GET", "/mot-de-passe-oublie")
        _, page, _ = self._ask("GET", to_page)
        values = {"jeton": _find(_TOKEN, page), "identifiant": identifiant, "moyen": "sms"}
        asked, _, to_code = self._ask("POST", to_page, values)
        shown, page, _ = self._ask("GET", to_code)
        refused, page, _ = self._ask("POST", to_code, {"jeton": _find(_TOKEN, page), "code": "000000"})
        _, page, _ = self._ask("GET", to_page)
        linked, _, _ = self._ask("POST", to_page, {**values, "jeton": _find(_TOKEN, page), "moyen": "mail"})
        return {
            "password, code asked": asked,
            "password, code page": shown,
            "password, wrong code": refused,
            "password, link asked": linked,
        }

    def _ask(self, method: str, path: str, values: dict[str, str] | None = None) -> tuple[float, str, str]:
        """Return the milliseconds, the page and the path of a redirect."""
        body = urlencode(values).encode() if values is not None else None
        headers = {"Host": self._host, "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = perf_counter_ns()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read()
        took = (perf_counter_ns() - began) / 1e6
        assert answer.status in {200, 303, 422}, f"{method} {path}: {answer.status} {page.decode()[:2000]}"
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return took, page.decode(), answer.headers.get("Location", "")


def _find(pattern: "re.Pattern[str]", page: str) -> str:
    found = pattern.search(page)
    assert found, page
    return found[1]
