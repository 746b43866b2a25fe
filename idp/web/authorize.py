"""The authorization endpoint, which leads to the sign-in page or back to the client, and the one that takes requests from servers."""

from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, make_response, redirect, request, url_for

from idp.journeys.answers import AskPerson, Respond
from idp.journeys.authorization import Authorization
from idp.journeys.pushed_authorization import PushedAuthorization
from idp.protocol import discovery
from idp.protocol.authorization_request import RedirectedError, ShownError
from idp.protocol.authorization_response import respond_with_error
from idp.web.client_answers import answer_client
from idp.web.cookies import Cookies
from idp.web.error_pages import render_error
from idp.web.languages import hear_site
from idp.web.sign_in import respond_ask_person
from idp.web.way_back import respond_to_client


def add_authorization(
    blueprint: Blueprint, issuer: str, authorization: Authorization, pushed: PushedAuthorization, cookies: Cookies
) -> None:
    """Add both endpoints to the protocol's blueprint."""
    log = structlog.get_logger("preau.oidc")

    @blueprint.get(discovery.AUTHORIZE_PATH)
    def authorize() -> Response:
        """OpenID Connect Core 1.0 section 3.1.2."""
        params = list(request.args.items(multi=True))
        try:
            answer = authorization.begin(
                params,
                browser=cookies.visit.read(request),
                session=cookies.session.read(request),
                accounts=cookies.accounts.read(request),
            )
        except ShownError as refusal:
            log.info("authorization request refused", refused=refusal.key)
            return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)
        except RedirectedError as refusal:
            log.info("authorization request refused", refused=refusal.error, client_id=refusal.request.client_id)
            told = respond_with_error(refusal.request, refusal.error, refusal.description, issuer=issuer)
            return respond_to_client(Respond(told), cookies)
        if isinstance(answer, AskPerson):
            hear_site(answer.ui_locales)  # a pushed or signed request says it where the address does not
            return respond_ask_person(answer, cookies)
        return respond_to_client(answer, cookies)

    @blueprint.post(discovery.AUTHORIZE_PATH)
    def authorize_by_post() -> Response:
        """Go on as a GET: a POST from another site comes without our Lax cookies, and would find nobody signed in."""
        query = urlencode(list(request.form.items(multi=True)))
        return make_response(redirect(f"{url_for('oidc.authorize')}?{query}", code=303))

    @blueprint.post(discovery.PAR_PATH)
    def push() -> Response:
        """RFC 9126 section 2."""
        proof = request.headers.get("DPoP")
        return answer_client("pushed request refused", lambda header, body: pushed.push(header, body, proof))
