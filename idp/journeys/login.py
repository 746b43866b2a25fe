"""Sign in: from an ENT's authorization request, or from the sign-in page opened by hand, to a session and a code.

`next_step` is the one dispatcher: it alone decides whether a request can be answered at once or needs the person.
"""

from dataclasses import replace
from datetime import datetime

from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    Lost,
    Profile,
    Respond,
    SignedInHere,
    SignInAnswer,
    SignInPage,
)
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import ClientRegistry, Clock, PasswordHasher, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, CodeRow, InteractionRow, SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.people.identifiants import normalise_identifiant
from idp.people.passwords import MAXIMUM_LENGTH, normalise_password
from idp.people.records import Account
from idp.protocol.authorization_request import AuthorizationRequest, respond_with_code, respond_with_error

_PROVED = "signed-in"
_REFUSED = "refused"
_PROFILES = frozenset(one.value for one in Profile)


class SignIn:
    """The journey of somebody who has an account (`docs/journeys/login.md`)."""

    def __init__(
        self,
        *,
        issuer: str,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        clients: ClientRegistry,
        policy: SignInPolicy,
    ) -> None:
        self._issuer = issuer
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._hasher = hasher
        self._clients = clients
        self._policy = policy
        self._turns = Turns(secrets)
        self._ceilings = SignInCeilings(secrets, policy)

    # --- from the ENT ----------------------------------------------------------------------------------------------------------

    def begin_authorization(
        self, request: AuthorizationRequest, *, browser: str | None, session: str | None
    ) -> AskPerson | Respond:
        """Answer a checked authorization request at once, or keep it and ask the person.

        Args:
            request: What `protocol.authorization_request` accepted.
            browser: Value of the visit cookie.
            session: Value of the session cookie.
        """
        with self._stores.reading() as desk:
            live = self._load_live_session(desk, session)
        return self._next_step(request, live, browser)

    def _next_step(
        self, request: AuthorizationRequest, live: SessionRow | None, browser: str | None
    ) -> AskPerson | Respond:
        """Decide by OpenID Connect Core 1.0 sections 3.1.2.1 and 3.1.2.3 whether the person must sign in."""
        if live is not None and not self._must_sign_in_again(request, live):
            answer = self._respond_from_session(request, live)
            if answer is not None:
                return answer
        if "none" in request.prompt:
            return Respond(
                respond_with_error(request, "login_required", "Nobody is signed in here.", issuer=self._issuer)
            )
        return self._ask_person(request, browser)

    def _must_sign_in_again(self, request: AuthorizationRequest, live: SessionRow) -> bool:
        if {"login", "select_account"} & set(request.prompt):
            return True
        age = (self._clock.now() - live.auth_time).total_seconds()
        return request.max_age is not None and age > request.max_age

    def _respond_from_session(self, request: AuthorizationRequest, live: SessionRow) -> Respond | None:
        """Return the answer with a new code; None when the session has been ended meanwhile."""
        code = self._secrets.token()
        now = self._clock.now()
        with self._stores.writing() as desk:
            if not desk.sessions.touch_session(live.id, now):
                return None
            desk.grants.add_code(self._code_row(code, request, live, now))
        return Respond(respond_with_code(request, code, issuer=self._issuer))

    def _ask_person(self, request: AuthorizationRequest | None, browser: str | None) -> AskPerson:
        handle = self._secrets.token()
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
        with self._stores.writing() as desk:
            desk.interactions.add_interaction(row)
        return AskPerson(handle, None if browser else secret)

    # --- the pages ----------------------------------------------------------------------------------------------------------------

    def show(self, browser: str | None, session: str | None, handle: str, profile: Profile | None) -> SignInAnswer:
        """Return the profile page, or the sign-in page of a profile.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            handle: The `d` parameter; "" when the page was opened by hand.
            profile: The door taken, None when none was chosen yet.
        """
        with self._stores.reading() as desk:
            if not handle:
                live = self._load_live_session(desk, session)
                if live is not None:
                    return self._greet(desk, live.account_id)
            else:
                row = self._find(desk, browser, handle)
                return Lost() if row is None else self._page(row, handle, profile)
        return self._ask_person(None, browser)

    def submit(
        self,
        browser: str | None,
        handle: str,
        profile: Profile | None,
        form_token: str,
        identifiant: str,
        password: str,
        address: str,
        *,
        session: str | None = None,
        known: str | None = None,
    ) -> SignInAnswer:
        """Check identifiant and password, and answer the ENT's request.

        Args:
            browser: Value of the visit cookie.
            handle: The `d` parameter.
            profile: The door taken.
            form_token: The form's `jeton`.
            identifiant: As typed.
            password: As typed.
            address: The peer's network address, for the ceilings.
            session: Value of the session cookie: that session ends when somebody signs in over it.
            known: Value of the cookie of a browser in which somebody signed in before.
        """
        typed = normalise_identifiant(identifiant)
        with self._stores.reading() as desk:
            row = self._find(desk, browser, handle)
            if row is None or browser is None:
                return Lost()
            turn = self._turns.read_form_token(row.id, form_token)
            if turn is None:
                return Forged()
            digest = self._turns.digest(row.id, "sign-in", (profile or "", typed, password))
            last = repeated(row.last_answer, turn=turn, digest=digest, now=self._clock.now())
            if last is not None:
                return self._repeat(desk, row, last, browser, handle, profile, identifiant)
            page = replace(self._page(row, handle, profile), identifiant=identifiant)  # as typed
            faults = _form_faults(typed, password)
            if faults:
                return replace(page, faults=faults)
            slowed = self._ceilings.load_wait(desk, typed, address, known, self._clock.now())
            if slowed is not None:
                return _slow_down(page, slowed)
            account = desk.accounts.load_by_identifiant(typed)
        # Outside any transaction: argon2 takes tens of milliseconds, for unknown people too.
        right = self._hasher.verify(account.password_hash if account else None, normalise_password(password))
        try:
            if account is None or not right:
                return self._refuse(row, page, turn, digest, account, typed, address, known)
            slowed = self._find_slowed(typed, address, known)
            if slowed is not None:
                return _slow_down(page, slowed)
            answer = self._accept(row, turn, digest, account, profile, browser, session)
            return replace(answer, known_cookie=self._ceilings.mark_browser(typed, known))
        except LostRace:
            return self.show(browser, session, handle, profile)

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
            row = self._find(desk, browser, handle)
            if row is None or browser is None:
                return Lost()
            live = self._load_live_session(desk, session)
            if live is None or session is None:
                return AskPerson(handle)
            request = load_request(row)
            if request is None:
                return self._greet(desk, live.account_id)
            # Derived from what this browser alone holds: a reload brings the same code, which is good once.
            code = self._secrets.keyed_hash("code-secret", f"{row.id}:resumed:{session}")
            code_row = self._code_row(code, request, live, self._clock.now())
            if desk.grants.load_code(code_row.code_hash) is not None:
                return Respond(respond_with_code(request, code, issuer=self._issuer))
        if live.auth_time < row.created_at and self._must_sign_in_again(request, live):
            return AskPerson(handle)
        with self._stores.writing() as desk:
            if not desk.sessions.touch_session(live.id, self._clock.now()):
                return AskPerson(handle)
            desk.grants.add_code(code_row)
        return Respond(respond_with_code(request, code, issuer=self._issuer))

    # --- what a POST leads to ------------------------------------------------------------------------------------------------------

    def _find_slowed(self, typed: str, address: str, known: str | None) -> Fault | None:
        """Look at the ceilings again: of many guesses sent at once, those that were refused meanwhile count."""
        with self._stores.reading() as desk:
            return self._ceilings.load_wait(desk, typed, address, known, self._clock.now())

    def _refuse(
        self,
        row: InteractionRow,
        page: SignInPage,
        turn: int,
        digest: str,
        account: Account | None,
        typed: str,
        address: str,
        known: str | None,
    ) -> SignInPage:
        """Count the try and answer in the same words whether the identifiant is known or not."""
        now = self._clock.now()
        faults = (Fault("username", "wrong"),)
        with self._stores.writing() as desk:
            self._ceilings.count_refusal(desk, typed, address, known, now)
            desk.ledger.record(
                AuditEvent("sign-in.refused", account_id=account.id if account else None, client_id=row.client_id), now
            )
            self._keep(desk, row, LastAnswer(turn, digest, now, Outcome(_REFUSED, faults)))
        return replace(page, form_token=self._turns.form_token(row.id, row.turn), faults=faults)

    def _accept(
        self,
        row: InteractionRow,
        turn: int,
        digest: str,
        account: Account,
        profile: Profile | None,
        browser: str,
        former_session: str | None,
    ) -> Respond | SignedInHere:
        """Open a new session, whatever the browser held before, and mint the code in the same transaction.

        Raises:
            LostRace: Another POST won the turn, or the password was changed while this one was verified.
        """
        now = self._clock.now()
        secret, code = self._derive_secrets(row, turn, browser)
        live = SessionRow(
            id=self._secrets.identifier(),
            secret_hash=self._secrets.keyed_hash("session", secret),
            account_id=account.id,
            auth_time=now,
            acr=profile or Profile.RESPONSABLE,
            amr=("pwd",),
            touched_at=now,
            expires_at=now + self._policy.session_lifetime,
        )
        request = load_request(row)
        with self._stores.writing() as desk:
            # First, so that the account's row is held before any session's, as a change of password holds them.
            if not desk.accounts.note_sign_in(account.id, now, password_hash=account.password_hash):
                raise LostRace
            row.session_id = live.id
            row.profile = profile
            self._keep(desk, row, LastAnswer(turn, digest, now, Outcome(_PROVED)))
            if former_session:
                former = desk.sessions.load_session(self._secrets.keyed_hash("session", former_session))
                if former is not None:
                    desk.sessions.end_session(former.id, now)
            desk.sessions.add_session(live)
            if request is not None:
                desk.grants.add_code(self._code_row(code, request, live, now))
            desk.ledger.record(AuditEvent("sign-in.accepted", account_id=account.id, client_id=row.client_id), now)
        if request is not None:
            return Respond(respond_with_code(request, code, issuer=self._issuer), session_cookie=secret)
        with self._stores.reading() as desk:
            return replace(self._greet(desk, account.id), session_cookie=secret)

    def _repeat(
        self,
        desk: UnitOfWork,
        row: InteractionRow,
        last: LastAnswer,
        browser: str,
        handle: str,
        profile: Profile | None,
        identifiant: str,
    ) -> SignInAnswer:
        """Answer a doubled POST like the first: same words, or same session and same code."""
        if last.outcome.step == _REFUSED:
            return replace(self._page(row, handle, profile), identifiant=identifiant, faults=last.outcome.faults)
        secret, code = self._derive_secrets(row, last.turn, browser)
        request = load_request(row)
        if request is not None:
            return Respond(respond_with_code(request, code, issuer=self._issuer), session_cookie=secret)
        live = self._load_live_session(desk, secret)
        return Lost() if live is None else replace(self._greet(desk, live.account_id), session_cookie=secret)

    def _keep(self, desk: UnitOfWork, row: InteractionRow, last: LastAnswer) -> None:
        """Write the turn.

        Raises:
            LostRace: Another POST won it; everything this one did is rolled back.
        """
        won = row.turn
        row.turn += 1
        row.last_answer = last.to_bytes()
        if not desk.interactions.save_interaction(row, expected_turn=won):
            raise LostRace

    # --- small parts ------------------------------------------------------------------------------------------------------------------

    def _find(self, desk: UnitOfWork, browser: str | None, handle: str) -> InteractionRow | None:
        """Return the interaction of this handle when it belongs to this browser and is not too old."""
        if not browser:
            return None
        row = desk.interactions.load_interaction(self._secrets.keyed_hash("interaction", handle))
        if row is None or row.browser_hash != self._secrets.keyed_hash("visit", browser):
            return None
        return row if self._clock.now() < row.expires_at else None

    def _page(self, row: InteractionRow, handle: str, profile: Profile | None) -> SignInPage:
        request = load_request(row)
        client = self._clients.load_client(row.client_id) if row.client_id else None
        return SignInPage(
            handle=handle,
            profile=profile or _asked_profile(request),
            form_token=self._turns.form_token(row.id, row.turn),
            ent_name=client.client_name if client else "",
            form_action_uri=request.redirect_uri if request else "",
        )

    def _greet(self, desk: UnitOfWork, account_id: int) -> SignedInHere:
        holder = desk.accounts.load_holder(account_id)
        ents = tuple((one.client_name, one.home_uri) for one in self._clients.load_clients() if one.home_uri)
        name = f"{holder.account.given_name} {holder.account.family_name}" if holder else ""
        return SignedInHere(name, ents)

    def _load_live_session(self, desk: UnitOfWork, secret: str | None) -> SessionRow | None:
        if not secret:
            return None
        row = desk.sessions.load_session(self._secrets.keyed_hash("session", secret))
        now = self._clock.now()
        if row is None or row.ended_at is not None or now >= row.expires_at:
            return None
        return row if now - row.touched_at < self._policy.session_idle else None

    def _derive_secrets(self, row: InteractionRow, turn: int, browser: str) -> tuple[str, str]:
        """Return the session's secret and the code of this turn.

        Derived from the browser's own secret, which no table holds, so that a doubled POST gets the same two.
        """
        seed = f"{row.id}:{turn}:{browser}"
        return self._secrets.keyed_hash("session-secret", seed), self._secrets.keyed_hash("code-secret", seed)

    def _code_row(self, code: str, request: AuthorizationRequest, live: SessionRow, now: datetime) -> CodeRow:
        return CodeRow(
            code_hash=self._secrets.keyed_hash("authorization-code", code),
            family=self._secrets.identifier(),
            client_id=request.client_id,
            session_id=live.id,
            account_id=live.account_id,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scope),
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            acr=live.acr,
            amr=live.amr,
            auth_time=live.auth_time,
            issued_at=now,
            expires_at=now + self._policy.code_lifetime,
        )


def load_request(row: InteractionRow) -> AuthorizationRequest | None:
    """Return the ENT's request that an interaction keeps, None when the sign-in page was opened by hand."""
    return AuthorizationRequest.from_json(row.request.decode()) if row.request is not None else None


def _slow_down(page: SignInPage, slowed: Fault) -> SignInPage:
    return replace(page, faults=(slowed,), retry_after=int(slowed.values["minutes"]) * 60)


def _asked_profile(request: AuthorizationRequest | None) -> Profile | None:
    """Return the profile that the ENT already chose with acr_values, so that the profile page is skipped."""
    for value in request.acr_values if request else ():
        if value in _PROFILES:
            return Profile(value)
    return None


def _form_faults(identifiant: str, password: str) -> tuple[Fault, ...]:
    faults = []
    if not identifiant:
        faults.append(Fault("username", "empty"))
    if not password:
        faults.append(Fault("password", "empty"))
    if faults:
        return tuple(faults)
    # Nothing that long was ever accepted: no need to hash it.
    return (Fault("username", "wrong"),) if len(password) > MAXIMUM_LENGTH or len(identifiant) > MAXIMUM_LENGTH else ()
