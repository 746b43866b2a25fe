"""The sign-in as a browser goes through it: sent to the provider, brought back, let in or told that it did not work.

Every redirect leads to one of our own paths or to an address that `Provider` built from checked metadata: nothing that a browser
sends is ever used as a destination.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, abort, make_response, render_template, request, url_for

from ent_client.checks import all_results
from ent_client.directory import as_values
from ent_client.exchange import Exchange, RefusedError, SignInError
from ent_client.initiation import HOME, PARAMETERS, Initiation, read_initiation
from ent_client.renewal import read_tokens
from ent_client.runtime import SESSION_COOKIE, log, new_reference
from ent_client.store import PendingSignIn, SignedIn, Tokens, Trace, Visit
from ent_client.visitors import Visitors, see

if TYPE_CHECKING:
    from ent_client.app import Ent

RETRY_SECONDS = "60"


class SignInDesk:
    """One method per address of the sign-in."""

    def __init__(self, ent: "Ent", visitors: Visitors) -> None:
        self._ent = ent
        self._visitors = visitors

    def begin(self) -> Response:
        """« Se connecter »: send the browser to the provider, with a state that only this browser can bring back."""
        return self._begin(Initiation("", HOME))

    def begin_for_another_site(self) -> Response:
        """The same, because another site asks for it (`initiate_login_uri`, OpenID Connect Core 1.0, 4).

        A POST goes on as a GET: with a POST from another site, no `SameSite=Lax` cookie arrives.
        """
        if request.method == "POST":
            kept = {name: request.form.getlist(name) for name in PARAMETERS if name in request.form}
            return see(f"{url_for('pages.initiate_login')}?{urlencode(kept, doseq=True)}")
        try:
            initiation = read_initiation(self._ent.settings, request.args.to_dict(flat=False))
        except RefusedError as refusal:
            exchange = Exchange(self._ent.settings, self._ent.clock.now())
            return self._fail(self._visitors.visit(), exchange, SignInError("initiate_login", str(refusal)))
        return self._begin(initiation)

    def _begin(self, initiation: Initiation) -> Response:
        if self._visitors.person():
            return see(initiation.target)
        visit = self._visitors.visit()
        exchange = Exchange(self._ent.settings, self._ent.clock.now())
        try:
            sign_in, url = self._ent.provider.begin(exchange, initiation)
        except SignInError as failure:
            return self._fail(visit, exchange, failure)
        if not visit.begin(sign_in):
            return self._fail(
                visit, exchange, SignInError("redirect_loop", "10 connexions commencées en une minute, aucune finie.")
            )
        return self._visitors.with_visit(see(url), visit)

    def end(self) -> Response:
        """Take the provider's answer through the checks; always end on another address, so that no code stays in the history."""
        visit = self._visitors.visit()
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
        response = self._visitors.with_visit(see(sign_in.target if sign_in else HOME), visit)
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
        return SignedIn(
            name=" ".join(name for name in names if isinstance(name, str)),
            accounts=accounts,
            chosen=0 if len(accounts) == 1 else None,
            sub=exchange.claims["sub"],
            sid=sid if isinstance(sid, str) else "",
            trace=Trace(new_reference(), all_results(exchange), exchange.header, exchange.claims, exchange.userinfo),
            tokens=read_tokens(exchange, Tokens()),
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
        return self._visitors.with_visit(see(url_for("pages.failure", reference=trace.reference)), visit)

    def show_failure(self, reference: str) -> Response:
        """T5, for the browser in which it happened; another one learns nothing from a reference."""
        trace = self._visitors.visit().failures.get(reference)
        if trace is None:
            abort(404)
        response = make_response(render_template("echec.html", reference=reference), 503 if trace.unreachable else 400)
        if trace.unreachable:
            response.headers["Retry-After"] = RETRY_SECONDS
        return response
