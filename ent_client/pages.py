"""The pages T0 to T6 and the Diagnostic page: parse, decide with the other modules, render.

Every redirect leads to one of our own paths or to an address that `Provider` built from checked metadata: nothing that a browser
sends is ever used as a destination.
"""

import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from ent_client.checks import all_results
from ent_client.directory import as_values
from ent_client.exchange import Exchange, SignInError
from ent_client.runtime import CHOICE_COOKIE, CHOICE_SECONDS, SESSION_COOKIE, VISIT_COOKIE, log, new_reference
from ent_client.settings import AFTER_LOGOUT_PATH, CALLBACK_PATH
from ent_client.store import PendingSignIn, SignedIn, Trace, Visit

if TYPE_CHECKING:
    from ent_client.app import Ent

FAMILY, STAFF = "famille", "personnel"
RETRY_SECONDS = "60"


def pages_blueprint(ent: "Ent") -> Blueprint:
    """Give the pages of one ENT; see `Desk` for what they do."""
    desk = Desk(ent)
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "home", desk.show_home)
    pages.add_url_rule("/choix", "chooser", desk.show_chooser)
    pages.add_url_rule("/choix", "choose", desk.take_choice, methods=["POST"])
    pages.add_url_rule("/personnel", "staff", desk.show_staff)
    pages.add_url_rule("/connexion", "sign_in", desk.begin_sign_in)
    pages.add_url_rule(CALLBACK_PATH, "callback", desk.end_sign_in)
    pages.add_url_rule("/compte", "account", desk.take_account, methods=["POST"])
    pages.add_url_rule("/compte", "accounts", desk.show_accounts)
    pages.add_url_rule("/echec/<reference>", "failure", desk.show_failure)
    pages.add_url_rule("/diagnostic", "diagnostic", desk.show_diagnostic)
    pages.add_url_rule("/deconnexion", "sign_out", desk.sign_out, methods=["POST"])
    pages.add_url_rule(AFTER_LOGOUT_PATH, "signed_out", desk.show_signed_out)
    pages.add_url_rule("/informations", "information", desk.show_information)
    return pages


