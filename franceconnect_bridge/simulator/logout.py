"""F5: signing out, step by step as the browser goes through it, with a button where the real pages submit themselves."""

from collections.abc import Mapping

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from franceconnect_bridge.simulator.errors import ShownError
from franceconnect_bridge.simulator.navigation import check_csrf, see, with_parameters
from franceconnect_bridge.simulator.runtime import Cookie, log
from franceconnect_bridge.simulator.settings import Client
from franceconnect_bridge.simulator.state import Simulator
from franceconnect_bridge.simulator.store import Leaving, Session

_ACCEPTED = ("id_token_hint", "post_logout_redirect_uri", "state", "client_id", "logout_hint", "ui_locales")


def logout_blueprint(simulator: Simulator, cookie: Cookie) -> Blueprint:
    """Give the chain; see `Exit` for its steps."""
    way_out = Exit(simulator, cookie)
    pages = Blueprint("logout", __name__)
    add = pages.add_url_rule
    add("/api/v2/session/end", "begin", way_out.begin)
    add("/api/v2/client/disconnect-from-idp", "leave_provider", way_out.leave_provider, methods=["POST"])
    add("/fournisseur/deconnexion", "provider", way_out.pass_provider)
    add("/api/v2/client/logout-callback", "callback", way_out.come_from_provider)
    add("/api/v2/session/end/confirm", "confirm", way_out.confirm, methods=["POST"])
    add("/api/v2/session/end/success", "success", way_out.show_success)
    return pages


class Exit:
    """One method per step."""

    def __init__(self, simulator: Simulator, cookie: Cookie) -> None:
        self._simulator = simulator
        self._cookie = cookie

    def begin(self) -> Response:
        """Check the request (RP-Initiated Logout 1.0 section 2, with a closed list), and show the first step."""
        sent = _read_parameters()
        client = self._read_hint(sent)
        back_to = sent.get("post_logout_redirect_uri", "")
        if back_to and back_to not in client.post_logout_redirect_uris:
            reasons = [f"enregistrée : {uri}" for uri in client.post_logout_redirect_uris]
            raise ShownError("Y04CFAEF", f"post_logout_redirect_uri : {back_to[:200]}", *reasons)
        session = self._simulator.store.sessions.get(self._cookie.read())
        if session is None or session.signed_in is None:
            raise ShownError("Y100019", "cookie : personne n'est connecté ici dans ce navigateur")
        person = session.signed_in.person
        strike = self._simulator.faults.take(
            "logout", client_id=client.client_id, login=person.login, own=person.strike
        )
        log("signing out", client_id=client.client_id)
        name = "" if strike is None else strike.name
        if name.startswith("Y"):
            raise ShownError(name, "Réponse voulue par un testeur.")
        state = sent.get("state")
        if name == "logout-without-state":
            state = None
        elif name == "logout-wrong-state":
            state = "unAutreEtatQueLeVotre00"
        session.leaving = Leaving(client, back_to, state)
        return _step(session, session.leaving, 1, url_for("logout.leave_provider"))

    def leave_provider(self) -> Response:
        """Lead to the provider's own signing out."""
        session, _ = self._under_way()
        check_csrf(session)
        return see(url_for("logout.provider"))

    def pass_provider(self) -> Response:
        """Be the provider, which has nothing to ask, and lead back."""
        return see(url_for("logout.callback"))

    def come_from_provider(self) -> Response:
        """Show the second step."""
        return _step(*self._under_way(), 2, url_for("logout.confirm"))

    def confirm(self) -> Response:
        """Forget the browser, and send it back to the service with its state."""
        session, leaving = self._under_way()
        check_csrf(session)
        self._simulator.store.sessions.drop(session.key)
        address = url_for("logout.success")
        if leaving.back_to:
            address = with_parameters(leaving.back_to, {} if leaving.state is None else {"state": leaving.state})
        response = see(address)
        self._cookie.erase(response)
        return response

    def show_success(self) -> str:
        """Say that it is done, when there is no service to go back to."""
        return render_template("deconnecte.html")

    def _read_hint(self, sent: Mapping[str, str]) -> Client:
        """Return whose ID token was given as a hint, however old it is.

        Raises:
            ShownError: It is missing, or none of ours.
        """
        if not sent.get("id_token_hint"):
            raise ShownError("Y030007", "id_token_hint : manque")
        claims = self._simulator.keys.read(sent["id_token_hint"]) or {}
        client = self._simulator.find_client(str(claims.get("aud", "")))
        if client is None or sent.get("client_id", client.client_id) != client.client_id:
            raise ShownError("Y040001", "id_token_hint : n'a pas été signé ici, ou pour un autre client")
        return client

    def _under_way(self) -> tuple[Session, Leaving]:
        session = self._simulator.store.sessions.get(self._cookie.read())
        if session is None:
            raise ShownError("Y190001", "cookie : aucune session en cours dans ce navigateur")
        if session.leaving is None:
            raise ShownError("Y420001", "étape : aucune déconnexion n'est en cours")
        return session, session.leaving


def _read_parameters() -> dict[str, str]:
    found = request.args.to_dict(flat=False)
    reasons = [f"{name} : paramètre refusé, la liste est fermée" for name in found if name not in _ACCEPTED]
    reasons += [f"{name} : donné {len(values)} fois" for name, values in found.items() if len(values) > 1]
    if reasons:
        raise ShownError("Y030007", *reasons)
    return {name: values[0] for name, values in found.items()}


def _step(session: Session, leaving: Leaving, number: int, action: str) -> Response:
    g.form_target = leaving.back_to
    page = render_template(
        "deconnexion.html", csrf=session.csrf, etape=number, action=action, service=leaving.client.name
    )
    return make_response(page)
