"""The page « Donnez-vous votre accord ? »: what an ENT would be told, in a parent's words."""

from collections.abc import Collection

from flask import Blueprint, Response, make_response, render_template, request

from idp.journeys.answers import ConsentAnswer, ConsentPage
from idp.web.beyond import respond_beyond
from idp.web.cookies import Cookies
from idp.web.french import mark, translate
from idp.web.headers import allow_form_target, allow_image
from idp.web.journeys_used import ConsentJourney

_NAME = frozenset({"name", "given_name", "family_name"})
_NAMES_ALONE = {
    frozenset({"given_name"}): mark("Votre prénom"),
    frozenset({"family_name"}): mark("Votre nom"),
}
# In the order in which a parent reads them.
TOLD: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({*_NAME, "middle_name"}), mark("Votre nom et votre prénom")),
    (frozenset({"nickname", "preferred_username"}), mark("Votre surnom")),
    (frozenset({"birthdate"}), mark("Votre date de naissance")),
    (frozenset({"gender"}), mark("Si vous êtes une femme ou un homme")),
    (frozenset({"FrEduCtPersonAffiliation"}), mark("Que vous êtes responsable d'élève")),
    (frozenset({"FrEduCtRefId"}), mark("Votre numéro dans les fichiers des écoles de vos enfants")),
    (
        frozenset({"FrEduCtEleveINE", "FrEduCtEleveUAI", "FrEduCtEleveNiveau"}),
        mark("Votre numéro d'élève, votre établissement et votre niveau"),
    ),
    (frozenset({"email", "email_verified"}), mark("Votre adresse e-mail")),
    (frozenset({"phone_number", "phone_number_verified"}), mark("Votre numéro de téléphone")),
    (frozenset({"address"}), mark("Votre adresse postale")),
    (frozenset({"picture", "profile", "website"}), mark("Votre photo et vos pages sur internet")),
    (frozenset({"zoneinfo", "locale"}), mark("Votre langue et votre fuseau horaire")),
    (
        frozenset({"FrEduCtDateConnexion", "FrEduOrigAuth", "updated_at"}),
        mark("Quand et comment vous vous êtes connecté"),
    ),
)
"""Words for claims. A test sees that each claim of an instance has some."""


def consent_blueprint(journey: ConsentJourney, cookies: Cookies) -> Blueprint:
    """Return the page `/accord`.

    Args:
        journey: `idp.journeys.consent.Consent`.
        cookies: Whose `visit` and `session` cookies are read.
    """
    blueprint = Blueprint("consent", __name__)

    @blueprint.get("/accord")
    def show() -> Response:
        answer = journey.show(cookies.visit.read(request), cookies.session.read(request), _handle())
        return _respond(answer, cookies)

    @blueprint.post("/accord")
    def submit() -> Response:
        answer = journey.submit(
            cookies.visit.read(request),
            cookies.session.read(request),
            _handle(),
            request.form.get("jeton", ""),
            allows=request.form.get("choix") == "oui",
        )
        return _respond(answer, cookies)

    return blueprint


def say_told(names: Collection[str]) -> list[str]:
    """Return what these claims tell, one line for each kind of thing."""
    lines = []
    for group, words in TOLD:
        said = group.intersection(names)
        if said:
            lines.append(translate(_NAMES_ALONE.get(said, words)))
    return lines


def _handle() -> str:
    return request.args.get("d", "")


def _respond(answer: ConsentAnswer, cookies: Cookies) -> Response:
    if isinstance(answer, ConsentPage):
        allow_form_target(answer.form_action_uri)
        allow_image(answer.logo_uri)
        return make_response(render_template("consent.html", page=answer, told=say_told(answer.told)))
    return respond_beyond(answer, cookies, "consent.show")
