"""The one dispatcher of authorization requests: whether one can be answered, and which page comes first where it cannot.

Every page comes back here with what was proved there, and none leads to another by itself (`docs/journeys/login.md`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.journeys.answers import PersonStep
from idp.journeys.claims import subject_for
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import Clock, Secrets, UnitOfWork
from idp.journeys.questions import Question
from idp.journeys.rows import SessionRow
from idp.journeys.second_phone import phone_of
from idp.protocol.authentication_levels import Choice
from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.client import Client
from idp.protocol.consent import is_consent_needed


@dataclass(frozen=True, slots=True)
class Standing:
    """An authorization request, and who is there to answer it.

    Attributes:
        request: Checked.
        client: Whose it is.
        live: The browser's session, None where nobody is signed in.
        kept_at: Since when it waits for a person, None where it has just come.
        chosen: The session with which she chose to go on, or that she opened for it.
        holds_others: Whether the browser holds a live session beside the current one, where that was asked.
        declined: Whether she cannot give a second proof.
        consented: Whether she has just allowed it.
    """

    request: AuthorizationRequest
    client: Client
    live: SessionRow | None
    kept_at: datetime | None = None
    chosen: str | None = None
    holds_others: bool = False
    declined: bool = False
    consented: bool = False

    @property
    def proved_for_it(self) -> bool:
        """True when somebody signed in since the request was made: a second proof in another tab is no sign-in."""
        if self.live is None or self.kept_at is None:
            return False
        return (self.live.signed_in_at or self.live.auth_time) >= self.kept_at


Refusal = tuple[str, str]
"""Error and description for the client."""
Due = PersonStep | Refusal | None
"""The page that comes next, why the request is refused, or None: it can be answered."""

_UNANSWERED = {
    PersonStep.ACCOUNT: ("account_selection_required", "The person has not chosen with which account to go on."),
    PersonStep.SIGN_IN: ("login_required", "Nobody is signed in here who answers this request."),
    PersonStep.IDENTITY: ("interaction_required", "The person has not confirmed who she is."),
    PersonStep.LEVEL: ("login_required", "The person has not given the second proof that acr demands."),
    PersonStep.CONSENT: ("consent_required", "The person has not allowed what this request asks."),
}


def refuse_silently(step: PersonStep) -> Refusal:
    """Return what `prompt=none` is answered where a page would be needed (OpenID Connect Core 1.0 section 3.1.2.6)."""
    return _UNANSWERED[step]


class NextStep:
    """OpenID Connect Core 1.0 sections 3.1.2.1, 3.1.2.3, 3.1.2.4 and 5.5.1.1."""

    def __init__(self, clock: Clock, secrets: Secrets, policy: SignInPolicy) -> None:
        self._clock = clock
        self._secrets = secrets
        self._policy = policy
        self._order: tuple[Callable[[UnitOfWork, Standing], Due], ...] = (
            self._ask_account,
            self.ask_sign_in,
            self._refuse_who_signed_in,
            self._ask_identity,
            self._ask_second_proof,
            self._ask_new_children,
            self._ask_consent,
        )

    def find(self, desk: UnitOfWork, at: Standing) -> Due:
        """Return what comes next."""
        for check in self._order:
            due = check(desk, at)
            if due is not None:
                return due
        return None

    def _ask_account(self, desk: UnitOfWork, at: Standing) -> PersonStep | None:
        """`prompt=select_account`: whoever has signed in for this request has chosen already. Without a session, signing in is choosing."""
        del desk
        if "select_account" not in at.request.prompt or at.proved_for_it:
            return None
        if at.live is None:
            return PersonStep.ACCOUNT if at.holds_others else None
        return None if at.chosen == at.live.id else PersonStep.ACCOUNT

    def ask_sign_in(self, desk: UnitOfWork, at: Standing) -> PersonStep | None:
        """Whoever proved herself since the request was made has done what `prompt=login` and `max_age` ask: nobody is asked twice."""
        if at.live is None:
            return PersonStep.SIGN_IN
        if at.proved_for_it:
            return None
        if self._must_sign_in_again(at.request, at.live) or self.find_unmet(desk, at):
            return PersonStep.SIGN_IN
        return None

    def _must_sign_in_again(self, request: AuthorizationRequest, live: SessionRow) -> bool:
        if "login" in request.prompt:
            return True
        age = (self._clock.now() - live.auth_time).total_seconds()
        return request.max_age is not None and age > request.max_age

    def _refuse_who_signed_in(self, desk: UnitOfWork, at: Standing) -> Refusal | None:
        """Who signs in and is not the one that was asked for brings an error: asking again would go round for ever."""
        return self.find_unmet(desk, at) if at.proved_for_it else None

    def find_unmet(self, desk: UnitOfWork, at: Standing) -> Refusal | None:
        """Return error and description when this is not the sign-in that the request insists on.

        OpenID Connect Core 1.0 sections 3.1.2.1 (`id_token_hint`), 5.5.1 (`sub`) and 5.5.1.1 (`acr`).
        """
        if at.live is None:
            return None
        worth = self.choose_acr(at.request, at.live)
        if worth.acr is None and worth.missing is None:
            return "unmet_authentication_requirements", "The person did not sign in as acr demands."
        if at.request.subjects is None:
            return None
        holder = desk.accounts.load_holder(at.live.account_id)
        if holder and subject_for(at.client, holder, self._secrets) in at.request.subjects:
            return None
        return "login_required", "The person who signed in is not the one that the request names."

    def choose_acr(self, request: AuthorizationRequest, live: SessionRow) -> Choice:
        """Return what a session is worth to a request."""
        return self._policy.levels.choose(request, live.acr, live.amr)

    def _ask_second_proof(self, desk: UnitOfWork, at: Standing) -> Due:
        """OpenID Connect Core 1.0 section 5.5.1.1: a level that is wished for is done without where there is no way to it."""
        worth = None if at.live is None else self.choose_acr(at.request, at.live)
        if at.live is None or worth is None or worth.missing is None:
            return None
        if "none" in at.request.prompt:
            return PersonStep.LEVEL if worth.acr is None else None
        if not at.declined and phone_of(desk, at.live.account_id, self._policy.sms_countries) is not None:
            return PersonStep.LEVEL
        if worth.acr is not None:
            return None
        return "unmet_authentication_requirements", "The person cannot give the second proof that acr demands."

    def _ask_identity(self, desk: UnitOfWork, at: Standing) -> PersonStep | None:
        """Part of the sign-in: no session is good for anything before, and no client may pass it by."""
        del desk
        return PersonStep.IDENTITY if at.live is not None and Question.IDENTITY in at.live.asks else None

    def _ask_new_children(self, desk: UnitOfWork, at: Standing) -> PersonStep | None:
        """Whoever signed in since an import added children; with `prompt=none` they are not released yet, and nothing more."""
        del desk
        if at.live is None or Question.CHILDREN not in at.live.asks or "none" in at.request.prompt:
            return None
        return PersonStep.CHILDREN

    def _ask_consent(self, desk: UnitOfWork, at: Standing) -> PersonStep | None:
        if at.live is None or at.consented:
            return None
        account_id = at.live.account_id
        needed = is_consent_needed(
            at.client, at.request, lambda: desk.consents.load_consent(account_id, at.client.client_id)
        )
        return PersonStep.CONSENT if needed else None
