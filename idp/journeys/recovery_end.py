"""The end of « Mot de passe oublié »: one child's birth date, and the new password that it allows (guarantee 7)."""

from idp.journeys.answers import Fault, TypedDate
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.new_password import JudgedPassword, NewPassword, own_words_of
from idp.journeys.policy import ActivationPolicy
from idp.journeys.recovery_answers import RecoveryStep
from idp.journeys.recovery_pages import RecoveryVisit
from idp.journeys.recovery_proof import ProofSteps
from idp.journeys.recovery_turns import lock_recovery
from idp.journeys.turns import Outcome
from idp.people.birth_dates import BirthDateFault, parse_birth_date

_DATE_CONTROLS = {"missing-month": "mois", "missing-year": "annee"}


class EndSteps:
    """Checks the date, and keeps the password."""

    def __init__(
        self, proof: ProofSteps, new_password: NewPassword, sign_in_ceilings: SignInCeilings, policy: ActivationPolicy
    ) -> None:
        self._proof = proof
        self._new_password = new_password
        self._sign_in_ceilings = sign_in_ceilings
        self._dates = DatesCeilings(policy)

    def submit_date(self, visit: RecoveryVisit, typed: TypedDate) -> Outcome:
        """Compare with the birth dates of the children whose link is confirmed: any one of them will do."""
        state = visit.state
        state.date = typed
        try:
            date = parse_birth_date(typed.day, typed.month, typed.year, today=visit.now.date())
        except BirthDateFault as fault:
            control = _DATE_CONTROLS.get(fault.code, "jour")
            return Outcome(RecoveryStep.DATE, (Fault(control, f"one-{fault.code}"),), consumed=False)
        if not self._proof.still_stands(visit):
            return _begin_again(visit)
        holder = self._proof.load_holder(visit)
        if holder is None or not holder.kinships:
            visit.record("recovery.no-child")
            return Outcome(RecoveryStep.OFFICE)
        if sum(link.pupil.birth_date == date for link in holder.kinships):  # all are compared
            visit.record("recovery.date-accepted")
            return Outcome(RecoveryStep.PASSWORD, proved=True)
        state.dates_tries += 1
        ids = [one.id for one in holder.guardians]
        left = self._dates.count_wrong(visit.desk, ids, state.dates_tries, visit.now)
        visit.record("recovery.date-wrong", left=left.count)
        if not left.count:
            return lock_recovery(visit, left.wait, by_dates=True)
        return Outcome(RecoveryStep.DATE, (Fault("jour", "one-differs", {"n": left.count}),))

    def judge(self, visit: RecoveryVisit, password: str, confirmation: str) -> JudgedPassword:
        """Return what is wrong with a password, and remember its strength."""
        holder = self._proof.load_holder(visit)
        judged = self._new_password.read(password, confirmation, own_words_of(holder) if holder else ())
        visit.state.strength = judged.strength
        return judged

    def set_password(self, visit: RecoveryVisit, password_hash: str, address: str) -> Outcome:
        """Keep the password with all that follows; whoever tried wrong ones before need not wait any more."""
        holder = self._proof.load_holder(visit)
        if holder is None or not self._proof.still_stands(visit):
            return _begin_again(visit)
        self._new_password.keep(
            visit.desk, holder, password_hash, visit.now, by="recovery", reference=visit.row.reference
        )
        self._sign_in_ceilings.forget_refusals(visit.desk, holder.account.identifiant, address)
        visit.state.forget_typed()
        visit.state.done_at = visit.now
        return Outcome(RecoveryStep.DONE, proved=True)


def _begin_again(visit: RecoveryVisit) -> Outcome:
    """Nothing stands any more of what was proved."""
    visit.record("recovery.nothing-stands")
    visit.state.account_id = None
    return Outcome(visit.state.door)
