"""The journeys as the pages see them: what may be called, and what it answers.

`idp.journeys.activation.Activation`, `idp.journeys.login.SignIn`, `idp.journeys.accounts.Accounts`, `idp.journeys.step_up.StepUp` and
`idp.journeys.consent.Consent` have these shapes; tests give others.
"""

from collections.abc import Sequence
from typing import Protocol

from idp.journeys.answers import (
    AccountsAnswer,
    ActivationAnswer,
    ConsentAnswer,
    IdentityCheckAnswer,
    NewChildrenAnswer,
    Profile,
    PupilAnswer,
    SignInAnswer,
    Step,
    StepUpAnswer,
    TypedDate,
    TypedIdentity,
)


class ActivationJourney(Protocol):
    """Activation of an account. `browser` is the value of the activation cookie, `form_token` the form's `jeton`."""

    def open(self, browser: str | None, interaction_handle: str) -> ActivationAnswer:
        """Begin, or join what is under way in this browser."""

    def show(self, browser: str | None, step: Step, session: str | None = None) -> ActivationAnswer:
        """Show the page of a step; what FranceConnect opened is shown to whoever holds its session."""

    def submit_identity(
        self, browser: str | None, form_token: str, identity: TypedIdentity, address: str
    ) -> ActivationAnswer:
        """Take the names and the number."""

    def submit_phone(
        self, browser: str | None, form_token: str, country: str, number: str, address: str
    ) -> ActivationAnswer:
        """Take the number of somebody whom FranceConnect recognised."""

    def submit_code(self, browser: str | None, form_token: str, code: str) -> ActivationAnswer:
        """Take the security code."""

    def resend_code(self, browser: str | None, form_token: str, address: str) -> ActivationAnswer:
        """Send another code."""

    def submit_kinship(
        self,
        browser: str | None,
        form_token: str,
        answers: Sequence[PupilAnswer],
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        """Take one answer for each pupil, in the order of the page."""

    def submit_not_mine(
        self,
        browser: str | None,
        form_token: str,
        confirmed: bool,
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        """Take « Oui, je confirme » or « Non, revenir à la page précédente »."""

    def submit_password(
        self, browser: str | None, form_token: str, password: str, confirmation: str, session: str | None = None
    ) -> ActivationAnswer:
        """Take the new password."""

    def choose_new_password(self, browser: str | None, form_token: str, session: str | None = None) -> ActivationAnswer:
        """Go on to a new password for an account that exists already."""

    def leave_franceconnect(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """Erase everything for « Ce n'est pas vous ? »."""

    def cancel(self, browser: str | None, form_token: str) -> ActivationAnswer:
        """Erase what was typed and leave."""


class SignInJourney(Protocol):
    """Signing in. `browser` is the value of the visit cookie, `session` of the session cookie, `handle` the `d` of the address."""

    def show(self, browser: str | None, session: str | None, handle: str, profile: Profile | None) -> SignInAnswer:
        """Show the profile page or the sign-in page."""

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
        """Take an identifiant and a password; the sessions that the browser holds end when somebody signs in over them."""


class ConsentJourney(Protocol):
    """Asking for consent. `browser` is the value of the visit cookie, `session` of the session cookie, `handle` the `d` of the address."""

    def show(self, browser: str | None, session: str | None, handle: str) -> ConsentAnswer:
        """Show the page that asks."""

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, allows: bool
    ) -> ConsentAnswer:
        """Take « Autoriser » or « Refuser »."""


class AccountsJourney(Protocol):
    """Choosing among accounts. Arguments as above; `accounts` is the value of the cookie of the accounts beside."""

    def show(self, browser: str | None, session: str | None, accounts: str | None, handle: str) -> AccountsAnswer:
        """Show the page that asks which account."""

    def submit(
        self, browser: str | None, session: str | None, accounts: str | None, handle: str, form_token: str, chosen: str
    ) -> AccountsAnswer:
        """Take the account chosen."""


class StepUpJourney(Protocol):
    """Asking for a second proof. Arguments as above."""

    def show(self, browser: str | None, session: str | None, handle: str) -> StepUpAnswer:
        """Show the page."""

    def send(
        self, browser: str | None, session: str | None, handle: str, form_token: str, address: str
    ) -> StepUpAnswer:
        """Send a code."""

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, typed: str
    ) -> StepUpAnswer:
        """Take a code."""

    def decline(self, browser: str | None, session: str | None, handle: str, form_token: str) -> StepUpAnswer:
        """Take « Je ne peux pas recevoir ce SMS »."""


class IdentityCheckJourney(Protocol):
    """Asking for one child's birth date. Arguments as above."""

    def show(self, browser: str | None, session: str | None, handle: str) -> IdentityCheckAnswer:
        """Show the page."""

    def submit(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        form_token: str,
        typed: TypedDate,
        known: str | None = None,
    ) -> IdentityCheckAnswer:
        """Take a date; `known` is the value of the cookie of a browser in which somebody signed in before."""


class NewChildrenJourney(Protocol):
    """Proving children that an import added. Arguments as above; the handle is "" from « Mes enfants »."""

    def show(self, browser: str | None, session: str | None, handle: str) -> NewChildrenAnswer:
        """Show the page."""

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, answers: Sequence[PupilAnswer]
    ) -> NewChildrenAnswer:
        """Take one answer for each child."""

    def confirm(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, confirmed: bool
    ) -> NewChildrenAnswer:
        """Take « Oui, je confirme » or « Non, revenir à la page précédente »."""

    def leave_for_later(
        self, browser: str | None, session: str | None, handle: str, form_token: str
    ) -> NewChildrenAnswer:
        """Take « Plus tard »."""


class StrengthJudge(Protocol):
    """The part of `idp.journeys.ports.PasswordJudge` that the strength preview needs."""

    def strength(self, password: str, own_words: Sequence[str]) -> int:
        """Return 1 (faible), 2 (moyen) or 3 (fort)."""
