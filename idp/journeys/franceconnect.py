"""Come back from FranceConnect: sign in who is linked, begin the activation of who is not, say what to do to whoever has no identity.

What was begun for one request in one browser ends there: the bridge binds the sign-in to its browser, and this journey finds the request
by the same browser's cookie. It never answers the ENT itself: `resume` comes back to the one dispatcher (`docs/journeys/franceconnect.md`).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from idp.journeys.account_answers import LinkingDone
from idp.journeys.activation_linked import AMR
from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import AskPerson, GoTo, Lost, Notice, Profile, Recognised, Respond, SignedInHere, Step
from idp.journeys.authorization import Authorization
from idp.journeys.franceconnect_proof import FranceConnectRefusal, ProvedIdentity
from idp.journeys.held_sessions import HeldSecrets
from idp.journeys.own_franceconnect import OwnFranceConnect
from idp.journeys.policy import ActivationPolicy, SignInPolicy
from idp.journeys.ports import ClientRegistry, Clock, Secrets, Stores
from idp.journeys.questions import find_news
from idp.journeys.rows import ActivationRow, AuditEvent, FranceConnectLink, InteractionRow, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.journeys.waiting import Waiting

_AUDITED = frozenset(FranceConnectRefusal) - {FranceConnectRefusal.LOST}
"""A lost answer is in the log alone: anybody can bring one, again and again."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The browser may go to FranceConnect. `prompt` is ``login`` where the ENT wants the person to prove herself again."""

    prompt: str


class Where(StrEnum):
    """Where a browser goes that comes back without an identity."""

    NOWHERE = "nowhere"
    """What it left for is gone."""
    SIGN_IN = "sign-in"
    """To the sign-in page of the request that it left for."""
    ACCOUNT = "account"
    """To the account that it left from."""


