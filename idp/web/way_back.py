"""The way back to a client: a redirect, or a form that sends itself (OAuth 2.0 Form Post Response Mode 1.0)."""

from flask import Response, make_response, render_template

from idp.journeys.answers import Respond
from idp.web.cookies import Cookies
from idp.web.headers import allow_form_target


def respond_to_client(answer: Respond, cookies: Cookies) -> Response:
    """Return the response that ends an interaction (RFC 9700 section 4.12: 303 after a POST).

    Args:
        answer: What the journey said.
        cookies: Whose `session`, `accounts`, `visit` and `known` cookies are set.
    """
    told = answer.response
    # A redirect that follows a form's POST is checked against form-action as well.
    allow_form_target(told.redirect_uri)
    if told.response_mode == "form_post":
        response = make_response(render_template("form_post.html", response=told))
    else:
        # Not `redirect`: its page of HTML is read by nobody.
        response = Response(status=303, headers={"Location": told.location})
    cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
    cookies.visit.keep(response, answer.browser_cookie)
    cookies.known.keep(response, answer.known_cookie)
    return response