class Desk:
    """The front desk: one method per page or form."""

    def __init__(self, ent: "Ent") -> None:
        self._ent = ent

    # --- T0, T3, T4: home ------------------------------------------------------------------------------------------------------------

    def show_home(self) -> Response | str | tuple[str, int]:
        """T0 for a stranger, T3 for a known guardian, T4 for somebody whom the provider knows and we do not."""
        person = self._person()
        if person is None:
            choice = self._ent.cookies.read(CHOICE_COOKIE)
            target = {FAMILY: "pages.sign_in", STAFF: "pages.staff"}.get(choice, "pages.chooser")
            return render_template("accueil.html", suite=url_for(target), choix_retenu=choice in (FAMILY, STAFF))
        if not person.accounts:
            return render_template("inconnu.html", personne=person), 403
        if person.chosen is None:
            return _see(url_for("pages.accounts"))
        return render_template("connecte.html", personne=person, compte=person.accounts[person.chosen])

    def show_accounts(self) -> Response | str:
        """T3, several accounts: ask which one, by the school's name."""
        person = self._person()
        if person is None or len(person.accounts) < 2:
            return _see(url_for("pages.home"))
        return render_template("comptes.html", personne=person)

    def take_account(self) -> Response:
        """Use the account that was chosen."""
        person = self._person()
        if person is None:
            return _see(url_for("pages.home"))
        self._check_csrf(person.csrf)
        number = request.form.get("compte", "")
        if number not in [str(index) for index in range(len(person.accounts))]:
            abort(400)
        person.chosen = int(number)
        return _see(url_for("pages.home"))

    # --- T1, T2: chooser --------------------------------------------------------------------------------------------------------------

    def show_chooser(self) -> Response:
        """T1: as whom do you come?"""
        visit = self._visit()
        choice = self._ent.cookies.read(CHOICE_COOKIE)
        page = render_template("choix.html", csrf=visit.csrf, profil=choice, souvenir=choice in (FAMILY, STAFF))
        return self._with_visit(make_response(page), visit)

    def take_choice(self) -> Response:
        """Remember the profile if asked (a browser that no longer asks is forgotten), then go on."""
        visit = self._visit()
        profile = request.form.get("profil", "")
        remember = request.form.get("souvenir") == "1"
        known = profile in (FAMILY, STAFF)
        too_old = not _same_text(request.form.get("csrf", ""), visit.csrf)
        if too_old or not known:
            page = render_template(
                "choix.html",
                csrf=visit.csrf,
                profil=profile,
                souvenir=remember,
                trop_ancien=too_old,
                manque=not too_old,
            )
            return self._with_visit(make_response(page, 403 if too_old else 422), visit)
        response = _see(url_for("pages.sign_in" if profile == FAMILY else "pages.staff"))
        if remember:
            self._ent.cookies.write(response, CHOICE_COOKIE, profile, CHOICE_SECONDS)
        else:
            self._ent.cookies.erase(response, CHOICE_COOKIE)
        return response

    def show_staff(self) -> str:
        """T2: staff sign in elsewhere."""
        return render_template("personnel.html")

    # --- the sign-in ------------------------------------------------------------------------------------------------------------------

    def begin_sign_in(self) -> Response:
        """Send the browser to the provider, with a state that only this browser can bring back."""
        if self._person():
            return _see(url_for("pages.home"))
        visit = self._visit()
        exchange = Exchange(self._ent.settings, self._ent.clock.now())
        try:
            sign_in, url = self._ent.provider.begin(exchange)
        except SignInError as failure:
            return self._fail(visit, exchange, failure)
        if not visit.begin(sign_in):
            return self._fail(
                visit, exchange, SignInError("redirect_loop", "10 connexions commencées en une minute, aucune finie.")
            )
        return self._with_visit(_see(url), visit)

    def end_sign_in(self) -> Response:
        """Take the provider's answer through the checks; always end on another address, so that no code stays in the history."""
        visit = self._visit()
        now = self._ent.clock.now()
        exchange = Exchange(self._ent.settings, now, callback=request.args.to_dict(flat=False))
        sent = request.args.getlist("state")
        sign_in = visit.take(sent[0], now) if len(sent) == 1 else None
        try:
            session_key = self._admit(exchange, sign_in)
        except SignInError as failure:
            return self._fail(visit, exchange, failure)
        visit.starts.clear()
        # A new identifier at each sign-in: one that was planted before is worth nothing (session fixation).
        self._ent.sessions.drop(self._ent.cookies.read(SESSION_COOKIE))
        response = self._with_visit(_see(url_for("pages.home")), visit)
        self._ent.cookies.write(response, SESSION_COOKIE, session_key)
        return response

    def _admit(self, exchange: Exchange, sign_in: PendingSignIn | None) -> str:
        self._ent.provider.complete(exchange, sign_in)
        person = self._signed_in(exchange)
        key = self._ent.sessions.admit(person, sign_in.started_at) if sign_in else None
        if key is None:
            raise SignInError("session_ended", "Le fournisseur a mis fin à cette session pendant la connexion.")
        log("signed in", reference=person.trace.reference, references_known=len(person.accounts))
        return key

    def _signed_in(self, exchange: Exchange) -> SignedIn:
        """Say who this is: claims of the ID token when they are there, else those of userinfo; then our own directory."""
        claims = {**exchange.userinfo, **exchange.claims}
        accounts = self._ent.directory.known(as_values(claims.get("FrEduCtRefId")))
        names = [claims.get(name) for name in ("given_name", "family_name")]
        if accounts and not all(isinstance(name, str) and name for name in names):
            names = [accounts[0].given_name, accounts[0].family_name]
        sid = exchange.claims.get("sid")
        trace = Trace(new_reference(), all_results(exchange), exchange.header, exchange.claims, exchange.userinfo)
        return SignedIn(
            name=" ".join(name for name in names if isinstance(name, str)),
            accounts=accounts,
            chosen=0 if len(accounts) == 1 else None,
            sub=exchange.claims["sub"],
            sid=sid if isinstance(sid, str) else "",
            trace=trace,
            id_token=exchange.id_token,
        )

    def _fail(self, visit: Visit, exchange: Exchange, failure: SignInError) -> Response:
        trace = Trace(
            new_reference(),
            all_results(exchange, failure),
            exchange.header,
            exchange.claims,
            exchange.userinfo,
            failure.unreachable,
        )
        visit.keep_failure(trace)
        log("sign-in refused", check=failure.code, reference=trace.reference, unreachable=failure.unreachable)
        return self._with_visit(_see(url_for("pages.failure", reference=trace.reference)), visit)

    def show_failure(self, reference: str) -> Response:
        """T5, for the browser in which it happened; another one learns nothing from a reference."""
        visit = self._visit()
        trace = visit.failures.get(reference)
        if trace is None:
            abort(404)
        response = make_response(render_template("echec.html", reference=reference), 503 if trace.unreachable else 400)
        if trace.unreachable:
            response.headers["Retry-After"] = RETRY_SECONDS
        return response

    # --- Diagnostic -------------------------------------------------------------------------------------------------------------------

    def show_diagnostic(self) -> str:
        """Each check with its result, and the decoded token, of this session or of a sign-in refused in this browser."""
        visit = self._visit()
        reference = request.args.get("reference", "")
        person = self._person()
        trace = visit.failures.get(reference) if reference else person.trace if person else _latest(visit)
        if reference and trace is None:
            abort(404)
        return render_template("diagnostic.html", trace=trace, personne=person, lisible=_readable)

    # --- signing out ------------------------------------------------------------------------------------------------------------------

    def sign_out(self) -> Response:
        """Forget the person here first, then send the browser to end the provider's own session."""
        session_key = self._ent.cookies.read(SESSION_COOKIE)
        person = self._ent.sessions.get(session_key)
        if person is None:
            return _see(url_for("pages.home"))
        self._check_csrf(person.csrf)
        self._ent.sessions.drop(session_key)
        self._ent.visits.drop(self._ent.cookies.read(VISIT_COOKIE))
        # A fresh visit: what the former one knew of refused sign-ins is not for the next person at this screen.
        visit = Visit(logout_state=secrets.token_urlsafe(32))
        url = self._ent.provider.logout_url(person.id_token, visit.logout_state)
        visit.provider_left_out = url is None
        response = _see(url or url_for("pages.signed_out", state=visit.logout_state))
        self._ent.cookies.erase(response, SESSION_COOKIE)
        return self._with_visit(response, visit)

    def show_signed_out(self) -> Response | str:
        """T6, only on the way back from a logout that this browser began; a link from elsewhere shows the home page."""
        visit = self._visit()
        expected = visit.logout_state
        if self._person() or not expected or not _same_text(request.args.get("state", ""), expected):
            return _see(url_for("pages.home"))
        return render_template("deconnecte.html", fournisseur_absent=visit.provider_left_out)

    def show_information(self) -> str:
        """Help, accessibility and personal data, in one page."""
        return render_template("informations.html", personne=self._person())

    # --- cookies ----------------------------------------------------------------------------------------------------------------------

    def _person(self) -> SignedIn | None:
        return self._ent.sessions.get(self._ent.cookies.read(SESSION_COOKIE))

    def _visit(self) -> Visit:
        """The visit of this browser, or a new one, which is kept only when `_with_visit` tells the browser about it."""
        return self._ent.visits.get(self._ent.cookies.read(VISIT_COOKIE)) or Visit()

    def _with_visit(self, response: Response, visit: Visit) -> Response:
        if not visit.key:
            visit.key = self._ent.visits.put(visit)
            self._ent.cookies.write(response, VISIT_COOKIE, visit.key)
        return response

    def _check_csrf(self, expected: str) -> None:
        if not _same_text(request.form.get("csrf", ""), expected):
            abort(403)


def _see(url: str) -> Response:
    """303: the browser goes on with GET, whatever it came with."""
    return make_response(redirect(url, 303))


def _same_text(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _latest(visit: Visit) -> Trace | None:
    return next(reversed(visit.failures.values()), None)


def _readable(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
