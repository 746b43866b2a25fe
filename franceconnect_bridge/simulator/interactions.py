"""What a person sees: the choice of an account, the fictional provider's page, the information page, and the way back to the service."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, render_template, request, url_for

from franceconnect_bridge.simulator.authorization import (
    AuthorizationRequest,
    CallbackRefusal,
    PageRefusal,
    read_request,
)
from franceconnect_bridge.simulator.errors import CALLBACK_ERRORS, PAGES
from franceconnect_bridge.simulator.faults import Armed
from franceconnect_bridge.simulator.pages import allow_form_target, see_other, show_error
from franceconnect_bridge.simulator.persons import Person
from franceconnect_bridge.simulator.providers import PROVIDERS
from franceconnect_bridge.simulator.runtime import draw, log
from franceconnect_bridge.simulator.settings import PREFIX, Client
from franceconnect_bridge.simulator.world import Grant, Interaction, Session, World

_ABORTED = "user authentication aborted"


def interactions_blueprint(world: World) -> Blueprint:
    """Return the authorization endpoint and the pages behind it."""
    return _Interactions(world).blueprint()


class _Interactions:
    """The views."""

    def __init__(self, world: World) -> None:
        self._world = world

    def blueprint(self) -> Blueprint:
        """Return the views at their addresses."""
        pages = Blueprint("interactions", __name__)
        for path, methods, view in (
            (f"{PREFIX}/authorize", ["GET", "POST"], self.authorize),
            (f"{PREFIX}/interaction/<uid>", ["GET"], self.choose),
            (f"{PREFIX}/redirect-to-idp", ["POST"], self.to_provider),
            ("/fournisseur/<uid>", ["GET"], self.sign_in),
            ("/fournisseur/<uid>", ["POST"], self.prove),
            ("/fournisseur/<uid>/annuler", ["GET"], self.leave_provider),
            (f"{PREFIX}/interaction/<uid>/consent", ["GET"], self.inform),
            (f"{PREFIX}/login", ["POST"], self.accept),
            (f"{PREFIX}/redirect-to-sp-with-error", ["GET"], self.give_up),
        ):
            pages.add_url_rule(path, view.__name__, view, methods=methods)
        return pages

    def authorize(self) -> Response:
        """OpenID Connect Core 1.0 section 3.1.2.1, by GET or POST."""
        sent = request.form if request.method == "POST" else request.args
        asked, refusal, client, values = read_request(
            list(sent.items(multi=True)), self._world.clients, strict=self._world.settings.refuses_unknown_parameters
        )
        fault = self._world.faults.meet("callback", client.client_id)
        if asked is None or (fault and fault.name in CALLBACK_ERRORS) or (fault and fault.name == "refused"):
            return _send_error(
                self._world, client, values["redirect_uri"], values["state"], _as_refusal(fault, refusal)
            )
        return _begin(self._world, asked, fault)

    def choose(self, uid: str) -> Response:
        """F1: which account one knows."""
        interaction, _ = _load_before_proof(self._world, uid)
        return _show(self._world, interaction, "choix.html", providers=PROVIDERS.values())

    def to_provider(self) -> Response:
        """Take the choice of an account."""
        interaction, _ = _load_before_proof(self._world, request.form.get("uid", ""))
        _check_csrf(interaction)
        provider = PROVIDERS.get(request.form.get("providerUid", ""))
        if provider is None:
            raise PageRefusal("Y020019", "providerUid is none of the providers", interaction.request.client)
        if not provider.available:
            raise PageRefusal("Y020017", "this provider is switched off", interaction.request.client)
        interaction.provider = provider.uid
        interaction.failed_provider = ""
        return see_other(url_for("interactions.sign_in", uid=interaction.uid))

    def sign_in(self, uid: str) -> Response:
        """F2: the fictional provider's own page."""
        return _show_provider(self._world, *_load_at_provider(self._world, uid))

    def prove(self, uid: str) -> Response:
        """Take what was typed at the provider."""
        interaction, session = _load_at_provider(self._world, uid)
        _check_csrf(interaction)
        login = request.form.get("login", "").strip()
        person = self._world.persons.find(login)
        if person is None or request.form.get("password", "") != person.password:
            return _show_provider(self._world, interaction, session, typed=login, status=422)
        return _recognise(self._world, interaction, session, person)

    def leave_provider(self, uid: str) -> Response:
        """Leaving a provider leads back to the choice, never to the service."""
        interaction, _ = _load_at_provider(self._world, uid)
        interaction.failed_provider = PROVIDERS[interaction.provider].name
        interaction.provider = ""
        return see_other(url_for("interactions.choose", uid=uid))

    def inform(self, uid: str) -> Response:
        """F3: as whom one is going to sign in."""
        return _show_information(self._world, _load_recognised(self._world, uid)[0])

    def accept(self) -> Response:
        """Go on to the service; a double click is sent where the first click was, with the same code."""
        uid = request.form.get("uid", "")
        pressed = _find(self._world, uid)
        if pressed is not None and pressed.answer:
            _check_csrf(pressed)
            return see_other(pressed.answer)
        interaction, session = _load_recognised(self._world, uid)
        _check_csrf(interaction)
        if interaction.request.client.private and "consent" not in request.form:
            return _show_information(self._world, interaction, unticked=True, status=422)
        return _finish(self._world, interaction, session)

    def give_up(self) -> Response:
        """« Revenir sur… »: the service gets the error that belongs to the page, or that one turned back.

        Whoever turns back at the page with her name says that it is not hers: nobody is signed in any more, or the next sign-in would
        show the same name again.
        """
        interaction, session = _load(self._world, request.args.get("uid", ""))
        if interaction.person is not None:
            session.person = None
        page = PAGES.get(request.args.get("code", ""))
        refusal = (
            CallbackRefusal(page.error, page.description)
            if page
            else CallbackRefusal("access_denied", CALLBACK_ERRORS["access_denied"])
        )
        interaction.finished = True
        asked = interaction.request
        return _send_error(self._world, asked.client, asked.redirect_uri, asked.state, refusal, status=302)


