"""Step 3 of an activation: each pupil is or is not the person's, and each birth date must be right."""

from collections.abc import Sequence
from datetime import date

from idp.journeys.activation_identity import dates_quota_key, lock_activation
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Fault, PupilAnswer, Step
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Secrets
from idp.journeys.rows import AuditEvent
from idp.journeys.turns import LostRace, Outcome
from idp.people.birth_dates import BirthDateFault, parse_birth_date
from idp.people.identifiants import compose_identifiant, identifiant_stem
from idp.people.kinship import dates_agree
from idp.people.records import Guardian, Kinship, KinshipState

_DATE_CONTROLS = {"missing-month": "mois", "missing-year": "annee"}


class KinshipSteps:
    """Proves the link with every pupil claimed; contests the others; reserves the identifiant."""

    def __init__(self, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._secrets = secrets
        self._policy = policy

    def submit_kinship(self, visit: Visit, answers: Sequence[PupilAnswer]) -> Outcome:
        """Check every answer together: wrong dates never say which one is wrong."""
        state = visit.state
        links = visit.load_kinships()
        if len(links) != len(state.kinship_ids) or len(answers) != len(links):
            # The directory changed under the page, or the form is not ours: show what is true now.
            state.kinship_ids = [link.id for link in links]
            state.answers = []
            return Outcome(Step.KINSHIP)
        state.answers = list(answers)
        faults, dates = _read_answers(links, answers, visit.now.date())
        if faults:
            return Outcome(Step.KINSHIP, faults, consumed=False)
        if dates and not dates_agree([link for link in links if link.id in dates], dates):
            return self._refuse_dates(visit, [i for i, link in enumerate(links, 1) if link.id in dates])
        state.proved_ids = list(dates)
        state.contested_ids = [link.id for link in links if link.id not in dates]
        self._record(visit, "activation.kinship-proved", links=state.proved_ids)
        if state.contested_ids:
            return Outcome(Step.NOT_MINE, proved=bool(dates))
        return self.enter_account(visit)

    def submit_not_mine(self, visit: Visit, *, confirmed: bool) -> Outcome:
        """Contest the links answered « je ne suis pas », or go back to the answers."""
        state = visit.state
        if not confirmed:
            return Outcome(Step.KINSHIP)
        visit.desk.people.contest_kinships(state.contested_ids, visit.now)
        self._record(visit, "activation.kinship-contested", links=state.contested_ids)
        if not state.proved_ids:
            return Outcome(Step.NOBODY_LEFT)
        return self.enter_account(visit)

    def enter_account(self, visit: Visit) -> Outcome:
        """Everything is proved: go on to the password, or tell who is active already that she is."""
        state = visit.state
        if not self.load_standing(visit):
            return self._begin_again(visit)
        accounts = visit.desk.accounts.load_by_guardians(state.guardian_ids)
        if not accounts:
            if not state.identifiant:
                state.identifiant = self._reserve_identifiant(visit)
            return Outcome(Step.PASSWORD, proved=True)
        account = accounts[0]
        self.attach_proved(visit, account.id)
        state.account_id = account.id
        state.resets_password = True
        state.identifiant = account.identifiant
        self._record(visit, "activation.already-active", account_id=account.id)
        return Outcome(Step.ALREADY_ACTIVE, proved=True)

    def _begin_again(self, visit: Visit) -> Outcome:
        """Nothing stands any more of what was proved: it was contested from another browser, or the directory lost it meanwhile."""
        state = visit.state
        self._record(visit, "activation.nothing-stands", links=state.proved_ids)
        state.contested_ids = [link.id for link in visit.load_links(state.proved_ids)]
        return Outcome(Step.NOBODY_LEFT if state.contested_ids else Step.IDENTITY)

    def attach_proved(self, visit: Visit, account_id: int) -> None:
        """Give an account the guardian records and the links that were proved and stand.

        Raises:
            LostRace: Another browser gave one of the records to an account, or contested one of the links, at the same moment.
        """
        links = self.load_standing(visit)
        held = {guardian.id for guardian in self._load_held(visit)}
        for guardian_id in sorted({link.guardian_id for link in links} - held):
            if not visit.desk.accounts.attach_guardian(account_id, guardian_id, visit.now):
                raise LostRace
        if visit.desk.people.confirm_kinships([link.id for link in links], visit.now) != len(links):
            raise LostRace

    def load_standing(self, visit: Visit) -> list[Kinship]:
        """Return the links that were proved and that nobody has contested since."""
        return [link for link in visit.load_links(visit.state.proved_ids) if link.state is not KinshipState.CONTESTED]

    def _load_held(self, visit: Visit) -> tuple[Guardian, ...]:
        """Return the person's guardian records that an account holds already."""
        holders = (
            visit.desk.accounts.load_holder(account.id)
            for account in visit.desk.accounts.load_by_guardians(visit.state.guardian_ids)
        )
        return tuple(guardian for holder in holders if holder is not None for guardian in holder.guardians)

    def _refuse_dates(self, visit: Visit, numbers: Sequence[int]) -> Outcome:
        """Count one try on the code and on each guardian record; mark every date alike."""
        state = visit.state
        state.dates_tries += 1
        left = self._policy.dates_tries - state.dates_tries
        resets_at = visit.now + self._policy.lock_after_code
        for guardian_id in state.guardian_ids:
            limit = self._policy.guardian_dates_tries
            quota = visit.desk.quotas.take(
                dates_quota_key(guardian_id), limit=limit, window=self._policy.guardian_dates_window, now=visit.now
            )
            if limit - quota.used < left:
                left = limit - quota.used
                resets_at = quota.resets_at
        self._record(visit, "activation.dates-wrong", left=max(0, left))
        if left <= 0:
            return lock_activation(visit, resets_at - visit.now, by_dates=True)
        marks = (Fault(f"jour-{number}", "mismatch") for number in numbers)
        return Outcome(Step.KINSHIP, (Fault("", "dates-differ", {"n": left}), *marks))

    def _reserve_identifiant(self, visit: Visit) -> str:
        """Draw four digits until the identifiant was never given.

        Raises:
            RuntimeError: Every draw was taken: more than a few thousand people share this name.
        """
        guardian = visit.desk.people.load_guardians(visit.state.guardian_ids)[0]
        stem = identifiant_stem(guardian.given_names[0], guardian.family_name)
        for _ in range(self._policy.identifiant_tries):
            value = compose_identifiant(stem, self._secrets.digits(4))
            if visit.desk.accounts.reserve_identifiant(value, visit.now):
                return value
        raise RuntimeError("no free identifiant was drawn")

    def _record(self, visit: Visit, event: str, account_id: int | None = None, **details: int | list[int]) -> None:
        visit.desk.ledger.record(
            AuditEvent(
                event,
                reference=visit.row.reference,
                account_id=account_id,
                details={"guardians": visit.state.guardian_ids, **details},
            ),
            visit.now,
        )


def _read_answers(
    links: Sequence[Kinship], answers: Sequence[PupilAnswer], today: date
) -> tuple[tuple[Fault, ...], dict[int, date]]:
    """Return what is wrong with the form, and the date typed for each pupil that is claimed."""
    faults: list[Fault] = []
    dates: dict[int, date] = {}
    for number, (link, answer) in enumerate(zip(links, answers, strict=True), start=1):
        pupil = link.pupil
        if answer.mine is None:
            name = f"{pupil.given_name} {pupil.family_name}"
            faults.append(Fault(f"mine-{number}", "no-answer", {"name": name}))
        elif answer.mine:
            typed = answer.date
            try:
                dates[link.id] = parse_birth_date(typed.day, typed.month, typed.year, today=today)
            except BirthDateFault as fault:
                control = f"{_DATE_CONTROLS.get(fault.code, 'jour')}-{number}"
                faults.append(Fault(control, fault.code, {"given_name": pupil.given_name}))
    return tuple(faults), dates
