"""Retention: accounts that nobody uses are announced to be closed, then closed; what is remembered and what was sent is forgotten in time.

Each account is one short transaction, each batch of lines another: a run may be killed at any moment, goes on where it was when it is
begun again, and stands beside running pages and beside another run (`docs/journeys/retention.md`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.account_removal import remove_account
from idp.journeys.local_time import paris_time
from idp.journeys.mails import mail_account_closing
from idp.journeys.ports import Clock, Stores, UnitOfWork
from idp.journeys.retention_ports import BEGINNING, ClosingWarning, Place, Standing, Trail
from idp.journeys.retention_rules import Act, Case, RetentionPolicy, announce, judge, next_look
from idp.journeys.rows import AuditEvent, Message
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import numbers_of

_UNUSED, _ASKED = "unused", "asked"  # why an account was removed, in the audit trail

_ACCOUNTS_AT_ONCE = 200  # read together; each is looked at again under its own lock
_LINES_AT_ONCE = 1000  # in one transaction
_DAYS_OF_A_MONTH = 30.44
_CEILING = "retention-warnings"
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class PurgeReport:
    """What a run did, or would do.

    Attributes:
        warned: Persons to whom it was said when their account closes.
        unreachable: Of these, those of whom neither a number nor an address is known: nothing went out.
        closed: Accounts that nobody used.
        ended: Accounts whose person had asked for their end.
        kept: Accounts that were looked at and had been used.
        audit_lines: Lines of the audit trail that were forgotten.
        messages: Rows of messages that were sent or given up, and forgotten.
        postponed: More persons are to be warned than an hour may see: a later run goes on.
    """

    warned: int = 0
    unreachable: int = 0
    closed: int = 0
    ended: int = 0
    kept: int = 0
    audit_lines: int = 0
    messages: int = 0
    postponed: bool = False

    @property
    def has_done(self) -> bool:
        """Whether there was anything to do."""
        return any((self.warned, self.closed, self.ended, self.audit_lines, self.messages, self.postponed))


@dataclass(slots=True)
class _Run:
    dry: bool
    on_progress: Callable[[PurgeReport], object]
    report: PurgeReport = field(default_factory=PurgeReport)

    def must_pause(self) -> bool:
        """Tell whether the rest is for a later run."""
        return self.report.postponed


_Load = Callable[[UnitOfWork, Place], Sequence[Place]]
_Treat = Callable[[UnitOfWork, _Run, Standing], None]


class Retention:
    """Does what the policy asks for."""

    def __init__(self, *, stores: Stores, clock: Clock, ends: SessionEnd, policy: RetentionPolicy) -> None:
        self._stores = stores
        self._clock = clock
        self._ends = ends
        self._policy = policy

    def run(
        self, *, dry: bool = False, on_progress: Callable[[PurgeReport], object] = lambda _report: None
    ) -> PurgeReport:
        """Go through every policy once.

        Args:
            dry: Count what would be done, and do nothing.
            on_progress: Told the report after each batch.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer. What was done stays done.
        """
        run = _Run(dry, on_progress)
        for step in _STEPS:
            step(self, run)
        return run.report

    # --- accounts ------------------------------------------------------------------------------------------------

    def _end_unused(self, run: _Run) -> None:
        """Go on with those whose person was warned, then warn others."""
        if not self._policy.closes_unused:
            return
        now = self._clock.now()
        before = now - self._policy.unused_after + self._policy.warned_before[0]
        self._walk(
            run, lambda desk, after: desk.retention.load_warned(now, after, _ACCOUNTS_AT_ONCE), self._treat_unused
        )
        self._walk(
            run, lambda desk, after: desk.retention.load_unused(before, after, _ACCOUNTS_AT_ONCE), self._treat_unused
        )

    def _end_asked(self, run: _Run) -> None:
        """Close the accounts whose person asked for it, and did not take it back in time."""
        now = self._clock.now()
        self._walk(run, lambda desk, after: desk.retention.load_asked(now, after, _ACCOUNTS_AT_ONCE), self._end_one)

    def _end_one(self, desk: UnitOfWork, run: _Run, standing: Standing) -> None:
        now = self._clock.now()
        if standing.asked_end is None or standing.asked_end > now:
            return
        if not run.dry:
            self._close(desk, standing.account_id, now, _ASKED)
        run.report.ended += 1

    def _walk(self, run: _Run, load: _Load, treat: _Treat) -> None:
        """Treat each account that `load` finds in a transaction of its own, as it is once nobody else can change it."""
        after = BEGINNING
        while not run.must_pause():
            with self._stores.reading() as desk:
                places = load(desk, after)
            if not places:
                return
            for place in places:
                with self._stores.reading() if run.dry else self._stores.writing() as desk:
                    look = desk.retention.load_standing if run.dry else desk.retention.hold_standing
                    standing = look(place.account_id)
                    if standing is not None:
                        treat(desk, run, standing)
                if run.must_pause():
                    return
            after = places[-1]
            run.on_progress(run.report)

    def _treat_unused(self, desk: UnitOfWork, run: _Run, standing: Standing) -> None:
        case = Case(standing, self._policy.unused_after, self._policy.warned_before, self._clock.now())
        report = run.report
        match judge(case):
            case Act.KEEP:
                if not run.dry:
                    desk.retention.note_use(standing.account_id, standing.used_at)
                report.kept += 1
            case Act.WARN:
                self._warn(desk, run, case)
            case Act.CLOSE:
                if not run.dry:
                    self._close(desk, standing.account_id, case.now, _UNUSED)
                report.closed += 1

    def _warn(self, desk: UnitOfWork, run: _Run, case: Case) -> None:
        """Say when the account closes, by every way in which the person can be reached, and remember it in the same transaction."""
        warning = announce(case)
        written = self._write_messages(desk, case.standing, warning, case.now)
        if run.dry or self._announce(desk, case, warning, written):
            run.report.warned += 1
            run.report.unreachable += not written
        else:
            run.report.postponed = True

    def _announce(self, desk: UnitOfWork, case: Case, warning: ClosingWarning, written: Sequence[Message]) -> bool:
        """Return whether it was done: no, once as many were warned as an hour may see."""
        ceiling = self._policy.warnings_per_hour
        if not desk.quotas.take(_CEILING, limit=ceiling, window=_HOUR, now=case.now).allowed:
            return False
        account_id = case.standing.account_id
        for message in written:
            desk.outbox.put(message, at=case.now)
        desk.retention.note_warning(account_id, warning, next_look(warning, case.warned_before))
        desk.ledger.record(
            AuditEvent(
                "account.closing-announced",
                account_id=account_id,
                details={
                    "warning": warning.stage,
                    "closes": paris_time(warning.closes_at).date().isoformat(),
                    "messages": len(written),
                },
            ),
            case.now,
        )
        return True

    def _write_messages(
        self, desk: UnitOfWork, standing: Standing, warning: ClosingWarning, now: datetime
    ) -> list[Message]:
        """Return what is to be sent: a text to each number that the school knows now, a mail to the confirmed address."""
        holder = desk.accounts.load_holder(standing.account_id)
        day = paris_time(warning.closes_at)
        language = holder.account.language if holder else "fr"
        said = messages.sms_account_closing(day, language=language)
        text = messages.marked(said, test_instance=self._policy.fiction)
        numbers = numbers_of(holder, self._policy.sms_countries) if holder else []
        written = [Message("sms", number, text) for number in numbers]
        confirmed = desk.emails.load_confirmed(standing.account_id)
        if confirmed is not None:
            months = max(1, int((now - standing.used_at).days / _DAYS_OF_A_MONTH))
            mail = mail_account_closing(day, unused_months=months, language=language)
            written.append(mail.to_message(confirmed.email, at=now, test_instance=self._policy.fiction))
        return written

    def _close(self, desk: UnitOfWork, account_id: int, now: datetime, why: str) -> None:
        holder = desk.accounts.load_holder(account_id)
        if holder is not None:
            remove_account(desk, holder.account, self._ends, now, why=why)

    # --- lines that grow old ------------------------------------------------------------------------------------------------------

    def _forget_audit(self, run: _Run) -> None:
        run.report.audit_lines = self._forget(run, Trail.AUDIT, self._policy.audit_kept)

    def _forget_messages(self, run: _Run) -> None:
        run.report.messages = self._forget(run, Trail.MESSAGES, self._policy.messages_kept)

    def _forget(self, run: _Run, trail: Trail, kept: timedelta | None) -> int:
        """Forget from the oldest on, as far as a whole batch is younger, and return how many rows went."""
        if kept is None:
            return 0
        before = self._clock.now() - kept
        gone, after = 0, 0
        while True:
            with self._stores.reading() if run.dry else self._stores.writing() as desk:
                stretch = desk.retention.survey(trail, before, after, _LINES_AT_ONCE)
                if not stretch.due:
                    return gone
                gone += stretch.due if run.dry else desk.retention.forget(trail, before, after, stretch.last_id)
            after = stretch.last_id
            run.on_progress(run.report)


# In this order: what is closed leaves its last line before lines are counted.
_STEPS: tuple[Callable[[Retention, _Run], None], ...] = (
    Retention._end_asked,
    Retention._end_unused,
    Retention._forget_audit,
    Retention._forget_messages,
)