def _begin(world: World, asked: AuthorizationRequest, fault: Armed | None) -> Response:
    """Open an interaction in this browser and lead to its first page."""
    session = world.sessions.find(world.cookies.read()) or Session(draw())
    interaction = Interaction(draw(16), asked, callback_fault=fault.name if fault else "")
    session.interactions.add(interaction.uid)
    world.interactions.put(interaction.uid, interaction)
    world.sessions.put(session.key, session)
    log("sign-in begun", client=asked.client.client_id)
    response = _first_page(world, interaction, session)
    world.cookies.write(response, session.key)
    return response


def _first_page(world: World, interaction: Interaction, session: Session) -> Response:
    if world.settings.single_sign_on and session.person is not None:
        interaction.person, interaction.provider = session.person, session.provider
        if interaction.request.skips_information:
            return _finish(world, interaction, session)
        return see_other(url_for("interactions.inform", uid=interaction.uid))
    if interaction.request.idp_hint:
        interaction.provider = interaction.request.idp_hint
        return see_other(url_for("interactions.sign_in", uid=interaction.uid))
    return see_other(url_for("interactions.choose", uid=interaction.uid))


def _find(world: World, uid: str) -> Interaction | None:
    """Return a sign-in that this browser began, finished or not."""
    session = world.sessions.find(world.cookies.read())
    return world.interactions.find(uid) if session is not None and uid in session.interactions else None


def _load(world: World, uid: str) -> tuple[Interaction, Session]:
    """Return a sign-in of this browser.

    Raises:
        PageRefusal: It is over, another browser's, or already led back to the service.
    """
    interaction = _find(world, uid)
    session = world.sessions.find(world.cookies.read())
    if session is None or interaction is None:
        raise PageRefusal("Y190001", "no sign-in of this browser has this address, or it is over")
    if interaction.finished:
        raise PageRefusal("Y420001", "this sign-in has already led back to the service", interaction.request.client)
    return interaction, session


def _load_before_proof(world: World, uid: str) -> tuple[Interaction, Session]:
    interaction, session = _load(world, uid)
    if interaction.person is not None:
        raise PageRefusal("Y420001", "somebody has signed in already: the back button", interaction.request.client)
    return interaction, session


def _load_at_provider(world: World, uid: str) -> tuple[Interaction, Session]:
    interaction, session = _load_before_proof(world, uid)
    if not interaction.provider:
        raise PageRefusal("Y420001", "no account was chosen yet", interaction.request.client)
    return interaction, session


def _load_recognised(world: World, uid: str) -> tuple[Interaction, Session]:
    interaction, session = _load(world, uid)
    if interaction.person is None:
        raise PageRefusal("Y420001", "nobody has signed in yet", interaction.request.client)
    return interaction, session


def _check_csrf(interaction: Interaction) -> None:
    sent = request.form.get("csrfToken")
    if not sent:
        raise PageRefusal("Y470002", "csrfToken is missing", interaction.request.client)
    if sent != interaction.csrf:
        raise PageRefusal("Y470001", "csrfToken is another session's", interaction.request.client)


