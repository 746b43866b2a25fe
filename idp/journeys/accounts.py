"""Choose among the accounts that are signed in in one browser, where an ENT lets people do so (`docs/journeys/accounts.md`)."""

from collections import Counter
from collections.abc import Collection

from idp.journeys.answers import AccountLine, AccountsAnswer, AccountsPage, AskPerson, Forged, Lost
from idp.journeys.authorization import Authorization
from idp.journeys.held_sessions import HeldSecrets, with_session
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, SessionRow
from idp.journeys.turns import LastAnswer, LostRace, Outcome, Turns, repeated
from idp.journeys.waiting import Waiting

_CHOSEN = "account-chosen"
_ENDING = 4  # signs of an identifiant: its digits


class Accounts:
    """The page « Avec quel compte voulez-vous continuer ? » and what is chosen there."""

    def __init__(self, *, authorization: Authorization, stores: Stores, clock: Clock, secrets: Secrets) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._turns = Turns(secrets)

    def show(self, browser: str | None, session: str | None, accounts: str | None, handle: str) -> AccountsAnswer:
        """Return the page; where there is nothing to choose, what the dispatcher says.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            accounts: Value of the cookie of the accounts beside.
            handle: The `d` parameter.
        """
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None:
                return Lost()
            if waiting.keeps_accounts:
                live = self._authorization.load_held(desk, HeldSecrets.of(session, accounts))
                return self._page(desk, waiting, live.values()) if live else AskPerson(handle)
        return self._authorization.resume(browser, handle, session)

    def submit(
        self, browser: str | None, session: str | None, accounts: str | None, handle: str, form_token: str, chosen: str
    ) -> AccountsAnswer:
        """Make one account the current one, and go on with the ENT's request.

        Args:
            browser: Value of the visit cookie.
            session: Value of the session cookie.
            accounts: Value of the cookie of the accounts beside.
            handle: The `d` parameter.
            form_token: The form's `jeton`.
            chosen: The account, as the page named it.
        """
        held = HeldSecrets.of(session, accounts)
        with self._stores.reading() as desk:
            waiting = self._authorization.find(desk, browser, handle)
            if waiting is None or not waiting.keeps_accounts:
                return Lost()
            turn = self._turns.read_form_token(_form_of(waiting), form_token)
            if turn is None:
                return Forged()
            live = self._authorization.load_held(desk, held)
        picked = next(((secret, row) for secret, row in live.items() if row.id == chosen), None)
        if picked is None:
            return self.show(browser, session, accounts, handle)  # it has ended meanwhile
        digest = self._turns.digest(waiting.row.id, "account", (chosen,))
        if repeated(waiting.row.last_answer, turn=turn, digest=digest, now=self._clock.now()) is None:
            try:
                self._choose(waiting, picked[1], turn, digest)
            except LostRace:
                return self.show(browser, session, accounts, handle)
        return with_session(self._authorization.resume(browser, handle, picked[0]), picked[0], held)

    def _choose(self, waiting: Waiting, live: SessionRow, turn: int, digest: str) -> None:
        """Write down who goes on.

        Raises:
            LostRace: Another POST won the turn.
        """
        now = self._clock.now()
        row = waiting.row
        row.session_id = live.id
        row.turn += 1
        row.last_answer = LastAnswer(turn, digest, now, Outcome(_CHOSEN)).to_bytes()
        with self._stores.writing() as desk:
            if not desk.interactions.save_interaction(row, expected_turn=row.turn - 1):
                raise LostRace
            desk.ledger.record(
                AuditEvent("sign-in.account-chosen", account_id=live.account_id, client_id=row.client_id), now
            )

    def _page(self, desk: UnitOfWork, waiting: Waiting, live: Collection[SessionRow]) -> AccountsPage:
        at = waiting.standing(None)
        holders = [(row, holder) for row in live if (holder := desk.accounts.load_holder(row.account_id))]
        names = [f"{holder.account.given_name} {holder.account.family_name}" for _, holder in holders]
        shared = {name for name, count in Counter(names).items() if count > 1}
        lines = (
            AccountLine(row.id, name, holder.account.identifiant[-_ENDING:] if name in shared else "")
            for (row, holder), name in zip(holders, names, strict=True)
        )
        return AccountsPage(
            handle=waiting.handle,
            form_token=self._turns.form_token(_form_of(waiting), waiting.row.turn),
            ent_name=at.client.client_name,
            accounts=tuple(lines),
            form_action_uri=at.request.redirect_uri,
        )


def _form_of(waiting: Waiting) -> str:
    return f"{waiting.row.id}:account"
