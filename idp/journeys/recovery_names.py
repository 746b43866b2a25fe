"""« Identifiant oublié »: the identifiant goes to the number that was typed, or to the confirmed address, of an account with these names.

Whether there is one is told by the message alone: the page, the statements run and the work done are the same (guarantee 1).
"""

from dataclasses import replace
from datetime import timedelta

from idp.journeys import mails, messages
from idp.journeys.answers import TypedIdentity
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Secrets
from idp.journeys.recovery_answers import Channel, RecoveryStep
from idp.journeys.recovery_link import ANSWERED, find_mail_outcome
from idp.journeys.recovery_pages import RecoveryVisit
from idp.journeys.recovery_ports import AskedAccount
from idp.journeys.recovery_turns import lock_by_ceiling
from idp.journeys.rows import Message
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.turns import Outcome
from idp.journeys.typed_identity import read_identity, read_names_and_email
from idp.people.persons import Holders, find_person

_DAY = timedelta(days=1)


class NamesSteps:
    """Finds the account by names and number, or names and address, and tells its identifiant to that number or address."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy, sound_alarm: Alarm) -> None:
        self._secrets = secrets
        self._policy = policy
        self._ceilings = SmsCeilings(secrets, policy)
        self._sound_alarm = sound_alarm

    def submit(self, visit: RecoveryVisit, identity: TypedIdentity, address: str) -> Outcome:
        """Read names and number, look for the account, and send what it has to be told."""
        state = visit.state
        state.identity, state.channel = identity, Channel.SMS
        faults, phone = read_identity(identity, fiction=self._policy.fiction)
        if phone is None or faults:
            return Outcome(RecoveryStep.NAMES, faults, consumed=False)
        state.phone = phone.e164
        reached = self._ceilings.count(visit.desk, phone.e164, address, visit.now)
        if reached is not None:
            return lock_by_ceiling(visit, reached, self._policy, self._sound_alarm)
        self._send(visit, _find_account(visit, visit.desk.people.find_holders(phone.e164)))
        return Outcome(RecoveryStep.SENT)

    def submit_by_mail(self, visit: RecoveryVisit, identity: TypedIdentity, typed: str, address: str) -> Outcome:
        """Read names and e-mail address, look for the account that confirmed it, and send what it has to be told.

        Args:
            visit: The request.
            identity: As typed; the number is not asked for.
            typed: The e-mail address, as typed.
            address: The peer's network address, for the ceilings.
        """
        state = visit.state
        state.identity = replace(state.identity, family_name=identity.family_name, given_name=identity.given_name)
        state.email, state.channel = typed, Channel.MAIL
        faults, email = read_names_and_email(identity, typed)
        if email is None or faults:
            return Outcome(RecoveryStep.ADDRESS, faults, consumed=False)
        state.email = email.address
        reached = self._ceilings.count_asked(visit.desk, email.compared, address, visit.now, by_sms=False)
        if reached is not None:
            return lock_by_ceiling(visit, reached, self._policy, self._sound_alarm)
        self._mail(visit, _find_account(visit, visit.desk.recoveries.find_holders_of_email(email)))
        return Outcome(RecoveryStep.SENT)

    def _mail(self, visit: RecoveryVisit, asked: AskedAccount) -> None:
        """Write one mail down in every case, to be sent or not, to the confirmed address as the account has it."""
        language, to = visit.state.language, asked.email
        usable_at = to.confirmed_at + self._policy.phone_change_wait
        outcome = find_mail_outcome(asked, usable_at, visit.now)
        # Both are written, whichever is sent.
        told = mails.mail_identifiant(asked.way.identifiant, language=language)
        too_new = mails.mail_identifiant_too_new(paris_time(usable_at), language=language)
        mail = too_new if outcome == "address-too-new" else told
        visit.record("recovery.identifiant-asked", asked.account_id, outcome=outcome, by=Channel.MAIL)
        # To somebody unknown nothing is mailed: strangers could have anybody written to.
        keep = visit.desk.outbox.put if outcome in ANSWERED else visit.desk.outbox.withhold
        keep(mail.to_message(to.email, at=visit.now, test_instance=self._policy.fiction), at=visit.now)

    def _send(self, visit: RecoveryVisit, asked: AskedAccount) -> None:
        """Write one text down in every case, to be sent or not."""
        number = visit.state.phone
        outcome, body = self._choose_text(visit, asked)
        visit.record("recovery.identifiant-asked", asked.account_id, outcome=outcome)
        if not number.startswith(self._policy.sms_countries):
            visit.record("recovery.sms-country-refused")
            return
        key = self._secrets.keyed_hash("quota", number)
        kind = "sms-s4" if asked.is_somebodys else "sms-s4n"
        counted = visit.desk.quotas.take(f"{kind}:{key}", limit=1, window=_DAY, now=visit.now)
        text = Message("sms", number, messages.marked(body, test_instance=self._policy.fiction))
        # The text for an unknown person: at most one a day, as in an activation (decision 6).
        withheld = not asked.is_somebodys and not (counted.allowed and self._policy.sends_s2)
        keep = visit.desk.outbox.withhold if withheld else visit.desk.outbox.put
        keep(text, at=visit.now)

    def _choose_text(self, visit: RecoveryVisit, asked: AskedAccount) -> tuple[str, str]:
        language, number = visit.state.language, visit.state.phone
        # Both are written, whichever is sent (guarantee 1).
        told = messages.sms_identifiant(asked.way.identifiant, language=language)
        no_account = messages.sms_no_account(language=language)
        numbers = asked.way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, visit.now)
        if not asked.is_somebodys:
            return "nobody", no_account
        if asked.way.is_franceconnects_alone:
            return "franceconnect-only", messages.sms_franceconnect_only(language=language)
        wait = numbers.find_wait(number)
        if wait is not None:
            return "number-too-new", messages.sms_number_too_new(paris_time(wait), language=language)
        return "told", told


def _find_account(visit: RecoveryVisit, holders: Holders) -> AskedAccount:
    """Return the account of the one person among these records whose names were typed.

    Where no name agrees, the account of the records is looked for all the same, for nothing, and else nobody's.
    """
    typed = visit.state.identity
    verdict = find_person(holders.records, typed.family_name, typed.given_name)
    read_ids, ids = holders.ids, [one.id for one in verdict.guardians]
    found = visit.desk.recoveries.find_asked_by_records(ids or read_ids, visit.now)
    return replace(found, is_somebodys=found.is_somebodys and holders.are_theirs and bool(ids))
