"""« Ajouter des élèves depuis un autre compte »: a second account of the same person becomes part of this one, for good after thirty days.

Both passwords were given, and the names agree. Any reason not to group is told in one sentence, after the same work (guarantee 1), and
counts as a wrong password of the other account.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from idp.journeys import messages
from idp.journeys.account_answers import AtHome
from idp.journeys.account_forms import AccountForms, SentForm, answer_doubles
from idp.journeys.answers import Fault, Forged
from idp.journeys.children_answers import Grouped, GroupPage, NoSuchGroup, Ungrouped, UngroupPage
from idp.journeys.grouping_ports import AccountGroup
from idp.journeys.local_time import paris_time
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.mails import mail_grouped, mail_ungrouped
from idp.journeys.ports import Clock, PasswordHasher, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.journeys.turns import LostRace, Outcome
from idp.people.identifiants import normalise_identifiant
from idp.people.passwords import MAXIMUM_LENGTH, normalise_password
from idp.people.persons import is_one_person
from idp.people.records import Account, AccountHolder

UNDONE_WITHIN = timedelta(days=30)
_FORM = "group"
_DONE, _REFUSED = "grouped", "not-grouped"
_IDENTIFIANT, _PASSWORD = "autre-identifiant", "autre-mot-de-passe"


class Grouping:
    """Groups two accounts of one person, and takes them apart again (`docs/journeys/grouping.md`)."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        hasher: PasswordHasher,
        ceilings: SignInCeilings,
        ends: SessionEnd,
        telling: Telling,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._hasher = hasher
        self._ceilings = ceilings
        self._ends = ends
        self._telling = telling
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome) -> GroupPage:
        """Return the form."""
        return GroupPage(self._forms.make_token(home.live, _FORM))

    def submit(
        self, home: AtHome, form_token: str, identifiant: str, password: str, address: str, known: str | None
    ) -> GroupPage | Grouped | Forged:
        """Group the account of these credentials into this one.

        Args:
            home: Who is there.
            form_token: The form's `jeton`.
            identifiant: Of the other account, as typed.
            password: Of the other account, as typed.
            address: The peer's network address, for the ceilings.
            known: Value of the cookie of a browser in which somebody signed in before.
        """
        page = replace(self.show(home), identifiant=identifiant)
        return answer_doubles(
            lambda: self._submit(home, page, form_token, password, address, known), otherwise=lambda: page
        )

    def _submit(
        self, home: AtHome, page: GroupPage, form_token: str, password: str, address: str, known: str | None
    ) -> GroupPage | Grouped | Forged:
        """Do what `submit` says.

        Raises:
            LostRace: Another form was faster, or the password was changed while it was verified.
        """
        now = self._clock.now()
        typed = normalise_identifiant(page.identifiant)
        with self._stores.reading() as desk:
            sent = self._forms.read(desk, home.live, _FORM, form_token, (typed, password), now)
            if sent is None:
                return Forged()
            if sent.before is not None:
                return Grouped() if sent.before.step == _DONE else replace(page, faults=sent.before.faults)
            faults = _form_faults(typed, password)
            if faults:
                return replace(page, faults=faults)
            slowed = self._ceilings.load_wait(desk, typed, address, known, now)
            if slowed is not None:
                seconds = int(slowed.values["minutes"]) * 60
                return replace(page, faults=(replace(slowed, control=_IDENTIFIANT),), retry_after=seconds)
            other = desk.accounts.load_by_identifiant(typed)
        right = self._hasher.verify(other.password_hash if other else None, normalise_password(password))
        if other is not None and right and self._group(home, sent, other, now):
            return Grouped()
        return replace(page, faults=self._refuse(home, sent, other, typed, address, known, now))

    def ask_undo(self, home: AtHome, account_id: int) -> UngroupPage | NoSuchGroup:
        """Return the page that asks whether to take an account out again."""
        with self._stores.reading() as desk:
            group = self._find(desk, home, account_id)
        if group is None:
            return NoSuchGroup()
        token = self._forms.make_token(home.live, _undo_form(account_id))
        page = UngroupPage(account_id, group.identifiant, paris_time(group.until), token)
        if group.closes_at is None:
            return page
        is_over = group.closes_at <= self._clock.now()
        return replace(page, closes_on=paris_time(group.closes_at), is_over=is_over)

    def undo(self, home: AtHome, account_id: int, form_token: str) -> Ungrouped | NoSuchGroup | Forged:
        """Take an account out again: its records, its password, its link with FranceConnect and its end are its own as before."""
        return answer_doubles(lambda: self._undo(home, account_id, form_token), otherwise=NoSuchGroup)

    # --- the acts -----------------------------------------------------------------------------------------------------------------

    def _undo(self, home: AtHome, account_id: int, form_token: str) -> Ungrouped | Forged:
        """Do what `undo` says.

        Raises:
            LostRace: Another form was faster, or the thirty days are over.
        """
        now = self._clock.now()
        with self._stores.writing() as desk:
            sent = self._forms.read(desk, home.live, _undo_form(account_id), form_token, (), now)
            if sent is None:
                return Forged()
            if sent.before is not None:
                return Ungrouped()
            group = self._find(desk, home, account_id)
            if group is None or not desk.groupings.ungroup(group):
                raise LostRace
            self._forms.keep(desk, sent, Outcome(_DONE), now)
            if group.closes_at is None:
                desk.accounts.keep_open(account_id, now)
            else:
                desk.accounts.plan_closing(account_id, group.closes_at)
            for one in (group.into_id, account_id):
                desk.children.renew_news(one, now)
                desk.ledger.record(_event("account.ungrouped", one, group), now)
            holder = desk.accounts.load_holder(account_id)
            if holder is not None:
                body = messages.sms_ungrouped(language=holder.account.language)
                self._telling.text(desk, holder, body, now)
                mail = mail_ungrouped(paris_time(now), language=holder.account.language)
                self._telling.mail(desk, account_id, mail, now)
        return Ungrouped()

    def _group(self, home: AtHome, sent: SentForm, other: Account, now: datetime) -> bool:
        """Group, where the two are one person's and neither has gone meanwhile.

        Raises:
            LostRace: Another form was faster, or the password was changed while it was verified.
        """
        into_id = home.live.account_id
        with self._stores.writing() as desk:
            mine, theirs = desk.accounts.load_holder(into_id), desk.accounts.load_holder(other.id)
            if mine is None or theirs is None or other.id == into_id or other.is_closed(now):
                return False
            if not is_one_person(mine.guardians, theirs.guardians):
                return False
            # The row of the account is held before those of its sessions, as a change of password holds them.
            if not desk.accounts.note_sign_in(other.id, now, password_hash=other.password_hash):
                raise LostRace
            self._forms.keep(desk, sent, Outcome(_DONE), now)
            self._tell(desk, mine, theirs, now)
            self._ends.end_all(desk, other.id, now)
            until = now + UNDONE_WITHIN
            group = desk.groupings.group(other.id, into_id, now, until, closes_at=theirs.account.closes_at)
            if group is None:
                raise LostRace
            desk.accounts.plan_closing(other.id, until)
            desk.children.forget_news(other.id)
            desk.children.renew_news(into_id, now)
            for account_id in (into_id, other.id):
                desk.ledger.record(_event("account.grouped", account_id, group), now)
        return True

    def _tell(self, desk: UnitOfWork, mine: AccountHolder, theirs: AccountHolder, now: datetime) -> None:
        """Tell both: whoever gave the two passwords may be somebody else."""
        for holder in (mine, theirs):
            language = holder.account.language
            mail = mail_grouped(paris_time(now), paris_time(now + UNDONE_WITHIN), language=language)
            self._telling.mail(desk, holder.account.id, mail, now)
        phones = {one.mobile for one in mine.guardians}
        self._telling.text(desk, mine, messages.sms_grouped(language=mine.account.language), now)
        elsewhere = tuple(one for one in theirs.guardians if one.mobile not in phones)
        if elsewhere:
            body = messages.sms_grouped(language=theirs.account.language)
            self._telling.text(desk, replace(theirs, guardians=elsewhere), body, now)

    def _refuse(
        self,
        home: AtHome,
        sent: SentForm,
        other: Account | None,
        typed: str,
        address: str,
        known: str | None,
        now: datetime,
    ) -> tuple[Fault, ...]:
        """Count a wrong password of the other account, and say the one sentence.

        Raises:
            LostRace: Another form was faster.
        """
        faults = (Fault(_IDENTIFIANT, "not-grouped"),)
        with self._stores.writing() as desk:
            self._ceilings.count_refusal(desk, typed, address, known, now)
            event = AuditEvent(
                "account.group-refused",
                account_id=home.live.account_id,
                details={"accounts": [other.id]} if other else {},
            )
            desk.ledger.record(event, now)
            self._forms.keep(desk, sent, Outcome(_REFUSED, faults), now)
        return faults

    def _find(self, desk: UnitOfWork, home: AtHome, account_id: int) -> AccountGroup | None:
        groups = desk.groupings.load_groups(home.live.account_id, self._clock.now())
        return next((one for one in groups if one.account_id == account_id), None)


def _form_faults(identifiant: str, password: str) -> tuple[Fault, ...]:
    faults = []
    if not identifiant:
        faults.append(Fault(_IDENTIFIANT, "empty"))
    if not password:
        faults.append(Fault(_PASSWORD, "empty"))
    if not faults and max(len(identifiant), len(password)) > MAXIMUM_LENGTH:  # nothing that long was ever accepted
        faults.append(Fault(_IDENTIFIANT, "not-grouped"))
    return tuple(faults)


def _undo_form(account_id: int) -> str:
    return f"ungroup-{account_id}"


def _event(event: str, account_id: int, group: AccountGroup) -> AuditEvent:
    accounts = [group.into_id, group.account_id]
    return AuditEvent(
        event, account_id=account_id, details={"accounts": accounts, "guardians": list(group.guardian_ids)}
    )