class FranceConnect:
    """The journey of a parent who has an account elsewhere."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        authorization: Authorization,
        policy: SignInPolicy,
        activation_policy: ActivationPolicy,
        linking: OwnFranceConnect,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._clients = clients
        self._authorization = authorization
        self._policy = policy
        self._activation_policy = activation_policy
        self._session_end = SessionEnd(clients, secrets)
        self._linking = linking

    def leave(self, browser: str | None, handle: str) -> Leaving | Lost:
        """Tell whether this browser may leave for the request of `handle`.

        Args:
            browser: Value of the visit cookie.
            handle: The `d` of the sign-in page.
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
        if waiting is None:
            return Lost()
        request = waiting.request
        # Who wants another account here would be led back as whom FranceConnect knows already; a page of an account wants a proof of now.
        wants_proof = waiting.row.page is not None or (
            request is not None
            and (bool({"login", "select_account"} & set(request.prompt)) or request.max_age is not None)
        )
        return Leaving("login" if wants_proof else "")

    def recognise(
        self,
        proof: ProvedIdentity,
        browser: str | None,
        handle: str,
        session: str | None,
        accounts: str | None = None,
        device: str = "",
    ) -> Recognised | GoTo | AskPerson | LinkingDone | Lost:
        """Sign in whoever is linked; begin the activation of anybody else; link whoever left from her account.

        Args:
            proof: One verified identity.
            browser: Value of the visit cookie.
            handle: Of the request that the sign-in was begun for.
            session: Value of the session cookie: that session ends when another is opened over it.
            accounts: Value of the cookie of the accounts beside, as when somebody signs in with her password.
            device: Of `journeys.devices`.
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None:
                return Lost()
        if self._linking.waits_for(waiting.row):
            return self._linking.link(proof, waiting.row, session)
        with self._stores.reading() as desk:
            linked = desk.franceconnect.load_link(proof.issuer, proof.sub)
        if linked is None:
            return self._begin_activation(proof, waiting.row, handle)
        opened = self._open_session(proof, waiting, linked, HeldSecrets.of(session, accounts), device)
        if opened is None:
            return AskPerson(handle, notice=Notice.CLOSED)
        ent_name = waiting.client.client_name if waiting.client else ""
        return Recognised(handle, ent_name, *opened, is_kept=linked.closes_at is not None)

    def refuse(
        self, refusal: FranceConnectRefusal, browser: str | None, handle: str, detail: str, reference: str
    ) -> Where:
        """Write down why there is no identity, and tell where to go back to.

        Args:
            refusal: Why.
            browser: Value of the visit cookie.
            handle: Of the request that the sign-in was begun for, "" when it is lost.
            detail: Which check or call; no personal data, no token.
            reference: Of the page.
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle) if handle else None
        if refusal in _AUDITED:
            event = AuditEvent(
                f"franceconnect.{refusal}",
                reference=reference,
                client_id=waiting.row.client_id if waiting else None,
                details={"why": detail},
            )
            with self._stores.writing() as desk:
                desk.ledger.record(event, self._clock.now())
        if waiting is None:
            return Where.NOWHERE
        return Where.ACCOUNT if self._linking.waits_for(waiting.row) else Where.SIGN_IN

    def resume(
        self, browser: str | None, handle: str, session: str | None
    ) -> Respond | AskPerson | SignedInHere | Lost:
        """Go on with the ENT's request once somebody is signed in; without a session, ask at the sign-in page of the same request.

        Args:
            browser: Value of the visit cookie.
            handle: The `d` of the request.
            session: Value of the session cookie.
        """
        return self._authorization.resume(browser, handle, session)

    # --- small parts ------------------------------------------------------------------------------------------------------------------

    def _open_session(
        self, proof: ProvedIdentity, waiting: Waiting, linked: FranceConnectLink, held: HeldSecrets, device: str
    ) -> tuple[str, str | None] | None:
        """Open a session, whatever the browser held before, and return its secret, and the browser's cookie of the accounts beside.

        None: the account has closed.
        """
        secret = self._secrets.token()
        live = SessionRow(
            id=self._secrets.identifier(),
            secret_hash=self._secrets.keyed_hash("session", secret),
            account_id=linked.account_id,
            auth_time=proof.proved_at,
            acr=Profile.RESPONSABLE,
            amr=AMR,
            touched_at=proof.proved_at,
            expires_at=proof.proved_at + self._policy.session_lifetime,
            device=device,
        )
        event = AuditEvent("franceconnect.signed-in", account_id=linked.account_id, client_id=waiting.row.client_id)
        with self._stores.writing() as desk:
            if linked.closes_at is not None:
                if not desk.accounts.keep_open(linked.account_id, proof.proved_at):
                    return None
                kept = AuditEvent("account.closing-cancelled", account_id=linked.account_id)
                desk.ledger.record(kept, proof.proved_at)
            if linked.has_news:
                live = replace(live, asks=find_news(desk, linked.account_id))
            beside = self._session_end.make_room(
                desk,
                held,
                linked.account_id,
                waiting.row.client_id,
                proof.proved_at,
                keeps_others=waiting.keeps_accounts,
            )
            desk.sessions.add_session(live)
            desk.franceconnect.keep_id_token(live.id, proof.id_token)
            desk.ledger.record(event, proof.proved_at)
        return secret, beside

    def _begin_activation(self, proof: ProvedIdentity, row: InteractionRow, handle: str) -> GoTo:
        """FranceConnect alone gives no account: phone, code and birth dates come next (guarantee 4)."""
        now = self._clock.now()
        secret = self._secrets.token()
        identity_hash = self._secrets.keyed_hash("franceconnect-identity", proof.civil_status)
        with self._stores.writing() as desk:
            known = desk.franceconnect.load_link_of_identity(proof.issuer, identity_hash)
            state = ActivationState(handle=handle, proof=proof, sub_changed=known is not None)
            desk.activations.add_activation(
                ActivationRow(
                    id=self._secrets.identifier(),
                    browser_hash=self._secrets.keyed_hash("activation-browser", secret),
                    former_browser_hash=None,
                    turn=0,
                    step=Step.PHONE,
                    reference=self._secrets.reference(),
                    interaction_id=row.id,
                    state=state.to_bytes(),
                    last_answer=None,
                    created_at=now,
                    touched_at=now,
                    expires_at=now + self._activation_policy.idle,
                )
            )
            desk.ledger.record(AuditEvent("franceconnect.recognised", client_id=row.client_id), now)
        return GoTo(Step.PHONE, cookie=secret)
