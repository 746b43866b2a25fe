"""Steps 4 and 5 of an activation: the password, and the account that it makes."""

from idp.journeys import messages
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Fault, Step
from idp.journeys.local_time import paris_time
from idp.journeys.ports import PasswordJudge
from idp.journeys.session_end import SessionEnd
from idp.journeys.turns import Outcome
from idp.people.passwords import password_fault


class PasswordSteps:
    """Judges a password, then makes the account or gives the active one its new password."""

    def __init__(
        self, judge: PasswordJudge, kinship: KinshipSteps, parts: AccountParts, session_end: SessionEnd
    ) -> None:
        self._judge = judge
        self._kinship = kinship
        self._parts = parts
        self._session_end = session_end

    def read_password(self, visit: Visit, password: str, confirmation: str) -> tuple[Fault, ...]:
        """Return what is wrong with a new password, and remember its strength."""
        own_words = self._own_words(visit)
        faults = []
        code = password_fault(password, own_words=own_words, is_common=self._judge.is_common)
        if code is not None:
            faults.append(Fault("mot-de-passe", code, {"n": len(password)}))
        if not confirmation:
            faults.append(Fault("confirmation", "empty"))
        elif confirmation != password:
            faults.append(Fault("confirmation", "differs"))
        visit.state.strength = self._judge.strength(password, own_words) if password else 0
        return tuple(faults)

    def choose_new_password(self, visit: Visit) -> Outcome:
        """Go from « Votre compte est déjà activé », or from « Ajouter aussi un mot de passe », to the password page."""
        del visit
        return Outcome(Step.PASSWORD)

    def set_password(self, visit: Visit, password_hash: str) -> Outcome:
        """Make the account with everything that was proved, in one transaction with its message and its audit line."""
        account_id = visit.state.account_id
        if account_id is not None:
            change = self._replace_password if visit.state.proof is None else self._add_password
            return change(visit, account_id, password_hash)
        if visit.desk.accounts.load_by_guardians(visit.state.guardian_ids) or not self._parts.load_standing(visit):
            # Another browser finished first, and nothing is duplicated; or nothing stands any more of what was proved.
            return self._kinship.enter_account(visit)
        return self._make_account(visit, password_hash)

    def _make_account(self, visit: Visit, password_hash: str) -> Outcome:
        self._parts.make_account(visit, password_hash)
        self._parts.send(visit, messages.sms_activated(visit.state.identifiant))
        return self._finish(visit, "activation.account-made")

    def _replace_password(self, visit: Visit, account_id: int, password_hash: str) -> Outcome:
        """Replace a password that was proved to be somebody's own; one that FranceConnect's first link took away stays away."""
        holder = visit.desk.accounts.load_holder(account_id)
        if holder is None or self._parts.is_franceconnects_alone(visit, holder.account):
            self._parts.record(visit, "activation.franceconnect-only", account_id)
            return Outcome(Step.FRANCECONNECT_ONLY)
        visit.desk.accounts.set_password(account_id, password_hash, visit.now)
        self._session_end.end_all(visit.desk, account_id, visit.now)
        self._parts.send(visit, messages.sms_password_changed(paris_time(visit.now)))
        return self._finish(visit, "account.password-changed")

    def _add_password(self, visit: Visit, account_id: int, password_hash: str) -> Outcome:
        """Give a password to somebody who is signed in through FranceConnect; she stays signed in."""
        visit.desk.accounts.set_password(account_id, password_hash, visit.now)
        self._parts.send(visit, messages.sms_activated(visit.state.identifiant))
        visit.state.resets_password = False  # it is her identifiant that she must note
        return self._finish(visit, "account.password-added")

    def _finish(self, visit: Visit, event: str) -> Outcome:
        state = visit.state
        self._parts.record(visit, event, state.account_id, links=state.proved_ids)
        state.forget_typed()
        state.done_at = visit.now
        return Outcome(Step.DONE, proved=True)

    def _own_words(self, visit: Visit) -> tuple[str, ...]:
        """Return the names that the password may not hold: the person's and the children's."""
        words: list[str] = []
        for guardian in self._parts.load_guardians(visit):
            words += (guardian.family_name, guardian.birth_name, *guardian.given_names)
        for link in visit.load_links(visit.state.proved_ids):
            words += (link.pupil.family_name, link.pupil.given_name)
        return tuple(word for word in words if word)
