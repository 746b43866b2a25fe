"""What each page of a recovery shows, from what is kept."""

from dataclasses import dataclass, replace
from datetime import datetime

from idp.journeys.activation_pages import seconds_until
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import UnitOfWork
from idp.journeys.recovery_answers import Channel, RecoveryPage, RecoveryStep
from idp.journeys.recovery_ports import RecoveryRow
from idp.journeys.recovery_state import RecoveryState
from idp.journeys.rows import AuditEvent
from idp.journeys.turns import Outcome, Turns
from idp.people.passwords import rules_met
from idp.people.phones import PhoneNumber


@dataclass(slots=True)
class RecoveryVisit:
    """One request of one browser: the row, what it remembers, the stores, the hour."""

    desk: UnitOfWork
    row: RecoveryRow
    state: RecoveryState
    now: datetime

    @property
    def step(self) -> RecoveryStep:
        """Where the person stands."""
        return RecoveryStep(self.row.step)

    def record(self, event: str, about: int | None = None, **details: str | int) -> None:
        """Write one line of the audit trail.

        Args:
            event: Its name.
            about: An account that was found and gets neither code nor link, for the office to know.
            details: As the line has them.
        """
        account_id = self.state.account_id if about is None else about
        self.desk.ledger.record(
            AuditEvent(event, reference=self.row.reference, account_id=account_id, details={**details}), self.now
        )


class RecoveryPages:
    """Composes the page of a step."""

    def __init__(self, turns: Turns, policy: ActivationPolicy) -> None:
        self._turns = turns
        self._policy = policy

    def compose(
        self, visit: RecoveryVisit, step: RecoveryStep, outcome: Outcome | None = None, password: str = ""
    ) -> RecoveryPage:
        """Return the page of `step`.

        Args:
            visit: The request.
            step: The step whose page is shown; the person's own, or the first while it may still be changed.
            outcome: What the POST before it led to.
            password: The refused password, from which the page tells the rules that it meets; it is never shown.
        """
        said = outcome or Outcome(step)
        state = visit.state
        page = RecoveryPage(
            step=step,
            form_token=self._turns.form_token(visit.row.id, visit.row.turn),
            handle=state.handle,
            faults=said.faults,
            notice=said.notice,
            notice_values=said.notice_values,
            identity=state.identity,
            email=state.email,
            sends_to_unknown=self._policy.sends_s2,
            identifiant=state.identifiant,
            channel=state.channel,
            by_mail=state.channel is Channel.MAIL,
            date=state.date,
            reference=visit.row.reference,
        )
        if step is RecoveryStep.SENT and state.channel is Channel.SMS:
            phone = PhoneNumber(state.phone)
            page = replace(page, masked_phone=phone.masked, phone_ending=phone.ending)
        elif state.sent_at is not None and step in {RecoveryStep.CODE, RecoveryStep.MAILED}:
            page = replace(page, resend_in=seconds_until(state.sent_at + self._policy.resend_after, visit.now))
        elif step is RecoveryStep.LOCKED:
            wait = seconds_until(state.locked_until or visit.now, visit.now)
            page = replace(page, retry_after=wait, locked_by_dates=state.locked_by_dates)
        if password:
            return replace(page, rules_met=rules_met(password), strength=state.strength)
        return page
