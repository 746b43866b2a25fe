"""Steps 4 and 5 of an activation: the password, and the account that it makes."""

from idp.journeys import messages
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Fault, Step
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import PasswordJudge, Secrets
from idp.journeys.rows import AuditEvent, Message
from idp.journeys.turns import LostRace, Outcome
from idp.people.passwords import password_fault
from idp.people.records import Guardian


class PasswordSteps:
    """Judges a password, then makes the account or gives the active one its new password."""

    def __init__(self, secrets: Secrets, judge: PasswordJudge, kinship: KinshipSteps, policy: ActivationPolicy) -> None:
        self._secrets = secrets
        self._judge = judge
        self._kinship = kinship
        self._policy = policy

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
        """Go from « Votre compte est déjà activé » to the password page."""
        del visit
        return Outcome(Step.PASSWORD)

    def set_password(self, visit: Visit, password_hash: str) -> Outcome:
        """Make the account with everything that was proved, in one transaction with its message and its audit line."""
        if visit.state.account_id is not None:
            return self._replace_password(visit, visit.state.account_id, password_hash)
        if visit.desk.accounts.load_by_guardians(visit.state.guardian_ids) or not self._kinship.load_standing(visit):
            # Another browser finished first, and nothing is duplicated; or nothing stands any more of what was proved.
            return self._kinship.enter_account(visit)
        return self._make_account(visit, password_hash)

    def _make_account(self, visit: Visit, password_hash: str) -> Outcome:
        """Make the account.

        Raises:
            LostRace: The same form, sent twice, made it at the same moment; or another browser was as fast.
        """
        state = visit.state
        guardian = self._load_guardians(visit)[0]
        account_id = visit.desk.accounts.add_account(
            identifiant=state.identifiant,
            subject_seed=self._secrets.token(),
            password_hash=password_hash,
            family_name=guardian.family_name,
            given_name=guardian.given_names[0],
            at=visit.now,
        )
        if account_id is None:
            raise LostRace
        state.account_id = account_id
        self._kinship.attach_proved(visit, account_id)
        self._send(visit, messages.sms_activated(state.identifiant))
        return self._finish(visit, "activation.account-made")

    def _replace_password(self, visit: Visit, account_id: int, password_hash: str) -> Outcome:
        visit.desk.accounts.set_password(account_id, password_hash, visit.now)
        visit.desk.sessions.end_account_sessions(account_id, visit.now)
        self._send(visit, messages.sms_password_changed(paris_time(visit.now)))
        return self._finish(visit, "account.password-changed")

    def _finish(self, visit: Visit, event: str) -> Outcome:
        state = visit.state
        visit.desk.ledger.record(
            AuditEvent(
                event,
                reference=visit.row.reference,
                account_id=state.account_id,
                details={"guardians": state.guardian_ids, "links": state.proved_ids},
            ),
            visit.now,
        )
        state.forget_typed()
        state.done_at = visit.now
        return Outcome(Step.DONE, proved=True)

    def _send(self, visit: Visit, body: str) -> None:
        text = messages.marked(body, test_instance=self._policy.fiction)
        visit.desk.outbox.put(Message("sms", visit.state.phone, text), at=visit.now)

    def _load_guardians(self, visit: Visit) -> list[Guardian]:
        """Return the records with a proved link first: the account takes its name from one of these."""
        proved = {link.guardian_id for link in visit.load_links(visit.state.proved_ids)}
        guardians = visit.desk.people.load_guardians(visit.state.guardian_ids)
        return sorted(guardians, key=lambda guardian: guardian.id not in proved)

    def _own_words(self, visit: Visit) -> tuple[str, ...]:
        """Return the names that the password may not hold: the person's and the children's."""
        words: list[str] = []
        for guardian in self._load_guardians(visit):
            words += (guardian.family_name, guardian.birth_name, *guardian.given_names)
        for link in visit.load_links(visit.state.proved_ids):
            words += (link.pupil.family_name, link.pupil.given_name)
        return tuple(word for word in words if word)
