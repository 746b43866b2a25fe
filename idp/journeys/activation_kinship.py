"""Step 3 of an activation: each pupil is or is not the person's, and each birth date must be right."""

from collections.abc import Sequence
from datetime import date

from idp.journeys import messages
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_identity import lock_activation
from idp.journeys.activation_linked import LinkingSteps
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Fault, PupilAnswer, Step
from idp.journeys.dates_ceilings import DatesCeilings
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.turns import Outcome
from idp.people.birth_dates import BirthDateFault, parse_birth_date
from idp.people.kinship import dates_agree
from idp.people.records import Kinship, KinshipState

_DATE_CONTROLS = {"missing-month": "mois", "missing-year": "annee"}


class KinshipSteps:
    """Proves the link with every pupil claimed; contests the others; reserves the identifiant."""

    def __init__(self, parts: AccountParts, linking: LinkingSteps, policy: ActivationPolicy) -> None:
        self._parts = parts
        self._linking = linking
        self._dates = DatesCeilings(policy)

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
        faults, dates = read_answers(links, answers, visit.now.date())
        if faults:
            return Outcome(Step.KINSHIP, faults, consumed=False)
        if dates and not dates_agree([link for link in links if link.id in dates], dates):
            return self._refuse_dates(visit, [i for i, link in enumerate(links, 1) if link.id in dates])
        state.proved_ids = list(dates)
        state.contested_ids = [link.id for link in links if link.id not in dates]
        self._parts.record(visit, "activation.kinship-proved", links=state.proved_ids)
        if state.contested_ids:
            return Outcome(Step.NOT_MINE, proved=bool(dates))
        return self.enter_account(visit)

    def submit_not_mine(self, visit: Visit, *, confirmed: bool) -> Outcome:
        """Contest the links answered « je ne suis pas », or go back to the answers."""
        state = visit.state
        if not confirmed:
            return Outcome(Step.KINSHIP)
        visit.desk.people.contest_kinships(state.contested_ids, visit.now)
        self._parts.record(visit, "activation.kinship-contested", links=state.contested_ids)
        if not state.proved_ids:
            return Outcome(Step.NOBODY_LEFT)
        return self.enter_account(visit)

    def enter_account(self, visit: Visit) -> Outcome:
        """Everything is proved: go on to the password, or tell who is active already that she is."""
        state = visit.state
        if not self.still_stands(visit):
            return self._begin_again(visit)
        if state.proof is not None:
            return self._linking.link(visit, state.proof)
        accounts = visit.desk.accounts.load_by_guardians(state.guardian_ids)
        if not accounts:
            if not state.identifiant:
                state.identifiant = self._parts.reserve_identifiant(visit)
            return Outcome(Step.PASSWORD, proved=True)
        account = accounts[0]
        self._parts.attach_proved(visit, account.id)
        if self._parts.is_franceconnects_alone(visit, account):
            self._parts.record(visit, "activation.franceconnect-only", account.id)
            return Outcome(Step.FRANCECONNECT_ONLY, proved=True)
        state.account_id = account.id
        state.resets_password = True
        state.identifiant = account.identifiant
        wait = self._parts.load_wait(visit, account.id)
        if wait is not None:
            # A new number tells neither identifiant nor password, whichever road leads here: the page shows none, and a text says why.
            state.identifiant = ""
            self._parts.send(visit, messages.sms_number_too_new(paris_time(wait), language=state.language))
        self._parts.record(visit, "activation.already-active", account_id=account.id)
        return Outcome(Step.ALREADY_ACTIVE, proved=True)

    def still_stands(self, visit: Visit) -> bool:
        """Tell whether what was proved proves something still: the number is the school's, and a link is there that nobody contested.

        Looked at again at each step, as in a recovery: whoever holds a number that the school gave up gets no account by it.
        """
        return visit.load_still_known() == sorted(visit.state.guardian_ids) and bool(self._parts.load_standing(visit))

    def _begin_again(self, visit: Visit) -> Outcome:
        """Nothing stands any more of what was proved: it was contested from another browser, or the directory lost it meanwhile."""
        state = visit.state
        self._parts.record(visit, "activation.nothing-stands", links=state.proved_ids)
        contested = [link for link in visit.load_links(state.proved_ids) if link.state is KinshipState.CONTESTED]
        state.contested_ids = [link.id for link in contested]
        # Whoever types other names next is nobody of before.
        state.account_id, state.identifiant, state.resets_password = None, "", False
        return Outcome(Step.NOBODY_LEFT if state.contested_ids else visit.first_step)

    def _refuse_dates(self, visit: Visit, numbers: Sequence[int]) -> Outcome:
        """Count one try on the code and on each guardian record; mark every date alike."""
        state = visit.state
        state.dates_tries += 1
        left = self._dates.count_wrong(visit.desk, state.guardian_ids, state.dates_tries, visit.now)
        self._parts.record(visit, "activation.dates-wrong", left=left.count)
        if not left.count:
            return lock_activation(visit, left.wait, by_dates=True)
        marks = (Fault(f"jour-{number}", "mismatch") for number in numbers)
        return Outcome(Step.KINSHIP, (Fault("", "dates-differ", {"n": left.count}), *marks))


def read_answers(
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
