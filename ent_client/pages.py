"""The pages T0 to T4, T6 and the Diagnostic page: parse, decide with the other modules, render."""

import json
import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from ent_client.runtime import CHOICE_COOKIE, CHOICE_SECONDS, SESSION_COOKIE, VISIT_COOKIE, log
from ent_client.settings import AFTER_LOGOUT_PATH, CALLBACK_PATH, INITIATE_LOGIN_PATH
from ent_client.sign_in import SignInDesk
from ent_client.store import Trace, Visit
from ent_client.visitors import Visitors, check_csrf, same_text, see

if TYPE_CHECKING:
    from ent_client.app import Ent

FAMILY, STAFF = "famille", "personnel"


def pages_blueprint(ent: "Ent") -> Blueprint:
    """Give the pages of one ENT; see `Desk` for what they do."""
    visitors = Visitors(ent)
    desk, sign_in = Desk(ent, visitors), SignInDesk(ent, visitors)
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "home", desk.show_home)
    pages.add_url_rule("/choix", "chooser", desk.show_chooser)
    pages.add_url_rule("/choix", "choose", desk.take_choice, methods=["POST"])
    pages.add_url_rule("/personnel", "staff", desk.show_staff)
    pages.add_url_rule("/connexion", "sign_in", sign_in.begin)
    pages.add_url_rule(CALLBACK_PATH, "callback", sign_in.end)
    pages.add_url_rule(INITIATE_LOGIN_PATH, "initiate_login", sign_in.begin_for_another_site, methods=["GET", "POST"])
    pages.add_url_rule("/compte", "account", desk.take_account, methods=["POST"])
    pages.add_url_rule("/compte", "accounts", desk.show_accounts)
    pages.add_url_rule("/echec/<reference>", "failure", sign_in.show_failure)
    pages.add_url_rule("/diagnostic", "diagnostic", desk.show_diagnostic)
    pages.add_url_rule("/renouvellement", "renew", desk.renew, methods=["POST"])
    pages.add_url_rule("/deconnexion", "sign_out", desk.sign_out, methods=["POST"])
    pages.add_url_rule(AFTER_LOGOUT_PATH, "signed_out", desk.show_signed_out)
    pages.add_url_rule("/informations", "information", desk.show_information)
    return pages


