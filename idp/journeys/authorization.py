"""An ENT's authorization request, from when it is checked to its code: kept, answered at once, or answered when somebody has signed in.

`idp.journeys.next_step` decides whether it can be answered, or which page comes first; every page comes back to `resume` or `conclude`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from idp.journeys.answers import AskPerson, Lost, PersonStep, Respond, SignedInHere
from idp.journeys.held_sessions import HeldSecrets, with_session
from idp.journeys.next_step import Due, NextStep, Refusal, Standing, refuse_silently
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import ClientDocuments, ClientRegistry, Clock, Secrets, SigningKeys, Stores, UnitOfWork
from idp.journeys.rows import CodeRow, InteractionRow, SessionRow
from idp.journeys.waiting import Waiting, load_request, request_rules
from idp.protocol.authorization_checks import check_request_and_client
from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.authorization_response import respond_with_code, respond_with_error
from idp.protocol.claims_parameter import write_claims
from idp.protocol.client import Client
from idp.protocol.client_keys import ClientKeys
from idp.protocol.pushed_authorization_rfc9126 import read_reference, refuse_reference
from idp.protocol.resource import Resources


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
        client_keys: ClientKeys,
        documents: ClientDocuments,
        claim_names: Collection[str],
        resources: Resources,
        policy: SignInPolicy,
    ) -> None:
        self._issuer = issuer
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._clients = clients
        self._rules = request_rules(
            issuer, clock, clients, keys, client_keys, documents, claim_names, resources, policy.levels
        )
        self._policy = policy
        self._steps = NextStep(clock, secrets, policy)

    def begin(
        self,
        params: Sequence[tuple[str, str]],
        *,
        browser: str | None,
        session: str | None,
        accounts: str | None = None,
    ) -> AskPerson | Respond:
        """Answer an authorization request at once, or keep it and ask the person.

        Args:
            params: The request, as sent.
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            accounts: Value of the cookie of the accounts beside.

        Raises:
            ShownError: It may not be answered at any place that it names.
            RedirectedError: It may not be answered; the client is told.
        """
        held = HeldSecrets.of(session, accounts)
        pushed = read_reference(params, self._rules)
        if pushed is not None:
            return self._begin_pushed(*pushed, browser, held)
        # Before anything is opened: the request may have to be fetched from where its client keeps it.
        request, client = check_request_and_client(params, self._rules)
        with self._stores.reading() as desk:
            at, current = self._stand(desk, request, client, held)
            if "none" in request.prompt and self._steps.ask_sign_in(desk, at) is not None:
                return self._refuse(request, refuse_silently(PersonStep.SIGN_IN))
        with self._stores.writing() as desk:
            answer = self._go_on(desk, at, browser, self._secrets.token())
        return answer if current is None else with_session(answer, current, held)

    def _stand(
        self, desk: UnitOfWork, request: AuthorizationRequest, client: Client, held: HeldSecrets
    ) -> tuple[Standing, str | None]:
        """Return who answers a request that has just come, and the secret of her session.

        That is the current session, or one beside it where the request names that person (OpenID Connect Core 1.0 section 3.1.2.1,
        `id_token_hint`): no page needs to ask what the browser can answer. The others are looked at in two cases only.
        """
        at = Standing(request, client, self.load_live_session(desk, held.current))
        if "select_account" in request.prompt:
            beside = at.live is None and any(self.load_live_session(desk, one) for one in held.beside)
            return replace(at, holds_others=beside), held.current
        if request.subjects is not None and held.beside and self._steps.ask_sign_in(desk, at) is not None:
            for secret in held.beside:
                other = replace(at, live=self.load_live_session(desk, secret))
                if self._steps.ask_sign_in(desk, other) is None:
                    return other, secret
        return at, held.current

    def _begin_pushed(
        self, client: Client, reference: str, browser: str | None, held: HeldSecrets
    ) -> AskPerson | Respond:
        """Take a pushed request out, once. A browser that loads the address again finds the page that it was led to.

        Raises:
            ShownError: The request is not there for this client, or not for this browser any more.
        """
        # Derived from what no table holds, so that nothing more has to be kept.
        handle = self._secrets.keyed_hash("pushed-interaction", reference)
        key = self._secrets.keyed_hash("pushed-request", reference)
        with self._stores.writing() as desk:
            pushed = desk.pushed_requests.take_request(key, client.client_id, self._clock.now())
            request = None if pushed is None else AuthorizationRequest.from_json(pushed.decode())
            if (
                request is not None and request.redirect_uri in client.redirect_uris
            ):  # it may have changed its own since
                at, current = self._stand(desk, request, client, held)
                answer = self._go_on(desk, at, browser, handle)
                return answer if current is None else with_session(answer, current, held)
        with self._stores.reading() as desk:
            waiting = self.find(desk, browser, handle)
            if waiting is None or waiting.client is None or waiting.client.client_id != client.client_id:
                raise refuse_reference(client)
            due = self._steps.find(desk, waiting.standing(self.load_live_session(desk, held.current)))
        return AskPerson(handle, step=due if isinstance(due, PersonStep) else PersonStep.SIGN_IN)

    def _go_on(self, desk: UnitOfWork, at: Standing, browser: str | None, handle: str) -> AskPerson | Respond:
        """Answer a request that has just come, or keep it and lead to the page that comes first."""
        due = self._steps.find(desk, at)
        if due is None and at.live is not None:
            answer = self._respond_from_session(desk, at.request, at.live)
            if answer is not None:
                return answer
        step = due if isinstance(due, PersonStep) else PersonStep.SIGN_IN
        if "none" in at.request.prompt:
            return self._refuse(at.request, refuse_silently(step))
        return self._keep(desk, at.request, browser, handle, step)

    def _refuse(self, request: AuthorizationRequest, refusal: Refusal) -> Respond:
        return Respond(respond_with_error(request, *refusal, issuer=self._issuer))

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

    def ask_person(self, browser: str | None, page: str | None = None) -> AskPerson:
        """Keep a sign-in page opened by hand, and lead there.

        Args:
            browser: Value of the visit cookie.
            page: Path of one of our own pages, to go to once somebody has signed in; None for the page that greets.
        """
        with self._stores.writing() as desk:
            return self._keep(desk, None, browser, self._secrets.token(), PersonStep.SIGN_IN, page)

    def _keep(
        self,
        desk: UnitOfWork,
        request: AuthorizationRequest | None,
        browser: str | None,
        handle: str,
        step: PersonStep,
        page: str | None = None,
    ) -> AskPerson:
        """Keep what waits for a person, and lead to a page."""
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
            page=page,
        )
        desk.interactions.add_interaction(row)
        return AskPerson(handle, None if browser else secret, step, ui_locales=request.ui_locales if request else ())

    def resume(
        self, browser: str | None, handle: str, session: str | None
    ) -> Respond | AskPerson | SignedInHere | Lost:
        """Answer a request that was kept, or lead to the page that comes next: where every page comes back to.

        Args:
            browser: Value of the visit cookie.
            handle: The `d` parameter.
            session: Value of the session cookie.
        """
        with self._stores.reading() as desk:
            waiting = self.find(desk, browser, handle)
            if waiting is None:
                return Lost()
            live = self.load_live_session(desk, session)
            if live is None or session is None:
                return AskPerson(handle)
            if waiting.request is None:
                return self.greet(desk, live.account_id, waiting.row.page)
            # Derived from what this browser alone holds: a reload brings the same code, which is good once.
            code = self._secrets.keyed_hash("code-secret", f"{waiting.row.id}:resumed:{session}")
            if desk.grants.load_code(self._secrets.keyed_hash("authorization-code", code)) is not None:
                return self._respond(waiting.request, code)
            due = self._steps.find(desk, waiting.standing(live))
            if isinstance(due, PersonStep):
                return AskPerson(handle, step=due)
        now = self._clock.now()
        with self._stores.writing() as desk:
            if not desk.sessions.touch_session(live.id, now):
                return AskPerson(handle)
            return self.conclude(desk, waiting, live, code, now)

    # --- what the journeys that sign somebody in use -----------------------------------------------------------------------------------

    def find(self, desk: UnitOfWork, browser: str | None, handle: str) -> Waiting | None:
        """Return what waits under this handle when it belongs to this browser, is not too old, and can still be answered."""
        if not browser:
            return None
        row = desk.interactions.load_interaction(self._secrets.keyed_hash("interaction", handle))
        if row is None or row.browser_hash != self._secrets.keyed_hash("visit", browser):
            return None
        if self._clock.now() >= row.expires_at:
            return None
        request = load_request(row)
        if request is None:
            return Waiting(handle, row)
        client = self._clients.load_client(request.client_id)
        # Either may be gone while a person types: the ENT, or the place to answer.
        has_way_back = client is not None and request.redirect_uri in client.redirect_uris
        return Waiting(handle, row, request, client) if has_way_back else None

    def greet(self, desk: UnitOfWork, account_id: int, page: str | None = None) -> SignedInHere:
        """Return who is signed in, and where she may go, or the page of ours that she asked for."""
        if page is not None:
            return SignedInHere("", (), page=page)
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

    def load_held(self, desk: UnitOfWork, held: HeldSecrets) -> dict[str, SessionRow]:
        """Return the live sessions of a browser by their secrets, the current one first, one for each person."""
        found: dict[str, SessionRow] = {}
        for secret in held.secrets:
            live = self.load_live_session(desk, secret)
            if live is not None and live.account_id not in {one.account_id for one in found.values()}:
                found[secret] = live
        return found

    def conclude(
        self,
        desk: UnitOfWork,
        waiting: Waiting,
        live: SessionRow,
        code: str,
        now: datetime,
        *,
        consented: bool = False,
    ) -> Respond | AskPerson:
        """Keep the code and return the way back to the ENT with it, or lead to the page that comes next.

        Without a code, when somebody else than was asked for signed in.

        Raises:
            LookupError: No ENT waits for an answer.
        """
        at = waiting.standing(live, consented=consented)
        due = self._steps.find(desk, at)
        if isinstance(due, PersonStep):
            return AskPerson(waiting.handle, step=due)
        if due is not None:
            return self._refuse(at.request, due)
        desk.grants.add_code(self._make_code(code, at.request, live, now))
        return self._respond(at.request, code)

    def repeat(self, desk: UnitOfWork, waiting: Waiting, live: SessionRow | None, code: str) -> Respond | AskPerson:
        """Return what `conclude` answered before; the session may be over by now.

        Raises:
            LookupError: No ENT waits for an answer.
        """
        at = waiting.standing(live)
        unmet = self._steps.find_unmet(desk, at)
        if unmet is not None:
            return self._refuse(at.request, unmet)
        # A page may have come between the sign-in and the code, and the session no longer says so.
        made = desk.grants.load_code(self._secrets.keyed_hash("authorization-code", code))
        if made is None:
            due = self._steps.find(desk, at)
            return AskPerson(waiting.handle, step=due if isinstance(due, PersonStep) else PersonStep.CONSENT)
        return self._respond(at.request, code)

    def find_due(self, desk: UnitOfWork, waiting: Waiting, live: SessionRow | None) -> Due:
        """Return what comes next for a request that waits.

        Raises:
            LookupError: No ENT waits for an answer.
        """
        return self._steps.find(desk, waiting.standing(live))

    def needs_second_proof(self, request: AuthorizationRequest, live: SessionRow) -> bool:
        """Tell whether there is no answer but an error without a further proof of this session."""
        return self._steps.choose_acr(request, live).acr is None

    def refuse(self, waiting: Waiting, error: str, description: str) -> Respond:
        """Return the way back to the ENT without a code (RFC 6749 section 4.1.2.1).

        Raises:
            LookupError: No ENT waits for an answer.
        """
        return self._refuse(waiting.standing(None).request, (error, description))

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
            resources=request.resources,
            acr=self._steps.choose_acr(request, live).acr or live.acr,
            amr=live.amr,
            auth_time=live.auth_time,
            issued_at=now,
            expires_at=now + self._policy.code_lifetime,
        )
