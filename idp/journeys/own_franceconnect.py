"""FranceConnect in an account: seen, added by whoever has just proved her password, removed where it is not the last way in.

The way there and back is the bridge's. What it brings is bound to this account: the sign-in page's row that it was begun for holds the
page and the session, and the same browser comes back with both (`docs/journeys/own_account.md`).
"""

from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.account_answers import AccountNotice, AtHome, Linking, LinkingDone, OwnFranceConnectPage
from idp.journeys.account_forms import AccountForms
from idp.journeys.answers import Forged, Lost
from idp.journeys.authorization import Authorization
from idp.journeys.franceconnect_proof import ProvedIdentity
from idp.journeys.local_time import paris_time
from idp.journeys.mails import mail_franceconnect_linked, mail_franceconnect_unlinked
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, FranceConnectLink, InteractionRow, SessionRow
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.people.identity_matching import MatchOutcome, match_identity, pupil_contradiction
from idp.people.records import AccountHolder

PAGE = "/mon-compte/franceconnect"
"""Where linking begins."""
_ADD = "add-franceconnect"
_REMOVE = "remove-franceconnect"
_TRIP = timedelta(minutes=30)
"""How long one may be away: as long as a page of the account may lie."""


class OwnFranceConnect:
    """The page and its two acts."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        session_end: SessionEnd,
        telling: Telling,
    ) -> None:
        self._authorization = authorization
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._session_end = session_end
        self._telling = telling
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome) -> OwnFranceConnectPage:
        """Return the page."""
        with self._stores.reading() as desk:
            link = desk.franceconnect.load_link_of_account(home.live.account_id)
            holder = desk.accounts.load_holder(home.live.account_id)
        return OwnFranceConnectPage(
            self._forms.make_token(home.live, _REMOVE if link else _ADD),
            paris_time(link.linked_at) if link else None,
            has_password=holder is not None and holder.account.password_hash is not None,
        )

    # --- added ------------------------------------------------------------------------------------------------------------------------

    def leave(self, home: AtHome, browser: str | None, form_token: str) -> Linking | Forged:
        """Keep what the browser leaves for: this account, this session, this page.

        Args:
            home: Who is there, with a proof of now.
            browser: Value of the visit cookie.
            form_token: Of the page.
        """
        if not self._forms.is_ours(home.live, _ADD, form_token):
            return Forged()
        asked = self._authorization.ask_person(browser, _place_of(home.live))
        return Linking(asked.handle, asked.browser_cookie)

    def waits_for(self, row: InteractionRow) -> bool:
        """Tell whether a sign-in page's row waits for an identity to link."""
        return row.page is not None and row.page.startswith(_place_of(None))

    def link(self, proof: ProvedIdentity, row: InteractionRow, session: str | None) -> LinkingDone | Lost:
        """Link the identity with the account that the row was kept for.

        The password stays: whoever links has just proved it (decision 35). Everybody else is out.

        Args:
            proof: One verified identity.
            row: For which `waits_for` is true, of this browser.
            session: Value of the session cookie.
        """
        now = self._clock.now()
        with self._stores.writing() as desk:
            live = self._authorization.load_live_session(desk, session)
            if live is None or row.page != _place_of(live) or now - row.created_at >= _TRIP:
                return Lost()
            # Held until the commit, before anything is looked at: whoever ends the session at this moment either was first, or ends it
            # with its link; and another window of hers waits, and sees that she is linked.
            if not desk.sessions.touch_session(live.id, now):
                return Lost()
            holder = desk.accounts.load_holder(live.account_id)
            if holder is None:
                return Lost()
            refusal = self._find_refusal(desk, proof, holder)
            if refusal is None:
                if self._add(desk, proof, holder, live, now):
                    return LinkingDone(AccountNotice.FRANCECONNECT_ADDED)
                refusal = AccountNotice.FRANCECONNECT_ELSEWHERE, "franceconnect.other-identity", ""
            notice, event, why = refusal
            if event:
                desk.ledger.record(AuditEvent(event, account_id=live.account_id, details={"why": why}), now)
        return LinkingDone(notice)

    def _find_refusal(
        self, desk: UnitOfWork, proof: ProvedIdentity, holder: AccountHolder
    ) -> tuple[AccountNotice, str, str] | None:
        """Return what is said, what is written down and why, in the order in which it is looked at; None: it may be linked."""
        linked = desk.franceconnect.load_link(proof.issuer, proof.sub)
        account_id = holder.account.id
        if linked is not None and linked.account_id == account_id:
            return AccountNotice.FRANCECONNECT_ADDED, "", ""  # another tab of hers was faster
        if linked is not None or desk.franceconnect.load_link_of_account(account_id) is not None:
            return AccountNotice.FRANCECONNECT_ELSEWHERE, "franceconnect.other-identity", "linked already"
        verdict = match_identity(proof.civil, holder.guardians)
        births = [kinship.pupil.birth_date for kinship in holder.kinships]
        why = pupil_contradiction(proof.civil, births)
        if verdict.outcome is not MatchOutcome.MATCH or why:
            return AccountNotice.FRANCECONNECT_DIFFERS, "franceconnect.contradicted", why or str(verdict.outcome)
        return None

    def _add(
        self, desk: UnitOfWork, proof: ProvedIdentity, holder: AccountHolder, live: SessionRow, now: datetime
    ) -> bool:
        """Link, and tell the person; False when the identity or the account was linked a moment ago."""
        account_id = holder.account.id
        identity_hash = self._secrets.keyed_hash("franceconnect-identity", proof.civil_status)
        link = FranceConnectLink(proof.issuer, proof.sub, account_id, identity_hash, now)
        if not desk.franceconnect.add_link(link):
            return False
        self._session_end.end_all(desk, account_id, now, keeping=live.id)
        desk.franceconnect.keep_id_token(live.id, proof.id_token)
        language = holder.account.language
        self._telling.text(desk, holder, messages.sms_franceconnect_added(language=language), now)
        self._telling.mail(desk, account_id, mail_franceconnect_linked(paris_time(now), language=language), now)
        desk.ledger.record(AuditEvent("franceconnect.linked", account_id=account_id, details={"by": "account"}), now)
        return True

    # --- removed ----------------------------------------------------------------------------------------------------------------------

    def remove(self, home: AtHome, form_token: str) -> OwnFranceConnectPage | LinkingDone | Forged:
        """Remove the link, never the last way in, and end every other session: one of them may have come by it. Twice is once.

        Args:
            home: Who is there, with a proof of now.
            form_token: The form's `jeton`.
        """
        if not self._forms.is_ours(home.live, _REMOVE, form_token):
            return Forged()
        now = self._clock.now()
        account_id = home.live.account_id
        with self._stores.writing() as desk:
            if desk.franceconnect.remove_link(account_id):
                self._session_end.end_all(desk, account_id, now, keeping=home.live.id)
                holder = desk.accounts.load_holder(account_id)
                language = holder.account.language if holder else "fr"
                mail = mail_franceconnect_unlinked(paris_time(now), language=language)
                self._telling.mail(desk, account_id, mail, now)
                desk.ledger.record(AuditEvent("account.franceconnect-removed", account_id=account_id), now)
        page = self.show(home)
        return page if page.linked_at else LinkingDone(AccountNotice.FRANCECONNECT_REMOVED)


def _place_of(live: SessionRow | None) -> str:
    """Return what a row holds that waits for an identity to link with the account of this session.

    No address that a browser asks for has a fragment: a row that was kept for somebody who is to sign in never looks like one of these.
    """
    return f"{PAGE}#{live.id if live else ''}"
