"""« Confirmez que c'est vous »: somebody who is signed in gives her password again, before an act that could cost her the account.

Who has no password signs in again, through FranceConnect. Neither the code of a text nor an open session is enough: whoever holds the
family's telephone has both.
"""

from idp.journeys.account_answers import AtHome, ProofAnswer, ProofPage, Proved
from idp.journeys.account_forms import AccountForms, SentForm
from idp.journeys.account_gate import AccountGate
from idp.journeys.answers import AskPerson, Fault, Forged, Notice
from idp.journeys.current_password import CurrentPassword
from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.rows import AuditEvent
from idp.journeys.turns import LostRace, Outcome
from idp.people.records import Account

_FORM = "prove-again"
_PASSWORD = "pwd"  # noqa: S105  RFC 8176 section 2, as the sign-in page says it


class ProveAgain:
    """The page and its form."""

    def __init__(
        self,
        *,
        gate: AccountGate,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        current: CurrentPassword,
    ) -> None:
        self._gate = gate
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._current = current
        self._forms = AccountForms(secrets)

    def show(self, session: str | None, browser: str | None, page: str) -> ProofAnswer:
        """Return the page; for whoever has no password, the way to the sign-in page and back.

        Args:
            session: Value of the session cookie.
            browser: Value of the visit cookie.
            page: Path of the page that wants a proof, one of our own.
        """
        home = self._gate.enter(session, browser, page)
        return self._ask(home, browser, page) if isinstance(home, AtHome) else home

    def submit(
        self,
        session: str | None,
        browser: str | None,
        page: str,
        form_token: str,
        typed: str,
        address: str,
        known: str | None,
    ) -> ProofAnswer:
        """Check the password, and give the session a new proof and a new secret (guarantee 13).

        Args:
            session: Value of the session cookie.
            browser: Value of the visit cookie.
            page: As above.
            form_token: The form's `jeton`.
            typed: The password, as typed.
            address: The peer's network address, for the ceilings.
            known: Value of the cookie of a browser in which somebody signed in before.
        """
        home = self._gate.enter_with_form(session, browser, page, _FORM, form_token)
        if not isinstance(home, AtHome):
            return home
        now = self._clock.now()
        with self._stores.reading() as desk:
            sent = self._forms.read(desk, home.live, _FORM, form_token, (typed,), now)
            holder = desk.accounts.load_holder(home.live.account_id)
        if sent is None:
            return Forged()
        if sent.before is not None:
            return self._repeat(home, browser, page, form_token, sent.before)
        if holder is None or holder.account.password_hash is None:
            return self._gate.ask_again(browser, page, Notice.PROVE)
        fault = self._current.find_fault(holder.account, typed, address, known, now)
        try:
            if fault is not None:
                self._refuse(holder.account, sent, fault, address, known)
                return self._ask(home, browser, page, (fault,))
            return Proved(page, self._accept(home, holder.account, sent, form_token))
        except LostRace:
            with self._stores.reading() as desk:
                double = self._forms.read(desk, home.live, _FORM, form_token, (typed,), now)
            if double is None or double.before is None:
                return self._ask(home, browser, page)
            return self._repeat(home, browser, page, form_token, double.before)

    def _repeat(
        self, home: AtHome, browser: str | None, page: str, form_token: str, before: Outcome
    ) -> ProofPage | AskPerson | Proved:
        """Return what the form was answered when it came first."""
        if before.faults:
            return self._ask(home, browser, page, before.faults)
        with self._stores.reading() as desk:
            return Proved(page, self._forms.load_secret(desk, home, form_token))

    def _accept(self, home: AtHome, account: Account, sent: SentForm, form_token: str) -> str:
        """Write the proof and return the session's new secret.

        Raises:
            LostRace: The session has ended, the password was changed, or another form was faster.
        """
        now = self._clock.now()
        secret = self._forms.next_secret(home.secret, form_token)
        amr = tuple(dict.fromkeys((*home.live.amr, _PASSWORD)))
        with self._stores.writing() as desk:
            # The account's row is held before the session's, as a change of password holds them.
            if not desk.accounts.note_sign_in(account.id, now, password_hash=account.password_hash):
                raise LostRace
            self._forms.keep(desk, sent, Outcome("proved"), now)
            secret_hash = self._secrets.keyed_hash("session", secret)
            former = home.live.secret_hash
            if not desk.sessions.prove_more(home.live.id, amr, now, former=former, secret_hash=secret_hash, anew=True):
                raise LostRace
            desk.ledger.record(AuditEvent("account.proof-accepted", account_id=account.id), now)
        return secret

    def _refuse(self, account: Account, sent: SentForm, fault: Fault, address: str, known: str | None) -> None:
        """Count a wrong password; an empty field, or one that came too soon, is none."""
        if fault.code != "wrong":
            return
        now = self._clock.now()
        with self._stores.writing() as desk:
            self._current.count_refusal(desk, account, address, known, now)
            desk.ledger.record(AuditEvent("account.proof-refused", account_id=account.id), now)
            self._forms.keep(desk, sent, Outcome("refused", (fault,)), now)

    def _ask(
        self, home: AtHome, browser: str | None, page: str, faults: tuple[Fault, ...] = ()
    ) -> ProofPage | AskPerson:
        with self._stores.reading() as desk:
            holder = desk.accounts.load_holder(home.live.account_id)
        if holder is None or holder.account.password_hash is None:
            return self._gate.ask_again(browser, page, Notice.PROVE)
        slowed = next((one for one in faults if one.code == "slowed"), None)
        return ProofPage(
            page=page,
            form_token=self._forms.make_token(home.live, _FORM),
            identifiant=holder.account.identifiant,
            faults=faults,
            retry_after=int(slowed.values["minutes"]) * 60 if slowed else 0,
        )
