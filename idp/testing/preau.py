"""What a test holds in its hand: the provider's address, the people, their phones, and somebody to play them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from idp.adapters.case_library import case_names, load_case
from idp.testing.pages import PageError, Visitor

PASSWORD = "Cartable-Bleu-42"  # noqa: S105  of every fictional person
_TIMEOUT_SECONDS = 40  # longer than any wait for a message
_REGISTER = "/idp/profile/oidc/register"


@dataclass(frozen=True, slots=True)
class Account:
    """What a parent signs in with."""

    identifiant: str
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class Client:
    """A relying party that was registered for one test."""

    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Person:
    """A guardian of a case, or of the suite's own document.

    Attributes:
        guardian: Her table of the document.
        pupils: The tables of her pupils.
    """

    guardian: Mapping[str, Any]
    pupils: tuple[Mapping[str, Any], ...]

    @property
    def phone(self) -> str:
        """Her number, in E.164 form."""
        return to_e164(self.guardian.get("phone", ""))

    @property
    def account(self) -> Account:
        """What she signs in with from the start.

        Raises:
            KeyError: She has no account with a password.
        """
        given = self.guardian["account"]
        return Account(given["identifiant"], given["password"])


class Preau:
    """A provider at its seed.

    Args:
        base: Its address.
        families: The suite's own document, or None.
    """

    def __init__(self, base: str, families: Path | None = None) -> None:
        self.base = base
        self.issuer = base
        self.discovery_url = f"{base}/.well-known/openid-configuration"
        self._documents = {name: tomllib.loads(load_case(name)) for name in case_names()}
        if families is not None:
            self._documents["families"] = tomllib.loads(families.read_text(encoding="utf-8"))
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["X-Preau-Sandbox"] = "1"

    # --- people ----------------------------------------------------------------------------------------------------------------------

    def person(self, family: str, guardian: str = "") -> Person:
        """Return a person.

        Args:
            family: Name of a case, or a family's key in the suite's own document.
            guardian: Her key; "" for the first one.

        Raises:
            LookupError: There is no such family, or no such guardian in it.
        """
        for document in self._documents.values():
            for known in document.get("families", ()):
                if known["key"] == family:
                    return _find(known, guardian)
        raise LookupError(f"no family called {family}")

    def activate(self, family: str, guardian: str = "", *, password: str = PASSWORD) -> Account:
        """Walk the pages of an activation by SMS as a parent does, in a browser of her own.

        Args:
            family: Name of a case, or a family's key in the suite's own document.
            guardian: Her key; "" for the first one.
            password: That she chooses.

        Raises:
            LookupError: There is no such person.
            PageError: The pages do not lead to an account: the message says what they say.
        """
        person = self.person(family, guardian)
        visitor = Visitor(self.base)
        visitor.open("/connexion")
        for words in ("Responsable d'élève", "Je n'ai pas de compte"):
            visitor.open(visitor.page.link(words))
        names = {"nom": person.guardian["family_name"], "prenom": person.guardian["given_names"][0]}
        visitor.fill("nom", {**names, "indicatif": "+33", "telephone": person.guardian["phone"]})
        visitor.fill("code", {"code": self.messages(person.phone)[0]["text"][:6]})
        visitor.fill("lien-1", _dates(visitor.page.text, person))
        page = visitor.fill("mot-de-passe", {"mot-de-passe": password, "confirmation": password})
        if page.h1 != "Votre compte a été activé avec succès":
            raise PageError(f"the activation ended at « {page.h1} »: {page.text}")
        told = re.search(r"Identifiant : ([a-z]\.[a-z]+[0-9]{4})\b", self.messages(person.phone)[0]["text"])
        if told is None:
            raise PageError("no text tells the identifiant")
        return Account(told[1], password)

    def sign_in(self, authorization_uri: str, account: Account, *, consents: bool = True) -> str:
        """Play the browser of a parent whom a service sent here, and return where it is sent back: the redirect URI with its answer.

        Args:
            authorization_uri: Where the service sends its users, parameters included.
            account: Who signs in.
            consents: What she answers where the provider asks whether the service may know her: a client that registered itself, or one
                that is set so.

        Raises:
            PageError: The browser stays at the provider: the message says what the page says.
        """
        visitor = Visitor(self.base)
        visitor.open(authorization_uri)
        if not visitor.left_to and visitor.page.h1 == "Je sélectionne mon profil":
            visitor.open(visitor.page.link("Responsable d'élève"))
        if not visitor.left_to:
            visitor.fill("j_username", {"j_username": account.identifiant, "j_password": account.password})
        if not visitor.left_to and visitor.page.h1 == "Donnez-vous votre accord ?":
            visitor.fill("choix", {"choix": "oui" if consents else "non"})
        if not visitor.left_to:
            raise PageError(f"nobody was sent back: « {visitor.page.h1} » {visitor.page.text}")
        return visitor.left_to

    # --- services --------------------------------------------------------------------------------------------------------------------

    def client(self, redirect_uri: str, **metadata: Any) -> Client:
        """Register a relying party, until the next reset.

        Args:
            redirect_uri: Where codes are sent.
            metadata: More, by the names of RFC 7591 section 2.
        """
        sent = {"client_name": "ENT", "redirect_uris": [redirect_uri], **metadata}
        answer = self._http.post(f"{self.base}{_REGISTER}", json=sent, timeout=_TIMEOUT_SECONDS)
        _check(answer)
        told = answer.json()
        return Client(told["client_id"], told.get("client_secret", ""), redirect_uri)

    # --- the control API ---------------------------------------------------------------------------------------------------------------

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        """Return the texts of a number, written as anybody writes it, or the mails of an address, newest first; "" for everybody's."""
        found: list[dict[str, Any]] = self._ask("GET", "messages", params=_to(to))
        return found

    def mail(self, to: str, *, after: int = 0, wait_seconds: int = 10) -> dict[str, Any]:
        """Return the newest mail to an address: `subject`, `text`, `links`, `id`. One that is still to come is waited for.

        Args:
            to: The address.
            after: `id` of the last one that is known.
            wait_seconds: How long to wait, 30 at most.

        Raises:
            LookupError: None came.
        """
        asked = {**_to(to), "channel": "mail", "after": after, "wait_seconds": wait_seconds}
        found: list[dict[str, Any]] = self._ask("GET", "messages", params=asked)
        if not found:
            raise LookupError(f"no mail to {to}")
        return found[0]

    def advance(self, seconds: float) -> None:
        """Move the provider's clock forward."""
        self._ask("PUT", "clock", json={"advance_seconds": seconds})

    def purge(self) -> dict[str, Any]:
        """Let what grew old go, as `preau purge` does, and return how much: a test instance never does by itself."""
        done: dict[str, Any] = self._ask("POST", "purge")
        return done

    def audit(self, **filters: str) -> list[dict[str, Any]]:
        """Return the lines of the audit trail, oldest first."""
        found: list[dict[str, Any]] = self._ask("GET", "audit", params=filters)
        return found

    def reset(self) -> None:
        """Go back to the seed: every account and every contest as the documents say."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"{self.base}/sandbox/v1/{path}", timeout=_TIMEOUT_SECONDS, **more)
        _check(answer)
        return answer.json() if answer.content else None


def to_e164(written: str) -> str:
    """Return a French number in E.164 form, « 06 39 98 05 10 » as « +33639980510 »; any other as it is, without spaces."""
    bare = "".join(written.split())
    return f"+33{bare[1:]}" if bare.startswith("0") else bare


def _to(recipient: str) -> dict[str, str]:
    if not recipient:
        return {}
    return {"to": recipient if "@" in recipient else to_e164(recipient)}


def _find(family: Mapping[str, Any], guardian: str) -> Person:
    for known in family.get("guardians", ()):
        if guardian in {"", known["key"]}:
            links = ((pupil, pupil.get("guardians", ())) for pupil in family.get("pupils", ()))
            hers = [
                pupil
                for pupil, adults in links
                if any(link["guardian"] == known["key"] and not link.get("contested") for link in adults)
            ]
            return Person(known, tuple(hers))
    raise LookupError(f"no guardian called {guardian} in {family['key']}")


def _dates(text: str, person: Person) -> dict[str, str]:
    """Return the answers of the children's page, in the order in which it shows them."""
    shown = [
        (text.find(f"{pupil['given_name']} {pupil['family_name']}"), pupil["birth_date"]) for pupil in person.pupils
    ]
    answers: dict[str, str] = {}
    for number, (_, born) in enumerate(sorted(one for one in shown if one[0] >= 0), start=1):
        answers |= {f"lien-{number}": "oui", f"jour-{number}": f"{born.day}"}
        answers |= {f"mois-{number}": f"{born.month}", f"annee-{number}": f"{born.year}"}
    return answers


def _check(answer: requests.Response) -> None:
    if not answer.ok:
        raise AssertionError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}")
