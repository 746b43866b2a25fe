"""F1 to F4: what the person sees between the service that sent her and the service that gets her back."""

import hmac
import secrets
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from franceconnect_bridge.simulator.authorize import check_parameters, find_return, read_request
from franceconnect_bridge.simulator.errors import ABORTED, PAGES, REDIRECTS, TURNED_BACK, ReturnedError, ShownError
from franceconnect_bridge.simulator.faults import Strike
from franceconnect_bridge.simulator.navigation import check_csrf, see, with_parameters
from franceconnect_bridge.simulator.persons import Person
from franceconnect_bridge.simulator.providers import PROVIDERS, Provider, find_provider
from franceconnect_bridge.simulator.runtime import Cookie, log
from franceconnect_bridge.simulator.scopes import labels_of, missing_data
from franceconnect_bridge.simulator.state import Simulator
from franceconnect_bridge.simulator.store import Grant, Interaction, Session, SignedIn, Step

_FORCED = "Réponse voulue par un testeur."


def pages_blueprint(simulator: Simulator, cookie: Cookie) -> Blueprint:
    """Give the pages; see `Desk` for what they do."""
    desk = Desk(simulator, cookie)
    pages = Blueprint("pages", __name__)
    add = pages.add_url_rule
    add("/api/v2/authorize", "authorize", desk.begin, methods=["GET", "POST"])
    add("/api/v2/interaction/<uid>", "choice", desk.show_choice)
    add("/api/v2/redirect-to-idp", "choose", desk.take_choice, methods=["POST"])
    add("/fournisseur/<uid>", "provider", desk.show_provider)
    add("/fournisseur/<uid>", "prove", desk.take_password, methods=["POST"])
    add("/fournisseur/<uid>/annuler", "cancel", desk.cancel_at_provider)
    add("/api/v2/oidc-callback", "callback", desk.come_from_provider)
    add("/api/v2/interaction/<uid>/verify", "verify", desk.verify)
    add("/api/v2/interaction/<uid>/consent", "consent", desk.show_consent)
    add("/api/v2/login", "login", desk.take_consent, methods=["POST"])
    add("/api/v2/redirect-to-sp-with-error", "turn_back", desk.turn_back)
    return pages


