"""Steps 1 and 2 of an activation: identity and phone, then the security code.

Whether the school knows the name and the number is told by SMS alone: the pages, the statements run and the work done are the same.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from idp.journeys import messages
from idp.journeys.activation_pages import Visit, seconds_until
from idp.journeys.answers import Fault, Notice, Step, TypedIdentity
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.franceconnect_proof import ProvedIdentity
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Alarm, Secrets
from idp.journeys.rows import AuditEvent, KinshipCount, Message
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.turns import Outcome
from idp.journeys.typed_identity import read_identity, read_phone
from idp.people.identity_matching import MatchVerdict, match_identity
from idp.people.persons import PersonOutcome, PersonVerdict, find_person
from idp.people.phones import PhoneNumber
from idp.people.records import Guardian, KinshipState

_DAY = timedelta(days=1)
_FOR_NOTHING = 4  # records
_SPACES_AND_DASHES = {ord(sign): None for sign in " \t\u00a0\u202f-\u2010\u2011\u2013."}


class IdentitySteps:
    """Reads who the person is and proves that she holds the phone that the school knows."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy, sound_alarm: Alarm) -> None:
        self._secrets = secrets
        self._policy = policy
        self._sms_ceilings = SmsCeilings(secrets, policy)
        self._dates = DatesCeilings(policy)
        self._sound_alarm = sound_alarm

    def submit_identity(self, visit: Visit, identity: TypedIdentity, address: str) -> Outcome:
        """Read names and number, look for the person, and send the code or the text that says what to do."""
        visit.state.identity = identity
        faults, phone = read_identity(identity, fiction=self._policy.fiction)
        if phone is None or faults:
            return Outcome(Step.IDENTITY, faults, consumed=False)
        return self._look_for(
            visit, phone, address, lambda holders: find_person(holders, identity.family_name, identity.given_name)
        )

    def submit_phone(self, visit: Visit, proof: ProvedIdentity, country: str, number: str, address: str) -> Outcome:
        """Read the number of somebody whom FranceConnect recognised; from here on everything is as for anybody."""
        visit.state.identity = TypedIdentity(country=country, number=number)
        faults, phone = read_phone(country, number, fiction=self._policy.fiction)
        if phone is None:
            return Outcome(Step.PHONE, faults, consumed=False)
        return self._look_for(visit, phone, address, lambda holders: match_identity(proof.civil, holders))

    def _look_for(
        self,
        visit: Visit,
        phone: PhoneNumber,
        address: str,
        decide: Callable[[Sequence[Guardian]], PersonVerdict | MatchVerdict],
    ) -> Outcome:
        """Look for the person among those with this number, and send the code or the text that says what to do."""
        state = visit.state
        state.phone = phone.e164
        lock = self._count_sms(visit, address)
        if lock is not None:
            return lock
        holders = visit.desk.people.find_holders(phone.e164)
        verdict = decide(holders.records)
        # Where no name agrees, the links of the number's holders are counted all the same, for nothing (guarantee 1): of a few, however
        # many share it.
        read_ids, ids = holders.ids[:_FOR_NOTHING], [one.id for one in verdict.guardians]
        links = visit.desk.people.count_kinships(ids or read_ids)
        if not holders.are_theirs:
            verdict = PersonVerdict(PersonOutcome.NOBODY, reasons={0: "no record has this phone"})
        known = verdict.outcome == PersonOutcome.MATCH and links.present > links.contested
        state.guardian_ids = [guardian.id for guardian in verdict.guardians] if known else []
        self._audit_identity(visit, verdict, links, known=known)
        self._send_code(visit)
        return Outcome(Step.CODE)

    def resend_code(self, visit: Visit, address: str) -> Outcome:
        """Send another code, which replaces the one before."""
        sent_at = visit.state.code_sent_at
        if sent_at is not None:
            wait = seconds_until(sent_at + self._policy.resend_after, visit.now)
            if wait:
                return Outcome(Step.CODE, notice=Notice.CODE_ON_ITS_WAY, notice_values={"n": wait}, consumed=False)
        lock = self._count_sms(visit, address)
        if lock is not None:
            return lock
        self._send_code(visit)
        return Outcome(Step.CODE, notice=Notice.NEW_CODE_SENT)

    def submit_code(self, visit: Visit, typed: str) -> Outcome:
        """Check the code: five tries, thirty minutes, once."""
        code = normalise_code(typed)
        fault = code_fault(code)
        if fault is not None:
            return Outcome(Step.CODE, (fault,), consumed=False)
        state = visit.state
        if not state.code_hash or state.code_expires_at is None or visit.now >= state.code_expires_at:
            return Outcome(Step.CODE, (Fault("code", "expired"),), consumed=False)
        if self._hash_code(visit, code) != state.code_hash or not state.guardian_ids:
            return self._refuse_code(visit)
        state.guardian_ids = visit.load_still_known()
        if not state.guardian_ids:
            return self._refuse_code(visit)  # the school has another number since: this phone proves nothing any more
        state.code_hash = ""
        self._record(visit, "activation.code-accepted")
        wait = self._dates.load_wait(visit.desk, state.guardian_ids, visit.now)
        if wait is not None:
            return lock_activation(visit, wait, by_dates=True)
        links = visit.desk.people.load_kinships(state.guardian_ids)
        state.kinship_ids = [link.id for link in links if link.state is not KinshipState.CONTESTED]
        state.answers = []
        state.dates_tries = 0
        # Nothing is left to prove where the same person contested every link by another record of hers (guarantee 3).
        return Outcome(Step.KINSHIP if state.kinship_ids else Step.NOBODY_LEFT, proved=True)

    def _count_sms(self, visit: Visit, address: str) -> Outcome | None:
        """Count one text against every ceiling; past one of them the journey waits, known number or not."""
        reached = self._sms_ceilings.count(visit.desk, visit.state.phone, address, visit.now)
        if reached is None:
            return None
        self._record(visit, "activation.sms-ceiling", ceiling=reached.name)
        if not reached.spent:
            return lock_activation(visit, reached.wait)
        self._sound_alarm(reached.name)
        # Not until the budget comes back: whoever is on duty may raise it before.
        return lock_activation(visit, min(reached.wait, self._policy.lock_after_code))

    def _send_code(self, visit: Visit) -> None:
        """Draw a code in every case; send it when the person is known, else the text that says what to do."""
        state = visit.state
        code = self._secrets.digits(6)
        state.code_hash = self._hash_code(visit, code)
        state.code_expires_at = visit.now + self._policy.code_lifetime
        state.code_sent_at = visit.now
        state.code_tries = 0
        if not state.phone.startswith(self._policy.sms_countries):
            self._record(visit, "activation.sms-country-refused")
            return
        # Both are written, whichever is sent (guarantee 1).
        coded = messages.sms_code(code, bound_host=self._policy.bound_host, language=state.language)
        no_match = messages.sms_no_match(language=state.language)
        known = bool(state.guardian_ids)
        is_first = self._count_text(visit, "sms-s1" if known else "sms-s2")
        withheld = not known and not (is_first and self._policy.sends_s2)
        self._put(visit, coded if known else no_match, withheld=withheld)

    def _put(self, visit: Visit, body: str, *, withheld: bool = False) -> None:
        """Write a text down, to be sent or not: in both cases the same statements."""
        text = Message("sms", visit.state.phone, messages.marked(body, test_instance=self._policy.fiction))
        keep = visit.desk.outbox.withhold if withheld else visit.desk.outbox.put
        keep(text, at=visit.now)

    def _count_text(self, visit: Visit, kind: str) -> bool:
        """Count a text of this kind to this number; tell whether it is the day's first, as the one for an unknown person must be."""
        number = self._secrets.keyed_hash("quota", visit.state.phone)
        return visit.desk.quotas.take(f"{kind}:{number}", limit=1, window=_DAY, now=visit.now).allowed

    def _hash_code(self, visit: Visit, code: str) -> str:
        return self._secrets.keyed_hash("security-code", f"{visit.row.id}:{code}")

    def _refuse_code(self, visit: Visit) -> Outcome:
        state = visit.state
        state.code_tries += 1
        left = self._policy.code_tries - state.code_tries
        self._record(visit, "activation.code-wrong", left=left)
        if left <= 0:
            state.code_hash = ""
            return lock_activation(visit, self._policy.lock_after_code)
        return Outcome(Step.CODE, (Fault("code", "wrong", {"n": left}),))

    def _audit_identity(
        self, visit: Visit, verdict: PersonVerdict | MatchVerdict, links: KinshipCount, *, known: bool
    ) -> None:
        """Write down why, for the school's office: the reasons of the decision table, no name and no number."""
        reasons = sorted(set(verdict.reasons.values()))
        outcome = "match" if known else str(verdict.outcome)
        if verdict.outcome == PersonOutcome.MATCH and not known:
            outcome = "every link is contested" if links.present else "not a legal guardian of any pupil"
        self._record(visit, "activation.identity", outcome=outcome, reasons="; ".join(reasons))

    def _record(self, visit: Visit, event: str, **details: str | int) -> None:
        visit.desk.ledger.record(
            AuditEvent(
                event,
                reference=visit.row.reference,
                details={"guardians": visit.state.guardian_ids, **details},
            ),
            visit.now,
        )


def lock_activation(visit: Visit, wait: timedelta, *, by_dates: bool = False) -> Outcome:
    """Close the activation for a while."""
    visit.state.locked_until = visit.now + wait
    visit.state.locked_by_dates = by_dates
    visit.desk.ledger.record(
        AuditEvent(
            "activation.locked",
            reference=visit.row.reference,
            details={
                "guardians": visit.state.guardian_ids,
                "cause": "dates" if by_dates else "tries",
                "seconds": int(wait.total_seconds()),
            },
        ),
        visit.now,
    )
    return Outcome(Step.LOCKED)


def normalise_code(typed: str) -> str:
    """Return a code without the spaces and dashes that a paste brings along."""
    return typed.translate(_SPACES_AND_DASHES)


def code_fault(code: str) -> Fault | None:
    """Return what is wrong with the form of a code; none of it uses a try."""
    if not code:
        return Fault("code", "empty")
    if not (code.isascii() and code.isdigit()):
        return Fault("code", "signs")
    if len(code) != 6:
        return Fault("code", "length", {"n": len(code)})
    return None
