"""The protocol's endpoints that browsers come to, and its documents. Each asks the protocol or a journey, and writes the answer down."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, json, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from idp.journeys.answers import AskPerson, Forged, Profile
from idp.journeys.authorization import Authorization
from idp.journeys.claims import CLAIM_NAMES, RELEASED_BY_SCOPE
from idp.journeys.logout import AskLogout, Logout, LogoutAnswer, SignedOut, Stay
from idp.journeys.ports import ClientRegistry, SigningKeys
from idp.journeys.redemption import OFFLINE_ACCESS
from idp.protocol import discovery
from idp.protocol.authorization_request import (
    RedirectedError,
    ShownError,
    check_authorization_request,
    respond_with_error,
)
from idp.protocol.jwks_rfc7517 import to_jwks
from idp.protocol.signing_keys import SigningKey
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.headers import allow_form_target
from idp.web.sign_in import respond_ask_person, respond_to_client

_PUBLIC = {
    "Cache-Control": "public, max-age=300",  # a new key is published long before it signs
    "Access-Control-Allow-Origin": "*",  # Fetch, CORS protocol: public documents, which a client in a browser may read too
}
_LOG = "preau.oidc"
Params = list[tuple[str, str]]
SignOutUpstream = Callable[[str, str, tuple[str, ...]], Response | None]
"""Takes the hint, where the browser goes afterwards, and who may still be open."""


def oidc_blueprint(
    *,
    issuer: str,
    base: str,
    authorization: Authorization,
    logout: Logout,
    clients: ClientRegistry,
    keys: SigningKeys,
    cookies: Cookies,
    backchannel_hosts: Collection[str] = (),
    registers_clients: bool = False,
    sign_out_upstream: SignOutUpstream | None = None,
) -> Blueprint:
    """Return authorization, logout, keys and discovery.

    Args:
        issuer: As tokens name it.
        base: Scheme, host and port that every endpoint begins with.
        authorization: Answers authorization requests.
        logout: Answers logout requests.
        clients: Who may ask.
        keys: What is published.
        cookies: Whose `visit` and `session` cookies are read and set.
        backchannel_hosts: Asked there, discovery gives the endpoints that servers call at that host. Browsers stay at `base`.
        registers_clients: Whether discovery names the endpoint where clients register.
        sign_out_upstream: Leads through the logout of FranceConnect; None without it.
    """
    blueprint = Blueprint("oidc", __name__)
    _add_authorization(blueprint, issuer, authorization, clients, cookies)
    _add_logout(blueprint, logout, _LogoutResponder(cookies, sign_out_upstream))
    _add_documents(blueprint, issuer, base, backchannel_hosts, keys, registers_clients=registers_clients)
    return blueprint


def _add_authorization(
    blueprint: Blueprint, issuer: str, authorization: Authorization, clients: ClientRegistry, cookies: Cookies
) -> None:
    @blueprint.get(discovery.AUTHORIZE_PATH)
    def authorize() -> Response:
        """OpenID Connect Core 1.0 section 3.1.2."""
        try:
            asked = check_authorization_request(_pairs(request.args), clients.load_client)
        except ShownError as refusal:
            structlog.get_logger(_LOG).info("authorization request refused", refused=refusal.key)
            return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)
        except RedirectedError as refusal:
            structlog.get_logger(_LOG).info(
                "authorization request refused", refused=refusal.error, client_id=refusal.request.client_id
            )
            uri = respond_with_error(refusal.request, refusal.error, refusal.description, issuer=issuer)
            return make_response(redirect(uri, code=303))
        answer = authorization.begin(asked, browser=cookies.visit.read(request), session=cookies.session.read(request))
        if isinstance(answer, AskPerson):
            return respond_ask_person(answer, cookies)
        return respond_to_client(answer, cookies)

    @blueprint.post(discovery.AUTHORIZE_PATH)
    def authorize_by_post() -> Response:
        """Go on as a GET: a POST from another site comes without our Lax cookies, and would find nobody signed in."""
        return make_response(redirect(_as_get("oidc.authorize"), code=303))


def _add_logout(blueprint: Blueprint, logout: Logout, responder: "_LogoutResponder") -> None:
    cookies = responder.cookies

    @blueprint.route(discovery.LOGOUT_PATH, methods=["GET", "POST"])
    def end_session() -> Response:
        """OpenID Connect RP-Initiated Logout 1.0 section 2."""
        if request.method == "POST" and cookies.session.read(request) is None:
            # As with authorization: a POST from another site comes without our Lax cookies.
            return make_response(redirect(_as_get("oidc.end_session"), code=303))
        params = _pairs(request.form if request.method == "POST" else request.args)
        try:
            answer = logout.begin(params, cookies.session.read(request))
        except ShownError as refusal:
            return _show_refusal(refusal)
        return responder.respond(answer)

    @blueprint.post("/deconnexion")
    def confirm_logout() -> Response:
        try:
            answer = logout.confirm(
                _pairs(request.form),
                cookies.session.read(request),
                request.form.get("jeton", ""),
                leave=request.form.get("choix") == "oui",
            )
        except ShownError as refusal:
            return _show_refusal(refusal)
        return responder.respond(answer)


def _show_refusal(refusal: ShownError) -> Response:
    structlog.get_logger(_LOG).info("logout request refused", refused=refusal.key)
    return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)


@dataclass(frozen=True, slots=True)
class _LogoutResponder:
    """Turns an answer of the logout into a response."""

    cookies: Cookies
    sign_out_upstream: SignOutUpstream | None

    def respond(self, answer: LogoutAnswer) -> Response:
        match answer:
            case AskLogout():
                allow_form_target(answer.return_uri)
                return make_response(render_template("logout_ask.html", page=answer))
            case SignedOut():
                return self._sign_out(answer)
            case Stay():
                return make_response(redirect(url_for("sign_in.show"), code=303))
            case Forged():
                return render_error("form-too-old", act=Act(translate("Recharger la page"), discovery.LOGOUT_PATH))

    def _sign_out(self, answer: SignedOut) -> Response:
        response = None
        if answer.id_token and self.sign_out_upstream is not None:
            response = self.sign_out_upstream(answer.id_token, answer.return_uri, answer.still_open)
        if response is None and answer.return_uri:
            allow_form_target(answer.return_uri)
            response = make_response(redirect(answer.return_uri, code=303))
        if response is None:
            response = make_response(render_template("logout_done.html", page=answer))
        self.cookies.session.forget(response)
        # On a shared phone, a page of the activation belongs to whoever was signed in.
        self.cookies.activation.forget(response)
        return response


def _add_documents(
    blueprint: Blueprint,
    issuer: str,
    base: str,
    backchannel_hosts: Collection[str],
    keys: SigningKeys,
    *,
    registers_clients: bool,
) -> None:
    def compose(backchannel: str, published: Sequence[SigningKey]) -> discovery.Metadata:
        return discovery.compose_metadata(
            discovery.Deployment(
                issuer=issuer,
                base=base,
                backchannel=backchannel,
                scopes=["openid", *RELEASED_BY_SCOPE, OFFLINE_ACCESS],
                claims=[*_TOKEN_CLAIMS, *CLAIM_NAMES],
                acr_values=[str(one) for one in Profile],
                signing_algorithms=sorted({key.algorithm for key in published}, reverse=True),
                registers_clients=registers_clients,
            )
        )

    metadata_written, jwks_written = _Written(partial(compose, base)), _Written(to_jwks)
    written_elsewhere = {host: _Written(partial(compose, f"http://{host}")) for host in backchannel_hosts}

    @blueprint.get(discovery.DISCOVERY_PATH)
    def metadata() -> Response:
        """OpenID Connect Discovery 1.0 section 4."""
        written = (
            written_elsewhere.get(request.host.lower(), metadata_written) if written_elsewhere else metadata_written
        )
        return _publish(written.for_keys(keys.load_published_keys()))

    @blueprint.get(discovery.JWKS_PATH)
    def jwks() -> Response:
        """RFC 7517 section 5."""
        return _publish(jwks_written.for_keys(keys.load_published_keys()))


class _Written:
    """A document that changes with the keys alone, written once for each set of them."""

    def __init__(self, compose: Callable[[Sequence[SigningKey]], Mapping[str, object]]) -> None:
        self._compose = compose
        self._kept: tuple[tuple[str, ...], bytes] = ((), b"")

    def for_keys(self, published: Sequence[SigningKey]) -> bytes:
        """Return the document of these keys."""
        kids = tuple(key.kid for key in published)
        kept_kids, document = self._kept
        if kids != kept_kids or not document:
            document = json.dumps(self._compose(published)).encode()
            self._kept = kids, document
        return document


_TOKEN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid")


def _publish(document: bytes) -> Response:
    return Response(document, headers=_PUBLIC, content_type="application/json")


def _as_get(endpoint: str) -> str:
    """Return the address of an endpoint with the form's parameters as its query."""
    return f"{url_for(endpoint)}?{urlencode(_pairs(request.form))}"


def _pairs(values: "MultiDict[str, str]") -> Params:
    return list(values.items(multi=True))
