"""Journeys that answer what a test tells them to and remember what they were asked."""

# ruff: noqa: ARG002  shaped like the journeys, session included

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.journeys.account_answers import AtHome
from idp.journeys.answers import (
    AccountsAnswer,
    ActivationAnswer,
    ActivationPage,
    ConsentAnswer,
    IdentityCheckAnswer,
    Lost,
    NewChildrenAnswer,
    Profile,
    PupilAnswer,
    Shown,
    SignInAnswer,
    SignInPage,
    Step,
    StepUpAnswer,
    TypedDate,
    TypedIdentity,
)
from idp.journeys.recovery_answers import Channel, RecoveryAnswer, RecoveryStep
from idp.journeys.rows import SessionRow

_AT = datetime(2026, 11, 23, 20, 40, tzinfo=UTC)


@dataclass
class FakeActivation:
    """Shaped like `idp.journeys.activation.Activation`."""

    answer: ActivationAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def show_page(self, step: Step, **members: Any) -> None:
        self.answer = Shown(ActivationPage(step, form_token="0-abc", **members))

    def _note(self, *call: Any) -> ActivationAnswer:
        self.calls.append(call)
        return self.answer

    def open(self, browser: str | None, interaction_handle: str) -> ActivationAnswer:
        return self._note("open", browser, interaction_handle)

    def show(self, browser: str | None, step: Step, session: str | None = None) -> ActivationAnswer:
        return self._note("show", browser, step)

    def submit_identity(
        self, browser: str | None, form_token: str, identity: TypedIdentity, address: str
    ) -> ActivationAnswer:
        return self._note("identity", browser, form_token, identity, address)

    def submit_phone(
        self, browser: str | None, form_token: str, country: str, number: str, address: str
    ) -> ActivationAnswer:
        return self._note("phone", browser, form_token, country, number, address)

    def leave_franceconnect(self, browser: str | None, form_token: str) -> ActivationAnswer:
        return self._note("not-me", browser, form_token)

    def submit_code(self, browser: str | None, form_token: str, code: str) -> ActivationAnswer:
        return self._note("code", browser, form_token, code)

    def resend_code(self, browser: str | None, form_token: str, address: str) -> ActivationAnswer:
        return self._note("resend", browser, form_token, address)

    def submit_kinship(
        self,
        browser: str | None,
        form_token: str,
        answers: Sequence[PupilAnswer],
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        return self._note("kinship", browser, form_token, list(answers))

    def submit_not_mine(
        self,
        browser: str | None,
        form_token: str,
        confirmed: bool,
        session: str | None = None,
        accounts: str | None = None,
        device: str = "",
    ) -> ActivationAnswer:
        return self._note("not-mine", browser, form_token, confirmed)

    def submit_password(
        self, browser: str | None, form_token: str, password: str, confirmation: str, session: str | None = None
    ) -> ActivationAnswer:
        return self._note("password", browser, form_token, password, confirmation)

    def choose_new_password(self, browser: str | None, form_token: str, session: str | None = None) -> ActivationAnswer:
        return self._note("new-password", browser, form_token)

    def cancel(self, browser: str | None, form_token: str) -> ActivationAnswer:
        return self._note("cancel", browser, form_token)


@dataclass
class FakeRecovery:
    """Shaped like `idp.journeys.recovery.Recovery`."""

    answer: RecoveryAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def _note(self, *call: Any) -> RecoveryAnswer:
        self.calls.append(call)
        return self.answer

    def open(self, browser: str | None, door: RecoveryStep, interaction_handle: str) -> RecoveryAnswer:
        return self._note("open", browser, door, interaction_handle)

    def open_link(self, browser: str | None, token: str) -> RecoveryAnswer:
        return self._note("open-link", browser, token)

    def show(self, browser: str | None, step: RecoveryStep) -> RecoveryAnswer:
        return self._note("show", browser, step)

    def submit_names(
        self, browser: str | None, form_token: str, identity: TypedIdentity, address: str
    ) -> RecoveryAnswer:
        return self._note("names", browser, form_token, identity, address)

    def submit_address(
        self, browser: str | None, form_token: str, identity: TypedIdentity, email: str, address: str
    ) -> RecoveryAnswer:
        return self._note("address", browser, form_token, identity, email, address)

    def submit_identifiant(
        self, browser: str | None, form_token: str, identifiant: str, channel: Channel, address: str
    ) -> RecoveryAnswer:
        return self._note("identifiant", browser, form_token, identifiant, channel, address)

    def submit_code(self, browser: str | None, form_token: str, code: str) -> RecoveryAnswer:
        return self._note("code", browser, form_token, code)

    def submit_link(self, browser: str | None, form_token: str) -> RecoveryAnswer:
        return self._note("link", browser, form_token)

    def resend(self, browser: str | None, form_token: str, address: str) -> RecoveryAnswer:
        return self._note("resend", browser, form_token, address)

    def submit_date(self, browser: str | None, form_token: str, date: TypedDate) -> RecoveryAnswer:
        return self._note("date", browser, form_token, date)

    def submit_password(
        self, browser: str | None, form_token: str, password: str, confirmation: str, address: str
    ) -> RecoveryAnswer:
        return self._note("password", browser, form_token, password, confirmation, address)

    def cancel(self, browser: str | None, form_token: str) -> RecoveryAnswer:
        return self._note("cancel", browser, form_token)


@dataclass
class FakeSignIn:
    """Shaped like `idp.journeys.login.SignIn`."""

    answer: SignInAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def show_page(self, profile: Profile | None, **members: Any) -> None:
        self.answer = SignInPage("h4ndle", profile, form_token="0-abc", **members)

    def show(self, browser: str | None, session: str | None, handle: str, profile: Profile | None) -> SignInAnswer:
        self.calls.append(("show", browser, session, handle, profile))
        return self.answer

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
        del accounts, known, device
        self.calls.append(("submit", browser, handle, profile, form_token, identifiant, password, address, session))
        return self.answer


class FakeGate:
    """Somebody is always there."""

    live = SessionRow(
        "s", "h", 1, auth_time=_AT, acr="responsable", amr=("pwd",), touched_at=_AT, expires_at=_AT + timedelta(hours=8)
    )

    def enter(self, session: str | None, browser: str | None, page: str) -> AtHome:
        return AtHome(self.live, session or "")

    enter_proved = enter


class FakeRoom:
    """Shaped like any journey of « Mon compte »: whatever it is asked, it answers what a test tells it to."""

    def __init__(self) -> None:
        self.answer: Any = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *_, **__: self.answer


class FakeJudge:
    """Every password is fort."""

    def __init__(self) -> None:
        self.judged: list[str] = []

    def strength(self, password: str, own_words: Sequence[str]) -> int:
        assert not own_words
        self.judged.append(password)
        return 3


@dataclass
class FakeConsent:
    """Shaped like `idp.journeys.consent.Consent`."""

    answer: ConsentAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def show(self, browser: str | None, session: str | None, handle: str) -> ConsentAnswer:
        self.calls.append(("show", browser, session, handle))
        return self.answer

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, allows: bool
    ) -> ConsentAnswer:
        self.calls.append(("submit", browser, session, handle, form_token, allows))
        return self.answer


