"""A new password for somebody who is signed in: the current one first, or a proof through FranceConnect where there is none."""

from dataclasses import replace
from datetime import datetime

from idp.journeys.account_answers import AccountNotice, AtHome, OtherPage, OwnPasswordPage, PasswordKept
from idp.journeys.account_forms import AccountForms, SentForm
from idp.journeys.answers import Fault, Forged
from idp.journeys.current_password import CONTROL, CurrentPassword
from idp.journeys.new_password import NewPassword, own_words_of
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.rows import AuditEvent
from idp.journeys.turns import LostRace, Outcome
from idp.people.passwords import normalise_password, rules_met
from idp.people.records import AccountHolder

FORM = "own-password"
_KEPT = "kept"


class OwnPassword:
    """« Changer mon mot de passe », and « Ajouter un mot de passe »."""

    def __init__(
        self, *, stores: Stores, clock: Clock, secrets: Secrets, current: CurrentPassword, new_password: NewPassword
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._current = current
        self._new_password = new_password
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome, *, adds: bool) -> OwnPasswordPage | OtherPage:
        """Return the page.

        Args:
            home: Who is there; to add a first password, with a proof of now.
            adds: Whether it is a first one.
        """
        with self._stores.reading() as desk:
            holder = desk.accounts.load_holder(home.live.account_id)
        return self._page(home, holder, adds=adds)

    def submit(
        self,
        home: AtHome,
        form_token: str,
        typed: str,
        password: str,
        confirmation: str,
        address: str,
        known: str | None,
        *,
        adds: bool,
    ) -> OwnPasswordPage | PasswordKept | OtherPage | Forged:
        """Check the current password, keep the new one, and put everybody else out.

        The session gets another secret: whoever holds a copy of the former one is out too.

        Args:
            home: Who is there, as above.
            form_token: The form's `jeton`.
            typed: The current password, as typed; not looked at where a first one is added.
            password: The new one, as typed.
            confirmation: As typed.
            address: The peer's network address, for the ceilings.
            known: Value of the cookie of a browser in which somebody signed in before.
            adds: Whether it is a first one.
        """
        now = self._clock.now()
        values = (typed, password, confirmation)
        with self._stores.reading() as desk:
            holder = desk.accounts.load_holder(home.live.account_id)
            sent = self._forms.read(desk, home.live, FORM, form_token, values, now)
        if sent is None:
            return Forged()
        page = self._page(home, holder, adds=adds)
        if sent.before is not None:
            return self._repeat(home, page, form_token, sent.before, adds=adds)
        if holder is None or isinstance(page, OtherPage):
            return page
        judged = self._new_password.read(password, confirmation, own_words_of(holder))
        faults = judged.faults if adds else self._join_faults(judged.faults, typed, password)
        if faults:
            met = rules_met(password)
            return replace(page, faults=faults, rules_met=met, strength=judged.strength)
        try:
            if not adds:
                fault = self._current.find_fault(holder.account, typed, address, known, now)
                if fault is not None:
                    self._refuse(holder, sent, fault, address, known)
                    return _with_fault(page, fault)
            return _kept(self._keep(home, holder, sent, form_token, password), adds=adds)
        except LostRace:
            with self._stores.reading() as desk:
                double = self._forms.read(desk, home.live, FORM, form_token, values, now)
            if double is None or double.before is None:
                return self.show(home, adds=adds)
            return self._repeat(home, page, form_token, double.before, adds=adds)

    def _repeat(
        self, home: AtHome, page: OwnPasswordPage | OtherPage, form_token: str, before: Outcome, *, adds: bool
    ) -> OwnPasswordPage | PasswordKept | OtherPage:
        """Return what the form was answered when it came first."""
        if before.step == _KEPT:
            with self._stores.reading() as desk:
                return _kept(self._forms.load_secret(desk, home, form_token), adds=adds)
        return page if isinstance(page, OtherPage) else replace(page, faults=before.faults)

    def _keep(self, home: AtHome, holder: AccountHolder, sent: SentForm, form_token: str, password: str) -> str:
        """Keep it and return the session's new secret.

        Raises:
            LostRace: The password was changed meanwhile, the session has ended, or another form was faster.
        """
        encoded = self._new_password.hash(password)
        now = self._clock.now()
        secret = self._forms.next_secret(home.secret, form_token)
        secret_hash = self._secrets.keyed_hash("session", secret)
        account = holder.account
        with self._stores.writing() as desk:
            # The account's row first, as everywhere; and the password is still the one that was proved.
            if not desk.accounts.note_sign_in(account.id, now, password_hash=account.password_hash):
                raise LostRace
            self._forms.keep(desk, sent, Outcome(_KEPT), now)
            live = home.live
            if not desk.sessions.prove_more(
                live.id, live.amr, now, former=live.secret_hash, secret_hash=secret_hash, anew=True
            ):
                raise LostRace
            self._new_password.keep(desk, holder, encoded, now, by="account", keeping=home.live.id)
        return secret

    def _refuse(self, holder: AccountHolder, sent: SentForm, fault: Fault, address: str, known: str | None) -> None:
        if fault.code != "wrong":
            return
        now: datetime = self._clock.now()
        with self._stores.writing() as desk:
            self._current.count_refusal(desk, holder.account, address, known, now)
            desk.ledger.record(AuditEvent("account.proof-refused", account_id=holder.account.id), now)
            self._forms.keep(desk, sent, Outcome("refused", (fault,)), now)

    def _join_faults(self, faults: tuple[Fault, ...], typed: str, password: str) -> tuple[Fault, ...]:
        """Return what is wrong before anything is compared: an empty field is no try."""
        if not typed:
            faults = (Fault(CONTROL, "empty"), *faults)
        elif not faults and normalise_password(typed) == normalise_password(password):
            faults = (Fault("mot-de-passe", "same"),)
        return faults

    def _page(self, home: AtHome, holder: AccountHolder | None, *, adds: bool) -> OwnPasswordPage | OtherPage:
        has_none = holder is not None and holder.account.password_hash is None
        if has_none is not adds:
            return OtherPage(adds=has_none)
        identifiant = holder.account.identifiant if holder else ""
        return OwnPasswordPage(self._forms.make_token(home.live, FORM), identifiant, adds)


def _kept(secret: str, *, adds: bool) -> PasswordKept:
    return PasswordKept(AccountNotice.PASSWORD_ADDED if adds else AccountNotice.PASSWORD_CHANGED, secret)


def _with_fault(page: OwnPasswordPage, fault: Fault) -> OwnPasswordPage:
    wait = int(fault.values["minutes"]) * 60 if fault.code == "slowed" else 0
    return replace(page, faults=(fault,), retry_after=wait)
