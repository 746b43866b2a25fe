"""The authorization endpoint: reads the request, asks protocol and journey, and leads to the sign-in page or back to the client."""

from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, make_response, redirect, request, url_for

from idp.journeys.answers import AskPerson, Respond
from idp.journeys.authorization import Authorization
from idp.journeys.ports import ClientRegistry
from idp.protocol import discovery
from idp.protocol.authorization_request import RedirectedError, ShownError, check_authorization_request
from idp.protocol.authorization_response import respond_with_error
from idp.web.cookies import Cookies
from idp.web.error_pages import render_error
from idp.web.sign_in import respond_ask_person
from idp.web.way_back import respond_to_client

_LOG = "preau.oidc"


def add_authorization(
    blueprint: Blueprint, issuer: str, authorization: Authorization, clients: ClientRegistry, cookies: Cookies
) -> None:
    """Add the endpoint to the protocol's blueprint."""

    @blueprint.get(discovery.AUTHORIZE_PATH)
    def authorize() -> Response:
        """OpenID Connect Core 1.0 section 3.1.2."""
        try:
            asked = check_authorization_request(list(request.args.items(multi=True)), clients.load_client)
        except ShownError as refusal:
            structlog.get_logger(_LOG).info("authorization request refused", refused=refusal.key)
            return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)
        except RedirectedError as refusal:
            structlog.get_logger(_LOG).info(
                "authorization request refused", refused=refusal.error, client_id=refusal.request.client_id
            )
            told = respond_with_error(refusal.request, refusal.error, refusal.description, issuer=issuer)
            return respond_to_client(Respond(told), cookies)
        answer = authorization.begin(asked, browser=cookies.visit.read(request), session=cookies.session.read(request))
        if isinstance(answer, AskPerson):
            return respond_ask_person(answer, cookies)
        return respond_to_client(answer, cookies)

    @blueprint.post(discovery.AUTHORIZE_PATH)
    def authorize_by_post() -> Response:
        """Go on as a GET: a POST from another site comes without our Lax cookies, and would find nobody signed in."""
        query = urlencode(list(request.form.items(multi=True)))
        return make_response(redirect(f"{url_for('oidc.authorize')}?{query}", code=303))
