"""« Mot de passe oublié »: the identifiant, a code or a link that proves the phone or the address, and one child's birth date.

Until the code is right the pages, the statements and the work are the same whether the identifiant is somebody's, whether that person has
a phone, or only FranceConnect: the truth goes to the phone (guarantee 1).
"""

from datetime import datetime

from idp.journeys import messages
from idp.journeys.activation_identity import code_fault, normalise_code
from idp.journeys.activation_pages import seconds_until
from idp.journeys.answers import Fault, Notice
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Secrets
from idp.journeys.recovery_answers import Channel, RecoveryStep
from idp.journeys.recovery_link import MailedLinks
from idp.journeys.recovery_pages import RecoveryVisit
from idp.journeys.recovery_ports import AskedAccount
from idp.journeys.recovery_turns import lock_by_ceiling, lock_recovery
from idp.journeys.rows import Message
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.turns import Outcome
from idp.people.identifiants import normalise_identifiant
from idp.people.records import AccountHolder

_LONGEST = 100  # characters of what is typed for an identifiant


class ProofSteps:
    """Proves that whoever asks holds the phone that the school knows, or reads the mail of the confirmed address."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy, links: MailedLinks, sound_alarm: Alarm) -> None:
        self._secrets = secrets
        self._policy = policy
        self._ceilings = SmsCeilings(secrets, policy)
        self._dates = DatesCeilings(policy)
        self._links = links
        self._sound_alarm = sound_alarm

    def submit_identifiant(self, visit: RecoveryVisit, typed: str, channel: Channel, address: str) -> Outcome:
        """Read the identifiant and send the proof to whoever it may go to."""
        identifiant = normalise_identifiant(typed)
        if not identifiant or len(identifiant) > _LONGEST:
            fault = Fault("identifiant", "too-long" if identifiant else "empty")
            return Outcome(RecoveryStep.IDENTIFIANT, (fault,), consumed=False)
        visit.state.identifiant = identifiant
        visit.state.channel = channel
        sent = RecoveryStep.MAILED if channel is Channel.MAIL else RecoveryStep.CODE
        return self._begin_proof(visit, address) or Outcome(sent)

    def resend(self, visit: RecoveryVisit, address: str) -> Outcome:
        """Send another code or link, which replaces the one before."""
        state = visit.state
        by_mail = state.channel is Channel.MAIL
        wait = 0 if state.sent_at is None else seconds_until(state.sent_at + self._policy.resend_after, visit.now)
        if wait:
            notice = Notice.LINK_ON_ITS_WAY if by_mail else Notice.CODE_ON_ITS_WAY
            return Outcome(visit.step, notice=notice, notice_values={"n": wait}, consumed=False)
        notice = Notice.NEW_LINK_SENT if by_mail else Notice.NEW_CODE_SENT
        return self._begin_proof(visit, address) or Outcome(visit.step, notice=notice)

    def submit_code(self, visit: RecoveryVisit, typed: str) -> Outcome:
        """Check the code: five tries, thirty minutes, once."""
        code = normalise_code(typed)
        fault = code_fault(code)
        if fault is not None:
            return Outcome(RecoveryStep.CODE, (fault,), consumed=False)
        state = visit.state
        if not state.code_hash or state.expires_at is None or visit.now >= state.expires_at:
            return Outcome(RecoveryStep.CODE, (Fault("code", "expired"),), consumed=False)
        if self._hash_code(visit, code) != state.code_hash or state.account_id is None:
            return self._refuse_code(visit)
        if not self.still_stands(visit):
            return self._refuse_code(visit)  # the directory has another number since, or the password another owner
        state.code_hash = ""
        visit.record("recovery.code-accepted")
        return self.ask_date(visit)

    def submit_link(self, visit: RecoveryVisit) -> Outcome:
        """Take the mailed link, once."""
        if not self._links.take(visit) or not self.still_stands(visit):
            visit.record("recovery.link-gone")
            visit.state.account_id = None
            return Outcome(RecoveryStep.GONE)
        visit.record("recovery.link-opened")
        return self.ask_date(visit)

    def ask_date(self, visit: RecoveryVisit) -> Outcome:
        """Everything that leads to the birth date was proved: ask for it, or lead to the office where there is none to ask for."""
        holder = self.load_holder(visit)
        wait = self._dates.load_wait(visit.desk, [one.id for one in holder.guardians] if holder else (), visit.now)
        if wait is not None:
            return lock_recovery(visit, wait, by_dates=True)
        visit.state.dates_tries = 0
        if holder is None or not holder.kinships:
            visit.record("recovery.no-child")
            return Outcome(RecoveryStep.OFFICE, proved=True)
        return Outcome(RecoveryStep.DATE, proved=True)

    def load_holder(self, visit: RecoveryVisit) -> AccountHolder | None:
        """Return the account that is being recovered, with its children."""
        account_id = visit.state.account_id
        return None if account_id is None else visit.desk.accounts.load_holder(account_id)

    def still_stands(self, visit: RecoveryVisit) -> bool:
        """Tell whether what was proved still proves something: the number is still the school's, the password the one that was lost.

        Looked at again at each step: an import may have changed the number, and another recovery, or the owner, the password.
        """
        state = visit.state
        way = None if state.account_id is None else visit.desk.recoveries.load_way_back(state.account_id, visit.now)
        if way is None or way.is_franceconnects_alone or self._mark_password(way.password_hash) != state.password_mark:
            return False
        if state.channel is Channel.MAIL:
            return self._links.is_still_hers(visit)
        numbers = way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, visit.now)
        return state.phone in {number.e164 for number in numbers.usable}

    # --- sending ------------------------------------------------------------------------------------------------------------------

    def _begin_proof(self, visit: RecoveryVisit, address: str) -> Outcome | None:
        """Count what was asked for, look for the account, and send; None when there was no ceiling."""
        state = visit.state
        by_mail = state.channel is Channel.MAIL
        reached = self._ceilings.count_asked(visit.desk, state.identifiant, address, visit.now, by_sms=not by_mail)
        if reached is not None:
            return lock_by_ceiling(visit, reached, self._policy, self._sound_alarm)
        asked = visit.desk.recoveries.find_asked(state.identifiant, visit.now)
        state.sent_at = visit.now
        state.expires_at = visit.now + self._policy.code_lifetime
        state.password_mark = self._mark_password(asked.way.password_hash)
        if by_mail:
            self._links.send(visit, asked)
        else:
            self._send_code(visit, asked)
        return None

    def _send_code(self, visit: RecoveryVisit, asked: AskedAccount) -> None:
        """Draw a code in every case, and write one text down, to be sent or not."""
        state = visit.state
        code = self._secrets.digits(6)
        state.code_hash = self._hash_code(visit, code)
        state.code_tries = 0
        visit.row.link_hash = None
        outcome, number, body = self._choose_text(asked, code, visit.now, state.language)
        reached = self._ceilings.count_unseen(visit.desk, number, state.identifiant, visit.now)
        if reached is not None and reached.spent:
            self._sound_alarm(reached.name)
        gets_code = outcome == "told" and reached is None
        state.account_id = asked.account_id if gets_code else None
        state.phone = number if number is not None and gets_code else ""
        said = outcome if reached is None else reached.name
        visit.record("recovery.asked", asked.account_id, outcome=said, by=Channel.SMS)
        text = Message("sms", number or "", messages.marked(body, test_instance=self._policy.fiction))
        keep = visit.desk.outbox.withhold if number is None or reached is not None else visit.desk.outbox.put
        keep(text, at=visit.now)

    def _choose_text(self, asked: AskedAccount, code: str, now: datetime, language: str) -> tuple[str, str | None, str]:
        """Return what the audit trail says of it, the number, None for none, and the text."""
        body = messages.sms_new_password(code, bound_host=self._policy.bound_host, language=language)
        numbers = asked.way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, now)
        if not asked.is_somebodys:
            return "nobody", None, body
        if asked.way.is_franceconnects_alone:
            known = [*numbers.usable, *(number for number, _ in numbers.waiting)]
            return (
                "franceconnect-only",
                known[0].e164 if known else None,
                messages.sms_franceconnect_only(language=language),
            )
        if numbers.usable:
            return "told", numbers.usable[0].e164, body
        if numbers.waiting:
            number, until = numbers.waiting[0]
            return "number-too-new", number.e164, messages.sms_number_too_new(paris_time(until), language=language)
        return "no-number", None, body

    def _refuse_code(self, visit: RecoveryVisit) -> Outcome:
        state = visit.state
        state.code_tries += 1
        left = self._policy.code_tries - state.code_tries
        visit.record("recovery.code-wrong", left=left)
        if left <= 0:
            state.code_hash = ""
            return lock_recovery(visit, self._policy.lock_after_code)
        return Outcome(RecoveryStep.CODE, (Fault("code", "wrong", {"n": left}),))

    def _hash_code(self, visit: RecoveryVisit, code: str) -> str:
        return self._secrets.keyed_hash("security-code", f"{visit.row.id}:{code}")

    def _mark_password(self, password_hash: str | None) -> str:
        return self._secrets.keyed_hash("recovery-password", password_hash or "")
