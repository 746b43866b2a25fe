"""An ENT's authorization request, from when it is checked to its code: kept, answered at once, or answered when somebody has signed in.

`_next_step` is the one dispatcher: it alone decides whether a request can be answered at once or needs the person.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from idp.journeys.answers import AskPerson, Lost, Profile, Respond, SignedInHere
from idp.journeys.claims import subject_for
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys, Stores, UnitOfWork
from idp.journeys.rows import CodeRow, InteractionRow, SessionRow
from idp.protocol.authorization_checks import check_authorization_request
from idp.protocol.authorization_request import AuthorizationRequest, RequestRules
from idp.protocol.authorization_response import respond_with_code, respond_with_error
from idp.protocol.claims_parameter import write_claims
from idp.protocol.client import Client
from idp.protocol.pushed_authorization_rfc9126 import read_reference, refuse_reference


class Authorization:
    """What every way of signing in shares: the kept request, the live session, the code (`docs/journeys/login.md`)."""

    def __init__(
        self,
        *,
        issuer: str,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        keys: SigningKeys,
        claim_names: Collection[str],
        policy: SignInPolicy,
    ) -> None:
        self._issuer = issuer
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._clients = clients
        self._keys = keys
        self._claim_names = claim_names
        self._policy = policy

    def begin(
        self, params: Sequence[tuple[str, str]], *, browser: str | None, session: str | None
    ) -> AskPerson | Respond:
        """Answer an authorization request at once, or keep it and ask the person.

        Args:
            params: The request, as sent.
            browser: Value of the visit cookie.
            session: Value of the session cookie.

        Raises:
            ShownError: It may not be answered at any place that it names.
            RedirectedError: It may not be answered; the client is told.
        """
        rules = request_rules(self._issuer, self._clock, self._clients, self._keys, self._claim_names)
        pushed = read_reference(params, rules)
        if pushed is not None:
            return self._begin_pushed(*pushed, browser, session)
        request = check_authorization_request(params, rules)
        with self._stores.reading() as desk:
            live = self.load_live_session(desk, session)
            if "none" in request.prompt and self._find_usable(desk, request, live) is None:
                return self._refuse_silently(request)
        with self._stores.writing() as desk:
            return self._next_step(desk, request, live, browser, self._secrets.token())

    def _begin_pushed(
        self, client: Client, reference: str, browser: str | None, session: str | None
    ) -> AskPerson | Respond:
        """Take a pushed request out, once. A browser that loads the address again finds the sign-in page that it was led to.

        Raises:
            ShownError: The request is not there for this client, or not for this browser any more.
        """
        # Derived from what no table holds, so that nothing more has to be kept.
        handle = self._secrets.keyed_hash("pushed-interaction", reference)
        key = self._secrets.keyed_hash("pushed-request", reference)
        with self._stores.reading() as desk:
            live = self.load_live_session(desk, session)
        with self._stores.writing() as desk:
            pushed = desk.pushed_requests.take_request(key, client.client_id, self._clock.now())
            request = None if pushed is None else AuthorizationRequest.from_json(pushed.decode())
            if (
                request is not None and request.redirect_uri in client.redirect_uris
            ):  # it may have changed its own since
                return self._next_step(desk, request, live, browser, handle)
        with self._stores.reading() as desk:
            row = self.find(desk, browser, handle)
        if row is None or row.client_id != client.client_id:
            raise refuse_reference(client)
        return AskPerson(handle)

    def _next_step(
        self,
        desk: UnitOfWork,
        request: AuthorizationRequest,
        live: SessionRow | None,
        browser: str | None,
        handle: str,
    ) -> AskPerson | Respond:
        """Decide by OpenID Connect Core 1.0 sections 3.1.2.1 and 3.1.2.3 whether the person must sign in."""
        usable = self._find_usable(desk, request, live)
        answer = None if usable is None else self._respond_from_session(desk, request, usable)
        if answer is not None:
            return answer
        if "none" in request.prompt:
            return self._refuse_silently(request)
        return self._keep(desk, request, browser, handle)

    def _find_usable(
        self, desk: UnitOfWork, request: AuthorizationRequest, live: SessionRow | None
    ) -> SessionRow | None:
        """Return the session when it answers the request as it is."""
        if live is None or self._must_sign_in_again(request, live) or self._find_unmet(desk, request, live):
            return None
        return live

    def _must_sign_in_again(self, request: AuthorizationRequest, live: SessionRow) -> bool:
        if {"login", "select_account"} & set(request.prompt):
            return True
        age = (self._clock.now() - live.auth_time).total_seconds()
        return request.max_age is not None and age > request.max_age

    def _refuse_silently(self, request: AuthorizationRequest) -> Respond:
        told = "Nobody is signed in here who answers this request."
        return Respond(respond_with_error(request, "login_required", told, issuer=self._issuer))

    def _respond_from_session(
        self, desk: UnitOfWork, request: AuthorizationRequest, live: SessionRow
    ) -> Respond | None:
        """Return the answer with a new code; None when the session has been ended meanwhile."""
        code = self._secrets.token()
        now = self._clock.now()
        if not desk.sessions.touch_session(live.id, now):
            return None
        desk.grants.add_code(self._make_code(code, request, live, now))
        return self._respond(request, code)

    def ask_person(self, browser: str | None) -> AskPerson:
        """Keep a sign-in page opened by hand, and lead there."""
        with self._stores.writing() as desk:
            return self._keep(desk, None, browser, self._secrets.token())

    def _keep(
        self, desk: UnitOfWork, request: AuthorizationRequest | None, browser: str | None, handle: str
    ) -> AskPerson:
        """Keep what waits for a person, and lead to the sign-in page."""
        secret = browser or self._secrets.token()
        now = self._clock.now()
        row = InteractionRow(
            id=self._secrets.identifier(),
            handle_hash=self._secrets.keyed_hash("interaction", handle),
            browser_hash=self._secrets.keyed_hash("visit", secret),
            client_id=request.client_id if request else None,
            request=request.to_json().encode() if request else None,
            profile=None,
            turn=0,
            last_answer=None,
            session_id=None,
            created_at=now,
            expires_at=now + self._policy.interaction_lifetime,
        )
        desk.interactions.add_interaction(row)
        return AskPerson(handle, None if browser else secret)

    def resume(
        self, browser: str | None, handle: str, session: str | None
    ) -> Respond | AskPerson | SignedInHere | Lost:
        """Answer a request that was kept, now that somebody signed in elsewhere for it.

        Whoever proved herself since the request was made has done what `prompt=login` and `max_age` ask: nobody is asked twice.

        Args:
            browser: Value of the visit cookie.
            handle: The `d` parameter.
            session: Value of the session cookie.
        """
        with self._stores.reading() as desk:
            row = self.find(desk, browser, handle)
            if row is None or browser is None:
                return Lost()
            live = self.load_live_session(desk, session)
            if live is None or session is None:
                return AskPerson(handle)
            request = load_request(row)
            if request is None:
                return self.greet(desk, live.account_id)
            # Derived from what this browser alone holds: a reload brings the same code, which is good once.
            code = self._secrets.keyed_hash("code-secret", f"{row.id}:resumed:{session}")
            if desk.grants.load_code(self._secrets.keyed_hash("authorization-code", code)) is not None:
                return self._respond(request, code)
            if live.auth_time < row.created_at and self._find_usable(desk, request, live) is None:
                return AskPerson(handle)
        now = self._clock.now()
        with self._stores.writing() as desk:
            if not desk.sessions.touch_session(live.id, now):
                return AskPerson(handle)
            return self.conclude(desk, request, live, code, now)

    # --- what the journeys that sign somebody in use -----------------------------------------------------------------------------------

    def find(self, desk: UnitOfWork, browser: str | None, handle: str) -> InteractionRow | None:
        """Return the interaction of this handle when it belongs to this browser, is not too old, and can still be answered."""
        if not browser:
            return None
        row = desk.interactions.load_interaction(self._secrets.keyed_hash("interaction", handle))
        if row is None or row.browser_hash != self._secrets.keyed_hash("visit", browser):
            return None
        return row if self._clock.now() < row.expires_at and self._has_way_back(row) else None

    def _has_way_back(self, row: InteractionRow) -> bool:
        """Tell whether the ENT is still registered, with the place to answer: either may be gone while a person types."""
        request = load_request(row)
        if request is None:
            return True
        client = self._clients.load_client(request.client_id)
        return client is not None and request.redirect_uri in client.redirect_uris

    def greet(self, desk: UnitOfWork, account_id: int) -> SignedInHere:
        """Return who is signed in, and where she may go."""
        holder = desk.accounts.load_holder(account_id)
        ents = tuple((one.client_name, one.home_uri) for one in self._clients.load_clients() if one.home_uri)
        name = f"{holder.account.given_name} {holder.account.family_name}" if holder else ""
        return SignedInHere(name, ents)

    def load_live_session(self, desk: UnitOfWork, secret: str | None) -> SessionRow | None:
        """Return the session of this secret when it is neither ended nor too old nor left for too long."""
        if not secret:
            return None
        row = desk.sessions.load_session(self._secrets.keyed_hash("session", secret))
        now = self._clock.now()
        if row is None or row.ended_at is not None or now >= row.expires_at:
            return None
        return row if now - row.touched_at < self._policy.session_idle else None

    def conclude(
        self, desk: UnitOfWork, request: AuthorizationRequest, live: SessionRow, code: str, now: datetime
    ) -> Respond:
        """Keep the code and return the way back to the ENT with it; without one, when somebody else than was asked for signed in."""
        unmet = self._find_unmet(desk, request, live)
        if unmet is not None:
            return Respond(respond_with_error(request, *unmet, issuer=self._issuer))
        desk.grants.add_code(self._make_code(code, request, live, now))
        return self._respond(request, code)

    def repeat(self, desk: UnitOfWork, request: AuthorizationRequest, live: SessionRow | None, code: str) -> Respond:
        """Return what `conclude` answered before; the session may be over by now."""
        unmet = None if live is None else self._find_unmet(desk, request, live)
        if unmet is not None:
            return Respond(respond_with_error(request, *unmet, issuer=self._issuer))
        return self._respond(request, code)

    def _find_unmet(self, desk: UnitOfWork, request: AuthorizationRequest, live: SessionRow) -> tuple[str, str] | None:
        """Return error and description when this is not the sign-in that the request insists on.

        OpenID Connect Core 1.0 sections 3.1.2.1 (`id_token_hint`), 5.5.1 (`sub`) and 5.5.1.1 (`acr`).
        """
        if request.essential_acr and live.acr not in request.essential_acr:
            return "unmet_authentication_requirements", "The person did not sign in as acr demands."
        if request.subjects is None:
            return None
        client = self._clients.load_client(request.client_id)
        holder = desk.accounts.load_holder(live.account_id)
        if client and holder and subject_for(client, holder, self._secrets) in request.subjects:
            return None
        return "login_required", "The person who signed in is not the one that the request names."

    def _respond(self, request: AuthorizationRequest, code: str) -> Respond:
        """Return the way back to the ENT, with a code that is stored (RFC 6749 section 4.1.2)."""
        return Respond(respond_with_code(request, code, issuer=self._issuer))

    def _make_code(self, code: str, request: AuthorizationRequest, live: SessionRow, now: datetime) -> CodeRow:
        """Return what is stored of a code that answers `request` for a session."""
        return CodeRow(
            code_hash=self._secrets.keyed_hash("authorization-code", code),
            family=self._secrets.identifier(),
            client_id=request.client_id,
            session_id=live.id,
            account_id=live.account_id,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scope),
            claims=write_claims(request),
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            jkt=request.dpop_jkt,
            acr=live.acr,
            amr=live.amr,
            auth_time=live.auth_time,
            issued_at=now,
            expires_at=now + self._policy.code_lifetime,
        )


def request_rules(
    issuer: str, clock: Clock, clients: ClientRegistry, keys: SigningKeys, claim_names: Collection[str]
) -> RequestRules:
    """Return what a request is checked against, wherever it comes in."""
    return RequestRules(
        issuer=issuer,
        now=clock.now,
        load_client=clients.load_client,
        load_keys=keys.load_published_keys,
        claim_names=claim_names,
        acr_values=tuple(str(one) for one in Profile),
    )


def load_request(row: InteractionRow) -> AuthorizationRequest | None:
    """Return the ENT's request that an interaction keeps, None when the sign-in page was opened by hand."""
    return AuthorizationRequest.from_json(row.request.decode()) if row.request is not None else None
