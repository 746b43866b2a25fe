"""Logout at FranceConnect: the browser comes with a hint, presses a button (or a script does), and is sent back with its state.

OpenID Connect RP-Initiated Logout 1.0, within FranceConnect's closed list of parameters.
"""

import json
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, render_template, request, url_for
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from franceconnect_bridge.simulator.authorization import PageRefusal
from franceconnect_bridge.simulator.pages import allow_form_target, see_other
from franceconnect_bridge.simulator.runtime import draw, log
from franceconnect_bridge.simulator.settings import PREFIX, Client
from franceconnect_bridge.simulator.world import LogoutRequest, World

PARAMETERS = frozenset({"id_token_hint", "post_logout_redirect_uri", "state", "client_id", "logout_hint", "ui_locales"})


def logout_blueprint(world: World) -> Blueprint:
    """Return the chain of logout."""
    pages = Blueprint("logout", __name__)

    @pages.get(f"{PREFIX}/session/end")
    def end() -> Response:
        asked = _read(world)
        fault = world.faults.meet("logout", asked.client.client_id)
        if fault and fault.name == "logout-500":
            raise PageRefusal("Y000400", "on purpose", asked.client)
        session = world.sessions.find(world.cookies.read())
        if session is None or session.person is None:
            raise PageRefusal("Y100019", "this browser has no live session of FranceConnect", asked.client)
        asked.fault = fault.name if fault else ""
        key = draw()
        world.logouts.put(key, asked)
        if asked.uri:
            allow_form_target(asked.uri)
        return make_response(render_template("deconnexion.html", key=key, service=asked.client.name))

    @pages.post(f"{PREFIX}/session/end/confirm")
    def confirm() -> Response:
        asked = world.logouts.take(request.form.get("cle", ""))
        session = world.sessions.take(world.cookies.read())
        if asked is None or session is None:
            raise PageRefusal("Y190001", "no logout of this browser waits for this form")
        log("signed out", client=asked.client.client_id, fault=asked.fault)
        response = _answer(asked)
        world.cookies.erase(response)
        return response

    @pages.get(f"{PREFIX}/session/end/success")
    def success() -> Response:
        return make_response(render_template("deconnecte.html"))

    return pages


def _answer(asked: LogoutRequest) -> Response:
    if not asked.uri or asked.fault == "logout-stays":
        return see_other(url_for("logout.success"))
    state = {"logout-without-state": "", "logout-wrong-state": draw()}.get(asked.fault, asked.state)
    joint = "&" if urlsplit(asked.uri).query else "?"
    return see_other(f"{asked.uri}{joint}{urlencode({'state': state})}" if state else asked.uri)


def _read(world: World) -> LogoutRequest:
    """Check a logout request.

    Raises:
        PageRefusal: It is refused by a page.
    """
    names = [name for name, _ in request.args.items(multi=True)]
    unknown = [name[:60] for name in names if name not in PARAMETERS]
    if unknown or len(names) != len(set(names)):
        raise PageRefusal("Y030007", f"not on the closed list, or twice: {', '.join(unknown or names)}")
    if not request.args.get("id_token_hint"):
        raise PageRefusal("Y030007", "id_token_hint is missing")
    client = _read_hint(world, request.args["id_token_hint"])
    if request.args.get("client_id", client.client_id) != client.client_id:
        raise PageRefusal("Y030007", "client_id is not the one that id_token_hint was given to", client)
    uri = request.args.get("post_logout_redirect_uri", "")
    if uri and uri not in client.post_logout_redirect_uris:
        known = ", ".join(client.post_logout_redirect_uris)
        raise PageRefusal("Y04CFAEF", f"{uri[:300]!r} is not one of: {known}", client)
    return LogoutRequest(client, uri, request.args.get("state", ""))


def _read_hint(world: World, hint: str) -> Client:
    """Return whose ID token this is; one that has run out is as good as another.

    Raises:
        PageRefusal: We did not sign it, or its client is gone.
    """
    try:
        keys = KeySet.import_key_set(world.keys.published())  # type: ignore[arg-type]  # a JWKS, as JSON
        signed = jws.deserialize_compact(hint, keys, algorithms=["ES256", "RS256"])
        client = world.clients.get(json.loads(signed.payload)["aud"])
    except (JoseError, ValueError, KeyError, TypeError):
        client = None
    if client is None:
        raise PageRefusal("Y030007", "id_token_hint is not an ID token of ours")
    return client
