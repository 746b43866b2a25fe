"""Steps 4 and 5 of an activation: the password, and the account that it makes."""

from idp.journeys import messages
from idp.journeys.activation_account import AccountParts
from idp.journeys.activation_kinship import KinshipSteps
from idp.journeys.activation_pages import Visit
from idp.journeys.answers import Fault, Notice, Step
from idp.journeys.new_password import NewPassword, own_words
from idp.journeys.turns import Outcome


class PasswordSteps:
    """Judges a password, then makes the account or gives the active one its new password."""

    def __init__(self, new_password: NewPassword, kinship: KinshipSteps, parts: AccountParts) -> None:
        self._new_password = new_password
        self._kinship = kinship
        self._parts = parts

    def read_password(self, visit: Visit, password: str, confirmation: str) -> tuple[Fault, ...]:
        """Return what is wrong with a new password, and remember its strength."""
        pupils = (link.pupil for link in visit.load_links(visit.state.proved_ids))
        judged = self._new_password.read(password, confirmation, own_words(self._parts.load_guardians(visit), pupils))
        visit.state.strength = judged.strength
        return judged.faults

    def choose_new_password(self, visit: Visit) -> Outcome:
        """Go from « Votre compte est déjà activé », or from « Ajouter aussi un mot de passe », to the password page."""
        account_id = visit.state.account_id
        if visit.state.proof is None and account_id is not None and self._parts.load_wait(visit, account_id):
            return Outcome(Step.ALREADY_ACTIVE)
        return Outcome(Step.PASSWORD)

    def set_password(self, visit: Visit, password_hash: str) -> Outcome:
        """Make the account with everything that was proved, in one transaction with its message and its audit line."""
        account_id = visit.state.account_id
        if account_id is not None and visit.state.proof is not None:
            return self._add_password(visit, account_id, password_hash)
        stands = self._kinship.still_stands(visit)
        if account_id is not None and stands:
            return self._replace_password(visit, account_id, password_hash)
        if not stands or visit.desk.accounts.load_by_guardians(visit.state.guardian_ids):
            # Another browser finished first, and nothing is duplicated; or nothing stands any more of what was proved.
            return self._kinship.enter_account(visit)
        return self._make_account(visit, password_hash)

    def _make_account(self, visit: Visit, password_hash: str) -> Outcome:
        self._parts.make_account(visit, password_hash)
        self._parts.send(visit, messages.sms_activated(visit.state.identifiant, language=visit.state.language))
        self._parts.record(visit, "activation.account-made", visit.state.account_id, links=visit.state.proved_ids)
        return _finish(visit)

    def _replace_password(self, visit: Visit, account_id: int, password_hash: str) -> Outcome:
        """Replace a password that was proved to be somebody's own; one that FranceConnect's first link took away stays away."""
        holder = visit.desk.accounts.load_holder(account_id)
        if holder is None or self._parts.is_franceconnects_alone(visit, holder.account):
            self._parts.record(visit, "activation.franceconnect-only", account_id)
            return Outcome(Step.FRANCECONNECT_ONLY)
        if self._parts.load_wait(visit, account_id):
            return Outcome(Step.ALREADY_ACTIVE)
        self._new_password.keep(
            visit.desk, holder, password_hash, visit.now, by="activation", reference=visit.row.reference
        )
        return _finish(visit)

    def _add_password(self, visit: Visit, account_id: int, password_hash: str) -> Outcome:
        """Give a first password to somebody who is signed in through FranceConnect; she stays signed in.

        One that she chose elsewhere meanwhile stays: whoever replaces it proves it first (guarantee 7).
        """
        # The account's row first, as everywhere.
        if not visit.desk.accounts.note_sign_in(account_id, visit.now, password_hash=None):
            return Outcome(Step.LINKED, notice=Notice.ALREADY_DONE)
        visit.desk.accounts.set_password(account_id, password_hash, visit.now)
        self._parts.tell_elsewhere(
            visit, account_id, lambda language: self._new_password.announce(visit.now, language, is_first=True)
        )
        self._parts.send(visit, messages.sms_activated(visit.state.identifiant, language=visit.state.language))
        visit.state.resets_password = False  # it is her identifiant that she must note
        self._parts.record(visit, "account.password-added", account_id, links=visit.state.proved_ids)
        return _finish(visit)


def _finish(visit: Visit) -> Outcome:
    visit.state.forget_typed()
    visit.state.done_at = visit.now
    return Outcome(Step.DONE, proved=True)
