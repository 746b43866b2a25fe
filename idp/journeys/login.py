"""Sign in with identifiant and password: from the sign-in page to a session, and to the code of the ENT's request that is kept."""

from dataclasses import replace

from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    Lost,
    PersonStep,
    Profile,
    Respond,
    SignedInHere,
    SignInAnswer,
    SignInPage,
)
from idp.journeys.authorization import Authorization
from idp.journeys.held_sessions import HeldSecrets
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import (
    ChosenLanguage,
    ClientRegistry,
    Clock,
    PasswordHasher,
    Secrets,
    Stores,
    UnitOfWork,
    choose_nothing,
)
from idp.journeys.questions import find_questions, is_identity_due
from idp.journeys.rows import AuditEvent, InteractionRow, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.people.passwords import MAXIMUM_LENGTH, normalise_password
from idp.people.records import Account
from idp.protocol.authorization_request import AuthorizationRequest

_PROVED = "signed-in"
_KEPT = "signed-in-and-kept"  # an account that was about to close
_REFUSED = "refused"
_PROFILES = frozenset(one.value for one in Profile)


class SignIn:
    """The journey of somebody who has an account (`docs/journeys/login.md`)."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        clients: ClientRegistry,
        policy: SignInPolicy,
        chosen_language: ChosenLanguage = choose_nothing,
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._hasher = hasher
        self._clients = clients
        self._policy = policy
        self._chosen_language = chosen_language
        self._turns = Turns(secrets)
        self._ceilings = SignInCeilings(secrets, policy)
        self._session_end = SessionEnd(clients, secrets)

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
                live = self._authorization.load_live_session(desk, session)
                if live is not None:
                    return self._authorization.greet(desk, live.account_id)
            else:
                waiting = self._authorization.find(desk, browser, handle)
                return Lost() if waiting is None else self._page(waiting, profile)
        return self._authorization.ask_person(browser)

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
        accounts: str | None = None,
        known: str | None = None,
        device: str = "",
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
            accounts: Value of the cookie of the accounts beside: theirs end too, unless the ENT lets people choose among accounts.
            known: Value of the cookie of a browser in which somebody signed in before.
            device: Of `journeys.devices`.
        """
        typed = normalise_identifiant(identifiant)
        held = HeldSecrets.of(session, accounts)
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None or browser is None:
                return Lost()
            row = waiting.row
            turn = self._turns.read_form_token(row.id, form_token)
            if turn is None:
                return Forged()
            digest = self._turns.digest(row.id, "sign-in", (profile or "", typed, password))
            last = repeated(row.last_answer, turn=turn, digest=digest, now=self._clock.now())
            if last is not None:
                return self._repeat(desk, waiting, last, browser, profile, identifiant, held)
            page = replace(self._page(waiting, profile), identifiant=identifiant)  # as typed
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
            if account is None or not right or account.is_closed(self._clock.now()):
                return self._refuse(row, page, turn, digest, account, typed, address, known)
            slowed = self._find_slowed(typed, address, known)
            if slowed is not None:
                return _slow_down(page, slowed)
            asks_identity = is_identity_due(
                account, self._policy, self._clock.now(), is_known=self._ceilings.is_known(typed, known)
            )
            answer = self._accept(waiting, turn, digest, account, profile, browser, held, device, asks_identity)
            # A browser is known once all was answered that is asked in it.
            mark = None if asks_identity else self._ceilings.mark_browser(typed, known)
            return replace(answer, known_cookie=mark)
        except LostRace:
            return self.show(browser, session, handle, profile)

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
        waiting: Waiting,
        turn: int,
        digest: str,
        account: Account,
        profile: Profile | None,
        browser: str,
        held: HeldSecrets,
        device: str,
        asks_identity: bool,
    ) -> Respond | AskPerson | SignedInHere:
        """Open a new session, whatever the browser held before, and mint the code in the same transaction.

        Raises:
            LostRace: Another POST won the turn, the password was changed while this one was verified, or the account closed.
        """
        now = self._clock.now()
        row = waiting.row
        secret, code = self._derive_secrets(row, row.turn, browser)
        live = SessionRow(
            id=self._secrets.identifier(),
            secret_hash=self._secrets.keyed_hash("session", secret),
            account_id=account.id,
            auth_time=now,
            acr=profile or Profile.RESPONSABLE,
            amr=("pwd",),
            touched_at=now,
            expires_at=now + self._policy.session_lifetime,
            device=device,
        )
        is_kept = account.closes_at is not None
        with self._stores.writing() as desk:
            live = replace(live, asks=find_questions(desk, account, identity_due=asks_identity))
            # First, so that the account's row is held before any session's, as a change of password holds them.
            chosen = self._chosen_language()
            if not desk.accounts.note_sign_in(account.id, now, password_hash=account.password_hash, language=chosen):
                raise LostRace
            row.session_id = live.id
            row.profile = profile
            self._keep(desk, row, LastAnswer(turn, digest, now, Outcome(_KEPT if is_kept else _PROVED)))
            beside = self._session_end.make_room(
                desk, held, account.id, row.client_id, now, keeps_others=waiting.keeps_accounts
            )
            desk.sessions.add_session(live)
            # The ENT waits until she has read that her account stays open.
            concludes = waiting.request is not None and not is_kept
            answer = self._authorization.conclude(desk, waiting, live, code, now) if concludes else None
            desk.ledger.record(AuditEvent("sign-in.accepted", account_id=account.id, client_id=row.client_id), now)
            if is_kept:
                desk.ledger.record(AuditEvent("account.closing-cancelled", account_id=account.id), now)
        if is_kept:
            return _say_kept(waiting, secret, beside)
        if answer is not None:
            return replace(answer, session_cookie=secret, accounts_cookie=beside)
        with self._stores.reading() as desk:
            greeting = self._authorization.greet(desk, account.id, row.page)
        return replace(greeting, session_cookie=secret, accounts_cookie=beside)

    def _repeat(
        self,
        desk: UnitOfWork,
        waiting: Waiting,
        last: LastAnswer,
        browser: str,
        profile: Profile | None,
        identifiant: str,
        held: HeldSecrets,
    ) -> SignInAnswer:
        """Answer a doubled POST like the first: same words, or same session and same code."""
        if last.outcome.step == _REFUSED:
            return replace(self._page(waiting, profile), identifiant=identifiant, faults=last.outcome.faults)
        secret, code = self._derive_secrets(waiting.row, waiting.row.turn - 1, browser)
        live = self._authorization.load_live_session(desk, secret)
        if live is None and held.current:
            # Where more was proved since, the session has another secret, and this browser holds it.
            secret, live = held.current, self._authorization.load_live_session(desk, held.current)
        beside = "" if held.beside and not waiting.keeps_accounts else None
        if waiting.keeps_accounts and live is not None:
            beside = self._session_end.find_staying(desk, held, live.account_id, self._clock.now())
        if last.outcome.step == _KEPT:
            return _say_kept(waiting, secret, beside)
        if waiting.request is not None:
            answer = self._authorization.repeat(desk, waiting, live, code)
            return replace(answer, session_cookie=secret, accounts_cookie=beside)
        if live is None:
            return Lost()
        greeting = self._authorization.greet(desk, live.account_id, waiting.row.page)
        return replace(greeting, session_cookie=secret, accounts_cookie=beside)

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

    def _page(self, waiting: Waiting, profile: Profile | None) -> SignInPage:
        request, client = waiting.request, waiting.client
        return SignInPage(
            handle=waiting.handle,
            profile=profile or _asked_profile(request),
            form_token=self._turns.form_token(waiting.row.id, waiting.row.turn),
            identifiant=_hinted_identifiant(request),
            ent_name=client.client_name if client else "",
            logo_uri=client.shown_logo_uri if client else "",
            policy_uri=client.shown_policy_uri if client else "",
            tos_uri=client.shown_tos_uri if client else "",
            form_action_uri=request.redirect_uri if request else "",
        )

    def _derive_secrets(self, row: InteractionRow, turn: int, browser: str) -> tuple[str, str]:
        """Return the session's secret and the code of the turn that a POST won.

        Derived from the browser's own secret, which no table holds, so that a doubled POST gets the same two.
        """
        seed = f"{row.id}:{turn}:{browser}"
        return self._secrets.keyed_hash("session-secret", seed), self._secrets.keyed_hash("code-secret", seed)


def _say_kept(waiting: Waiting, secret: str, beside: str | None) -> AskPerson:
    """Return the way to the page that says that the account stays open, and on to what waits."""
    return AskPerson(waiting.handle, step=PersonStep.KEPT, session_cookie=secret, accounts_cookie=beside)


def _slow_down(page: SignInPage, slowed: Fault) -> SignInPage:
    return replace(page, faults=(slowed,), retry_after=int(slowed.values["minutes"]) * 60)


def _asked_profile(request: AuthorizationRequest | None) -> Profile | None:
    """Return the profile that the ENT already chose with acr_values, so that the profile page is skipped."""
    for value in request.acr_values if request else ():
        if value in _PROFILES:
            return Profile(value)
    return None


def _hinted_identifiant(request: AuthorizationRequest | None) -> str:
    """Return the identifiant that the ENT already knows (OpenID Connect Core 1.0 section 3.1.2.1), "" for what looks like none."""
    hint = request.login_hint if request else None
    return hint if hint and is_identifiant(hint) else ""


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