@dataclass
class FakeAccounts:
    """Shaped like `idp.journeys.accounts.Accounts`."""

    answer: AccountsAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def show(self, browser: str | None, session: str | None, accounts: str | None, handle: str) -> AccountsAnswer:
        self.calls.append(("show", browser, session, accounts, handle))
        return self.answer

    def submit(
        self, browser: str | None, session: str | None, accounts: str | None, handle: str, form_token: str, chosen: str
    ) -> AccountsAnswer:
        self.calls.append(("submit", browser, session, accounts, handle, form_token, chosen))
        return self.answer


@dataclass
class FakeStepUp:
    """Shaped like `idp.journeys.step_up.StepUp`."""

    answer: StepUpAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def _note(self, *call: Any) -> StepUpAnswer:
        self.calls.append(call)
        return self.answer

    def show(self, browser: str | None, session: str | None, handle: str) -> StepUpAnswer:
        return self._note("show", browser, session, handle)

    def send(
        self, browser: str | None, session: str | None, handle: str, form_token: str, address: str
    ) -> StepUpAnswer:
        return self._note("send", browser, session, handle, form_token, address)

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, typed: str
    ) -> StepUpAnswer:
        return self._note("submit", browser, session, handle, form_token, typed)

    def decline(self, browser: str | None, session: str | None, handle: str, form_token: str) -> StepUpAnswer:
        return self._note("decline", browser, session, handle, form_token)


@dataclass
class FakeNewChildren:
    """Shaped like `idp.journeys.new_children.NewChildren`."""

    answer: NewChildrenAnswer = field(default_factory=Lost)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def _note(self, *call: Any) -> NewChildrenAnswer:
        self.calls.append(call)
        return self.answer

    def show(self, browser: str | None, session: str | None, handle: str) -> NewChildrenAnswer:
        return self._note("show", browser, session, handle)

    def submit(
        self, browser: str | None, session: str | None, handle: str, form_token: str, answers: Sequence[PupilAnswer]
    ) -> NewChildrenAnswer:
        return self._note("submit", browser, session, handle, form_token, list(answers))

    def confirm(
        self, browser: str | None, session: str | None, handle: str, form_token: str, *, confirmed: bool
    ) -> NewChildrenAnswer:
        return self._note("confirm", browser, session, handle, form_token, confirmed)

    def leave_for_later(
        self, browser: str | None, session: str | None, handle: str, form_token: str
    ) -> NewChildrenAnswer:
        return self._note("later", browser, session, handle, form_token)


@dataclass
class FakeIdentityCheck:
    """Shaped like `idp.journeys.identity_check.IdentityCheck`."""

    answer: IdentityCheckAnswer = field(default_factory=Lost)

    def show(self, browser: str | None, session: str | None, handle: str) -> IdentityCheckAnswer:
        return self.answer

    def submit(
        self,
        browser: str | None,
        session: str | None,
        handle: str,
        form_token: str,
        typed: TypedDate,
        known: str | None = None,
    ) -> IdentityCheckAnswer:
        return self.answer
