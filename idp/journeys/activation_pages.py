"""What each page of an activation shows, from what is kept and found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from idp.journeys.activation_state import ActivationState
from idp.journeys.answers import ActivationPage, ChildLine, PupilAnswer, PupilLine, Step
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import ClientRegistry, UnitOfWork
from idp.journeys.rows import ActivationRow
from idp.journeys.turns import Outcome, Turns
from idp.people.passwords import rules_met
from idp.people.phones import PhoneNumber
from idp.people.records import Kinship
from idp.protocol.client import Client


@dataclass(slots=True)
class Visit:
    """One request of one browser: the row, what it remembers, the stores, the hour."""

    desk: UnitOfWork
    row: ActivationRow
    state: ActivationState
    now: datetime
    session: str = ""  # the session cookie's value: that session ends when another is opened over it
    accounts: str = ""  # the cookie of the accounts beside: theirs end too
    new_session: str = ""  # the secret of a session that this request may open
    device: str = ""  # of `journeys.devices`, for that session

    @property
    def step(self) -> Step:
        """Where the person stands."""
        return Step(self.row.step)

    @property
    def first_step(self) -> Step:
        """Where somebody begins: with her names, unless FranceConnect told them."""
        return Step.IDENTITY if self.state.proof is None else Step.PHONE

    @property
    def is_of_session(self) -> bool:
        """Whether the page belongs to somebody who is signed in: what FranceConnect opened, and the password added to it."""
        return self.state.proof is not None and self.state.account_id is not None

    def load_kinships(self) -> list[Kinship]:
        """Return the links shown to the person, in the order of the page."""
        return self.load_links(self.state.kinship_ids)

    def load_links(self, ids: Sequence[int]) -> list[Kinship]:
        """Return some of the person's links, in the order of `ids`; one that left the directory is missing."""
        links = {link.id: link for link in self.desk.people.load_kinships(self.state.guardian_ids)}
        return [links[id_] for id_ in ids if id_ in links]

    def load_still_known(self) -> list[int]:
        """Return the person's records that still have the number that was proved: an import may have taken it away since."""
        guardians = self.desk.people.load_guardians(self.state.guardian_ids)
        return [one.id for one in guardians if one.mobile is not None and one.mobile.e164 == self.state.phone]


class ActivationPages:
    """Composes the page of a step."""

    def __init__(self, turns: Turns, clients: ClientRegistry, policy: ActivationPolicy) -> None:
        self._turns = turns
        self._clients = clients
        self._policy = policy
        self._fillers = {
            Step.IDENTITY: self._identity,
            Step.PHONE: self._phone,
            Step.CODE: self._code,
            Step.KINSHIP: self._kinship,
            Step.NOT_MINE: self._not_mine,
            Step.NOBODY_LEFT: self._not_mine,
            Step.PASSWORD: self._password,
            Step.DONE: self._done,
            Step.ALREADY_ACTIVE: self._done,
            Step.LOCKED: self._locked,
            Step.LINKED: self._done,
            Step.OTHER_IDENTITY: self._refused,
            Step.CONTRADICTED: self._refused,
            Step.FRANCECONNECT_ONLY: self._refused,
        }

    def compose(self, visit: Visit, step: Step, outcome: Outcome | None = None, password: str = "") -> ActivationPage:
        """Return the page of `step`.

        Args:
            visit: The request.
            step: The step whose page is shown; the person's own, or an earlier one that may still be changed.
            outcome: What the POST before it led to.
            password: The refused password, from which the page tells the rules that it meets; it is never shown.
        """
        said = outcome or Outcome(step)
        page = ActivationPage(
            step=step,
            form_token=self._turns.form_token(visit.row.id, visit.row.turn),
            faults=said.faults,
            notice=said.notice,
            notice_values=said.notice_values,
            by_franceconnect=visit.state.proof is not None,
        )
        page = self._fillers[step](visit, page)
        if password:
            return replace(page, rules_met=rules_met(password), strength=visit.state.strength)
        return page

    def _identity(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        return replace(page, identity=visit.state.identity)

    def _phone(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        proof = visit.state.proof
        return replace(
            page,
            identity=visit.state.identity,
            person_name=proof.shown if proof else "",
            sub_changed=visit.state.sub_changed,
        )

    def _refused(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        return replace(page, reference=visit.row.reference)

    def _code(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        state = visit.state
        phone = PhoneNumber(state.phone)
        sent = state.code_sent_at or visit.now
        return replace(
            page,
            masked_phone=phone.masked,
            phone_ending=phone.ending,
            resend_in=seconds_until(sent + self._policy.resend_after, visit.now),
            tries_left=self._policy.code_tries - state.code_tries,
            sends_s2=self._policy.sends_s2,
            reference=visit.row.reference,
        )

    def _kinship(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        state = visit.state
        answers = state.answers or [PupilAnswer()] * len(state.kinship_ids)
        lines = (
            PupilLine(number, link.pupil.given_name, link.pupil.family_name, answer)
            for number, (link, answer) in enumerate(zip(visit.load_kinships(), answers, strict=False), start=1)
        )
        return replace(page, pupils=tuple(lines), tries_left=self._policy.dates_tries - state.dates_tries)

    def _not_mine(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        links = visit.load_links(visit.state.contested_ids)
        return replace(
            page,
            pupils=tuple(
                PupilLine(number, link.pupil.given_name, link.pupil.family_name)
                for number, link in enumerate(links, start=1)
            ),
            reference=visit.row.reference,
        )

    def _password(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        return replace(page, identifiant=visit.state.identifiant, resets_password=visit.state.resets_password)

    def _done(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        state = visit.state
        holder = None if state.account_id is None else visit.desk.accounts.load_holder(state.account_id)
        ent = self._load_ent(visit)
        return replace(
            page,
            identifiant=state.identifiant,
            strength=state.strength,
            resets_password=state.resets_password,
            has_password=holder is not None and holder.account.password_hash is not None,
            children=()
            if holder is None
            else tuple(
                ChildLine(
                    link.pupil.given_name,
                    link.pupil.family_name,
                    link.school.name if link.school else "",
                    link.state,
                )
                for link in holder.kinships
            ),
            person_name="" if holder is None else f"{holder.account.given_name} {holder.account.family_name}",
            ent_name=ent.client_name if ent else "",
            ent_uri=ent.home_uri if ent else "",
            resume_handle=None if state.proof is None else state.handle,
        )

    def _locked(self, visit: Visit, page: ActivationPage) -> ActivationPage:
        state = visit.state
        return replace(
            page,
            reference=visit.row.reference,
            retry_after=seconds_until(state.locked_until or visit.now, visit.now),
            locked_by_dates=state.locked_by_dates,
        )

    def _load_ent(self, visit: Visit) -> Client | None:
        """Return the ENT that sent the person, else the first that says where its home is."""
        if visit.row.interaction_id:
            interaction = visit.desk.interactions.load_interaction_by_id(visit.row.interaction_id)
            if interaction is not None and interaction.client_id:
                client = self._clients.load_client(interaction.client_id)
                if client is not None and client.home_uri:
                    return client
        return next((client for client in self._clients.load_clients() if client.home_uri), None)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Return the whole seconds left before `moment`, 0 once it has passed."""
    return max(0, ceil((moment - now).total_seconds()))