class Desk:
    """One method per page or form."""

    def __init__(self, simulator: Simulator, cookie: Cookie) -> None:
        self._simulator = simulator
        self._cookie = cookie

    # --- the request -------------------------------------------------------------------------------------------------------------------

    def begin(self) -> Response:
        """Check a request, and lead to the choice of an account, or past it."""
        sent = request.values.to_dict(flat=False)
        strike = self._simulator.faults.take("authorize", client_id=request.values.get("client_id", ""))
        if strike is not None:
            raise ShownError(strike.name, _FORCED)
        try:
            asked = read_request(self._simulator, sent)
        except ReturnedError as error:
            parameters = check_parameters(sent, lenient=self._simulator.settings.lenient)
            _, redirect_uri = find_return(self._simulator, parameters)
            return self._send_back(redirect_uri, parameters["state"], error)
        session = self._find_session() or self._simulator.store.open_session()
        interaction = session.begin(asked)
        response = see(self._first_step(session, interaction))
        self._cookie.write(response, session.key)
        return response

    def _first_step(self, session: Session, interaction: Interaction) -> str:
        client, known = interaction.request.client, session.signed_in
        spared = self._simulator.settings.sso and client.sso
        if spared and known is not None and known.provider.uid not in client.excluded_providers:
            interaction.person, interaction.provider, interaction.authenticated_at = (
                known.person,
                known.provider,
                known.at,
            )
            interaction.step = Step.VERIFY
            return url_for("pages.verify", uid=interaction.uid)
        if interaction.request.hinted is not None:
            return self._lead_to(interaction, interaction.request.hinted)
        return url_for("pages.choice", uid=interaction.uid)

    # --- F1: the choice of an account --------------------------------------------------------------------------------------------------

    def show_choice(self, uid: str) -> Response:
        """F1."""
        session, interaction = self._at(uid, Step.CHOICE, Step.PROVIDER)
        client = interaction.request.client
        providers = [provider for provider in PROVIDERS if provider.uid not in client.excluded_providers]
        return self._page("choix.html", session, interaction, providers=providers)

    def take_choice(self) -> Response:
        """Go to the provider that was chosen."""
        session, interaction = self._at(request.form.get("uid", ""), Step.CHOICE, Step.PROVIDER)
        check_csrf(session)
        provider = find_provider(request.form.get("providerUid", ""))
        if provider is None:
            raise ShownError("Y020019", "providerUid : ce fournisseur est inconnu")
        if provider.uid in interaction.request.client.excluded_providers:
            raise ShownError("Y020023", "providerUid : ce service n'accepte pas ce fournisseur")
        if not provider.available:
            raise ShownError("Y020017", "providerUid : ce fournisseur est indisponible")
        return see(self._lead_to(interaction, provider))

    def _lead_to(self, interaction: Interaction, provider: Provider) -> str:
        interaction.provider, interaction.step = provider, Step.PROVIDER
        interaction.provider_state, interaction.failed_provider = secrets.token_urlsafe(24), ""
        return url_for("pages.provider", uid=interaction.uid)

    # --- F2: the provider's own page ---------------------------------------------------------------------------------------------------

    def show_provider(self, uid: str) -> Response:
        """F2."""
        session, interaction = self._at(uid, Step.PROVIDER)
        return self._provider_page(session, interaction)

    def take_password(self, uid: str) -> Response:
        """Compare login and password, and go back to FranceConnect as a provider does: with a code and the state."""
        session, interaction = self._at(uid, Step.PROVIDER)
        check_csrf(session)
        login = request.form.get("identifiant", "").strip()
        person = self._simulator.persons.find(login)
        sent = request.form.get("mot-de-passe", "").encode("utf-8", "surrogatepass")
        if person is None or not hmac.compare_digest(sent, person.password.encode()):
            return self._provider_page(session, interaction, status=422, wrong=True, login=login)
        interaction.person = person
        interaction.provider_code = secrets.token_urlsafe(16)
        back = {"code": interaction.provider_code, "state": interaction.provider_state}
        return see(f"{url_for('pages.callback')}?{urlencode(back)}")

    def cancel_at_provider(self, uid: str) -> Response:
        """Go back to the choice, which says that it did not work; the service hears nothing."""
        _, interaction = self._at(uid, Step.PROVIDER)
        self._return_to_choice(interaction)
        return see(url_for("pages.choice", uid=uid))

    def come_from_provider(self) -> Response:
        """Take the provider's answer."""
        session = self._session()
        state = request.args.get("state", "")
        if not state:
            raise ShownError("Y020021", "state : manque")
        interaction = next((one for one in session.interactions.values() if one.provider_state == state), None)
        if interaction is None or request.args.get("code", "") != interaction.provider_code:
            raise ShownError("Y020022", "state : ce n'est pas celui que ce navigateur attend")
        g.interaction = interaction
        if interaction.step is not Step.PROVIDER or interaction.person is None:
            raise ShownError("Y420001", _wrong_step(interaction))
        interaction.authenticated_at = self._simulator.clock.now()
        interaction.step = Step.VERIFY
        return see(url_for("pages.verify", uid=interaction.uid))

    def _provider_page(
        self, session: Session, interaction: Interaction, *, status: int = 200, wrong: bool = False, login: str = ""
    ) -> Response:
        groups: dict[str, list[Person]] = {}
        for person in self._simulator.persons.load():
            groups.setdefault(person.group, []).append(person)
        return self._page(
            "fournisseur.html", session, interaction, status=status, wrong=wrong, login=login, groups=groups
        )

    def _return_to_choice(self, interaction: Interaction) -> None:
        interaction.failed_provider = interaction.provider.name if interaction.provider else ""
        interaction.step, interaction.person, interaction.provider_code = Step.CHOICE, None, ""

    # --- the civil register ------------------------------------------------------------------------------------------------------------

    def verify(self, uid: str) -> Response:
        """Ask the register, which answers at once here, and keep who is signed in."""
        session, interaction = self._at(uid, Step.VERIFY)
        person, provider, at = _known(interaction)
        strike = self._strike("verify", interaction, person)
        if strike is not None:
            return self._fail(interaction, strike)
        missing = missing_data(person)
        if missing:
            interaction.step = Step.CHOICE
            raise ShownError(
                "Y600006", *(f"{name} : manque, ou sous une autre forme que celle attendue" for name in missing)
            )
        session.signed_in = SignedIn(person, provider, at)
        interaction.step = Step.CONSENT
        return see(url_for("pages.consent", uid=uid))

    def _fail(self, interaction: Interaction, strike: Strike) -> Response:
        """Fail as a tester wants it, or as this person always does."""
        if strike.name == "provider-failed":
            self._return_to_choice(interaction)
            return see(url_for("pages.choice", uid=interaction.uid))
        if strike.name in PAGES:
            interaction.step = Step.CHOICE
            raise ShownError(strike.name, _FORCED)
        name = strike.name.removeprefix("redirect-").replace("-", "_")
        error = ReturnedError("access_denied", ABORTED) if name == "refused" else ReturnedError(name, REDIRECTS[name])
        interaction.step = Step.DONE
        return self._send_back(interaction.request.redirect_uri, interaction.request.state, error)

    # --- F3: information ---------------------------------------------------------------------------------------------------------------

    def show_consent(self, uid: str) -> Response:
        """F3."""
        session, interaction = self._at(uid, Step.CONSENT)
        return self._consent_page(session, interaction)

    def take_consent(self) -> Response:
        """Send the person back to the service with a code; a double click is sent to the same place."""
        session, interaction = self._at(request.form.get("uid", ""), Step.CONSENT, Step.DONE)
        check_csrf(session)
        if interaction.step is Step.DONE:
            if not interaction.answer:
                raise ShownError("Y420001", _wrong_step(interaction))
            return see(interaction.answer)
        if interaction.request.client.private and request.form.get("accord") != "1":
            return self._consent_page(session, interaction, status=422, unticked=True)
        person, provider, at = _known(interaction)
        grant = Grant(interaction.request, person, provider, at, self._simulator.clock.now())
        answer = {
            "code": self._simulator.store.issue_code(grant),
            "state": interaction.request.state,
            "iss": self._simulator.settings.issuer,
        }
        _falsify(answer, self._strike("callback", interaction, person))
        interaction.step, interaction.answer = Step.DONE, with_parameters(interaction.request.redirect_uri, answer)
        log("code given", client_id=interaction.request.client.client_id)
        return see(interaction.answer)

    def _consent_page(
        self, session: Session, interaction: Interaction, *, status: int = 200, unticked: bool = False
    ) -> Response:
        person, _, _ = _known(interaction)
        labels = labels_of(interaction.request.scopes)
        return self._page(
            "information.html", session, interaction, status=status, person=person, labels=labels, unticked=unticked
        )

    # --- turning back ------------------------------------------------------------------------------------------------------------------

    def turn_back(self) -> Response:
        """« Revenir sur », and « Ce n'est pas vous ? », after which nobody is signed in here."""
        session, interaction = self._at(request.args.get("uid", ""), *Step)
        error = ReturnedError("access_denied", TURNED_BACK)
        if interaction.refusal is not None:
            error = ReturnedError(interaction.refusal.error, interaction.refusal.description)
        elif interaction.step is Step.CONSENT:
            session.signed_in = None
        interaction.step = Step.DONE
        return self._send_back(interaction.request.redirect_uri, interaction.request.state, error, status=302)

    def _send_back(self, redirect_uri: str, state: str, error: ReturnedError, *, status: int = 303) -> Response:
        told = {
            "error": error.error,
            "error_description": error.description,
            "state": state,
            "iss": self._simulator.settings.issuer,
        }
        log("sent back", error=error.error)
        if error.fragment:
            return see(f"{redirect_uri}#{urlencode(told)}", status)
        return see(with_parameters(redirect_uri, told), status)

    # --- helpers -----------------------------------------------------------------------------------------------------------------------

    def _find_session(self) -> Session | None:
        return self._simulator.store.sessions.get(self._cookie.read())

    def _session(self) -> Session:
        session = self._find_session()
        if session is None:
            raise ShownError("Y190001", "cookie : aucune session en cours dans ce navigateur")
        return session

    def _at(self, uid: str, *steps: Step) -> tuple[Session, Interaction]:
        """Return this browser's authorization, if it is at one of these steps.

        Raises:
            ShownError: Y190001 or Y420001.
        """
        session = self._session()
        interaction = session.interactions.get(uid)
        if interaction is None:
            raise ShownError("Y190001", "uid : ce navigateur n'a pas commencé cette connexion")
        g.interaction = interaction
        if interaction.step not in steps:
            raise ShownError("Y420001", _wrong_step(interaction))
        return session, interaction

    def _strike(self, stage: str, interaction: Interaction, person: Person) -> Strike | None:
        client_id = interaction.request.client.client_id
        return self._simulator.faults.take(stage, client_id=client_id, login=person.login, own=person.strike)

    def _page(
        self, template: str, session: Session, interaction: Interaction, *, status: int = 200, **values: object
    ) -> Response:
        interaction.refusal = None
        g.form_target = interaction.request.redirect_uri
        page = render_template(
            template,
            csrf=session.csrf,
            interaction=interaction,
            service=interaction.request.client.name,
            strict_skin=self._simulator.settings.strict_skin,
            **values,
        )
        return make_response(page, status)


def _falsify(answer: dict[str, str], strike: Strike | None) -> None:
    """Change the callback as a fault wants it."""
    kind = "" if strike is None else strike.name.removeprefix("callback-")
    if kind.startswith("without-"):
        del answer[kind.removeprefix("without-")]
    elif kind == "wrong-iss":
        answer["iss"] = "https://autre-emetteur.example/api/v2"
    elif kind == "wrong-state":
        answer["state"] = "unAutreEtatQueLeVotre00"


def _known(interaction: Interaction) -> tuple[Person, Provider, datetime]:
    if interaction.person is None or interaction.provider is None or interaction.authenticated_at is None:
        raise ShownError("Y420001", _wrong_step(interaction))
    return interaction.person, interaction.provider, interaction.authenticated_at


def _wrong_step(interaction: Interaction) -> str:
    return f"étape : cette connexion en est à « {interaction.step.value} »"