def _recognise(world: World, interaction: Interaction, session: Session, person: Person) -> Response:
    """Take what the provider says to the civil register, then to the information page."""
    client = interaction.request.client
    fault = world.faults.meet("verify", client.client_id, person.faults)
    problem = person.problem()
    code = fault.name if fault else person.refusal or ("Y600006" if problem else "")
    if code:
        log("sign-in refused", client=client.client_id, code=code)
        detail = f"the identity's {problem} is missing or malformed" if code == "Y600006" and problem else ""
        return show_error(code, detail=detail, client=client, uid=interaction.uid)
    interaction.person = person
    session.person, session.provider, session.auth_time = person, interaction.provider, world.clock.now()
    # The session's name changes at the proof: one that was planted in the browser is worth nothing.
    world.sessions.take(session.key)
    session.key = draw()
    world.sessions.put(session.key, session)
    if interaction.request.skips_information:
        response = _finish(world, interaction, session)
    else:
        response = see_other(url_for("interactions.inform", uid=interaction.uid))
    world.cookies.write(response, session.key)
    return response


def _finish(world: World, interaction: Interaction, session: Session) -> Response:
    """Give the service a code, once (RFC 6749 section 4.1.2, RFC 9207)."""
    asked, person = interaction.request, interaction.person
    if person is None:
        raise PageRefusal("Y420001", "nobody has signed in yet", asked.client)
    interaction.finished = True
    now = world.clock.now()
    code = draw()
    world.codes.put(code, Grant(asked, person, interaction.provider, session.auth_time or now, now))
    fault = world.faults.meet("callback", asked.client.client_id, person.faults)
    name = fault.name if fault else interaction.callback_fault
    if name in CALLBACK_ERRORS or name == "refused":
        return _send_error(world, asked.client, asked.redirect_uri, asked.state, _as_refusal(Armed(name), None))
    log("sign-in finished", client=asked.client.client_id, fault=name)
    answer = {"code": code, "state": asked.state, "iss": world.settings.issuer}
    response = _send_back(asked.redirect_uri, _spoiled(answer, name.removeprefix("callback-")))
    interaction.answer = response.headers["Location"]
    return response


def _spoiled(answer: dict[str, str], fault: str) -> dict[str, str]:
    changed = {
        "without-iss": {"iss": ""},
        "wrong-iss": {"iss": "https://franceconnect.example/api/v2"},
        "wrong-state": {"state": draw()},
        "without-state": {"state": ""},
        "without-code": {"code": ""},
    }.get(fault, {})
    return {name: value for name, value in {**answer, **changed}.items() if value}


def _as_refusal(fault: Armed | None, refusal: CallbackRefusal | None) -> CallbackRefusal:
    if refusal is not None:
        return refusal
    name = fault.name if fault else ""
    return (
        CallbackRefusal("access_denied", _ABORTED)
        if name == "refused"
        else CallbackRefusal(name, CALLBACK_ERRORS[name])
    )


def _send_error(
    world: World, client: Client, redirect_uri: str, state: str, refusal: CallbackRefusal, status: int = 303
) -> Response:
    log("sent back with an error", client=client.client_id, error=refusal.error)
    answer = {
        "error": refusal.error,
        "error_description": refusal.description,
        "state": state,
        "iss": world.settings.issuer,
    }
    return _send_back(redirect_uri, answer, status, fragment=refusal.fragment)


def _send_back(redirect_uri: str, answer: dict[str, str], status: int = 303, *, fragment: bool = False) -> Response:
    joint = "#" if fragment else "&" if urlsplit(redirect_uri).query else "?"
    return see_other(f"{redirect_uri}{joint}{urlencode(answer)}", status)


def _show(world: World, interaction: Interaction, template: str, status: int = 200, **values: object) -> Response:
    allow_form_target(interaction.request.redirect_uri)
    page = render_template(
        template,
        interaction=interaction,
        service=interaction.request.client.name,
        shows_way_back=world.settings.shows_way_back,
        **values,
    )
    return make_response(page, status)


def _show_provider(
    world: World, interaction: Interaction, _session: Session, *, typed: str | None = None, status: int = 200
) -> Response:
    return _show(
        world,
        interaction,
        "fournisseur.html",
        status,
        provider=PROVIDERS[interaction.provider],
        persons=world.persons.all(),
        typed=typed or "",
        wrong=typed is not None,
    )


_LABELS = {
    "family_name": "Nom de naissance",
    "preferred_username": "Nom d'usage",
    "given_name": "Prénom(s)",
    "gender": "Sexe",
    "birthdate": "Date de naissance",
    "birthplace": "Lieu de naissance",
    "birthcountry": "Pays de naissance",
    "email": "Adresse e-mail",
    "idp_birthdate": "Date de naissance donnée par le compte",
    "idp_id": "Compte utilisé",
}


def _show_information(world: World, interaction: Interaction, *, unticked: bool = False, status: int = 200) -> Response:
    told = [label for claim, label in _LABELS.items() if claim in interaction.request.claims]
    return _show(world, interaction, "information.html", status, told=told, unticked=unticked)
