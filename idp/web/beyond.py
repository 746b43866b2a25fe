"""What a page between an ENT's request and its answer says when another page comes next, or none."""

from flask import Response, request, url_for

from idp.journeys.answers import AskPerson, Forged, Lost, Respond, SignedInHere
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.sign_in import respond_ask_person
from idp.web.way_back import respond_to_client


def respond_beyond(
    answer: Respond | AskPerson | SignedInHere | Forged | Lost, cookies: Cookies, own_page: str
) -> Response:
    """Return the response to whatever is not the page itself.

    Args:
        answer: What the journey said.
        cookies: Which are set where the answer brings new values.
        own_page: Endpoint of the page, to begin it again with the same request when its form was refused.
    """
    match answer:
        case Respond():
            return respond_to_client(answer, cookies)
        case AskPerson():
            return respond_ask_person(answer, cookies)
        case SignedInHere():
            response = Response(status=303, headers={"Location": answer.page or url_for("sign_in.show")})
            cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
            cookies.known.keep(response, answer.known_cookie)
            return response
        case Forged():
            again = url_for(own_page, d=request.args.get("d", ""))
            return render_error("form-too-old", act=Act(translate("Recharger la page"), again))
        case Lost():
            return render_error("step-lost", act=Act(translate("Recommencer"), url_for("sign_in.show")))