class Desk:
    """The front desk: one method per page or form."""

    def __init__(self, ent: "Ent", visitors: Visitors) -> None:
        self._ent = ent
        self._visitors = visitors

    # --- T0, T3, T4: home ------------------------------------------------------------------------------------------------------------

    def show_home(self) -> Response | str | tuple[str, int]:
        """T0 for a stranger, T3 for a known guardian, T4 for somebody whom the provider knows and we do not."""
        person = self._visitors.person()
        if person is None:
            choice = self._ent.cookies.read(CHOICE_COOKIE)
            target = {FAMILY: "pages.sign_in", STAFF: "pages.staff"}.get(choice, "pages.chooser")
            return render_template("accueil.html", suite=url_for(target), choix_retenu=choice in (FAMILY, STAFF))
        if not person.accounts:
            return render_template("inconnu.html", personne=person), 403
        if person.chosen is None:
            return see(url_for("pages.accounts"))
        return render_template("connecte.html", personne=person, compte=person.accounts[person.chosen])

    def show_accounts(self) -> Response | str:
        """T3, several accounts: ask which one, by the school's name."""
        person = self._visitors.person()
        if person is None or len(person.accounts) < 2:
            return see(url_for("pages.home"))
        return render_template("comptes.html", personne=person)

    def take_account(self) -> Response:
        """Use the account that was chosen."""
        person = self._visitors.person()
        if person is None:
            return see(url_for("pages.home"))
        check_csrf(person.csrf)
        number = request.form.get("compte", "")
        if number not in [str(index) for index in range(len(person.accounts))]:
            abort(400)
        person.chosen = int(number)
        return see(url_for("pages.home"))

    # --- T1, T2: chooser --------------------------------------------------------------------------------------------------------------

    def show_chooser(self) -> Response:
        """T1: as whom do you come?"""
        visit = self._visitors.visit()
        choice = self._ent.cookies.read(CHOICE_COOKIE)
        page = render_template("choix.html", csrf=visit.csrf, profil=choice, souvenir=choice in (FAMILY, STAFF))
        return self._visitors.with_visit(make_response(page), visit)

    def take_choice(self) -> Response:
        """Remember the profile if asked (a browser that no longer asks is forgotten), then go on."""
        visit = self._visitors.visit()
        profile = request.form.get("profil", "")
        remember = request.form.get("souvenir") == "1"
        known = profile in (FAMILY, STAFF)
        too_old = not same_text(request.form.get("csrf", ""), visit.csrf)
        if too_old or not known:
            page = render_template(
                "choix.html",
                csrf=visit.csrf,
                profil=profile,
                souvenir=remember,
                trop_ancien=too_old,
                manque=not too_old,
            )
            return self._visitors.with_visit(make_response(page, 403 if too_old else 422), visit)
        response = see(url_for("pages.sign_in" if profile == FAMILY else "pages.staff"))
        if remember:
            self._ent.cookies.write(response, CHOICE_COOKIE, profile, CHOICE_SECONDS)
        else:
            self._ent.cookies.erase(response, CHOICE_COOKIE)
        return response

    def show_staff(self) -> str:
        """T2: staff sign in elsewhere."""
        return render_template("personnel.html")

    # --- Diagnostic -------------------------------------------------------------------------------------------------------------------

    def show_diagnostic(self) -> str:
        """Each check with its result, and the decoded token, of this session or of a sign-in refused in this browser."""
        visit = self._visitors.visit()
        reference = request.args.get("reference", "")
        person = self._visitors.person()
        trace = visit.failures.get(reference) if reference else person.trace if person else _latest(visit)
        if reference and trace is None:
            abort(404)
        return render_template("diagnostic.html", trace=trace, personne=person, lisible=_readable)

    def renew(self) -> Response:
        """The button of the Diagnostic page: renew the tokens now, and show what came of it."""
        person = self._visitors.person()
        if person is None:
            return see(url_for("pages.home"))
        check_csrf(person.csrf)
        if not person.tokens.refresh_token:
            abort(400)
        self._visitors.renew(person)
        return see(url_for("pages.diagnostic"))

    # --- signing out ------------------------------------------------------------------------------------------------------------------

    def sign_out(self) -> Response:
        """Forget the person here first, then send the browser to end the provider's own session."""
        session_key = self._ent.cookies.read(SESSION_COOKIE)
        person = self._ent.sessions.get(session_key)
        if person is None:
            return see(url_for("pages.home"))
        check_csrf(person.csrf)
        self._ent.sessions.drop(session_key)
        self._ent.visits.drop(self._ent.cookies.read(VISIT_COOKIE))
        # A fresh visit: what the former one knew of refused sign-ins is not for the next person at this screen.
        visit = Visit(logout_state=secrets.token_urlsafe(32))
        url = self._ent.provider.logout_url(person.tokens.id_token, visit.logout_state)
        visit.provider_left_out = url is None
        if person.tokens.refresh_token:
            log("signed out", refresh_token_revoked=self._ent.provider.revoke(person.tokens.refresh_token))
        response = see(url or url_for("pages.signed_out", state=visit.logout_state))
        self._ent.cookies.erase(response, SESSION_COOKIE)
        return self._visitors.with_visit(response, visit)

    def show_signed_out(self) -> Response | str:
        """T6, only on the way back from a logout that this browser began; a link from elsewhere shows the home page."""
        visit = self._visitors.visit()
        expected = visit.logout_state
        if self._visitors.person() or not expected or not same_text(request.args.get("state", ""), expected):
            return see(url_for("pages.home"))
        return render_template("deconnecte.html", fournisseur_absent=visit.provider_left_out)

    def show_information(self) -> str:
        """Help, accessibility and personal data, in one page."""
        return render_template("informations.html", personne=self._visitors.person())


def _latest(visit: Visit) -> Trace | None:
    return next(reversed(visit.failures.values()), None)


def _readable(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
