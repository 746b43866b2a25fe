"""« Identifiant oublié »: a text with the identifiant goes to the number that was typed, where an account has it with these names.

Whether one has is told by the text alone: the page, the statements run and the work done are the same (guarantee 1).
"""

from dataclasses import replace
from datetime import timedelta

from idp.journeys import messages
from idp.journeys.answers import TypedIdentity
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Secrets
from idp.journeys.recovery_answers import RecoveryStep
from idp.journeys.recovery_pages import RecoveryVisit
from idp.journeys.recovery_ports import AskedAccount
from idp.journeys.recovery_turns import lock_recovery
from idp.journeys.rows import Message
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.turns import Outcome
from idp.journeys.typed_identity import read_identity
from idp.people.persons import PersonOutcome, find_person

_DAY = timedelta(days=1)


class NamesSteps:
    """Finds the account by names and number, and tells its identifiant to that number."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy, sound_alarm: Alarm) -> None:
        self._secrets = secrets
        self._policy = policy
        self._ceilings = SmsCeilings(secrets, policy)
        self._sound_alarm = sound_alarm

    def submit(self, visit: RecoveryVisit, identity: TypedIdentity, address: str) -> Outcome:
        """Read names and number, look for the account, and send what it has to be told."""
        state = visit.state
        state.identity = identity
        faults, phone = read_identity(identity, fiction=self._policy.fiction)
        if phone is None or faults:
            return Outcome(RecoveryStep.NAMES, faults, consumed=False)
        state.phone = phone.e164
        reached = self._ceilings.count(visit.desk, phone.e164, address, visit.now)
        if reached is not None:
            visit.record("recovery.sms-ceiling", ceiling=reached.name)
            if reached.spent:
                self._sound_alarm(reached.name)
                return lock_recovery(visit, min(reached.wait, self._policy.lock_after_code))
            return lock_recovery(visit, reached.wait)
        holders = visit.desk.people.load_guardians_by_mobile(phone.e164)
        verdict = find_person(holders, identity.family_name, identity.given_name)
        ids = [one.id for one in verdict.guardians] if verdict.outcome is PersonOutcome.MATCH else []
        # Where no name agrees, the number's holders are looked for all the same, for nothing, and else nobody.
        found = visit.desk.recoveries.find_asked_by_records(ids or [one.id for one in holders], visit.now)
        self._send(visit, replace(found, is_somebodys=found.is_somebodys and bool(ids)))
        return Outcome(RecoveryStep.SENT)

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
        numbers = asked.way.sort_numbers(self._policy.sms_countries, self._policy.phone_change_wait, visit.now)
        if not asked.is_somebodys:
            return "nobody", messages.sms_no_account(language=language)
        if asked.way.is_franceconnects_alone:
            return "franceconnect-only", messages.sms_franceconnect_only(language=language)
        waits = [until for phone, until in numbers.waiting if phone.e164 == number]
        if waits and number not in {phone.e164 for phone in numbers.usable}:
            return "number-too-new", messages.sms_number_too_new(paris_time(max(waits)), language=language)
        return "told", messages.sms_identifiant(asked.way.identifiant, language=language)
