"""« Mes enfants »: the children of an account, those who wait for a birth date, and « Je ne suis pas le représentant légal »."""

from collections.abc import Sequence

from idp.journeys import messages
from idp.journeys.account_answers import AtHome
from idp.journeys.account_forms import AccountForms, answer_doubles
from idp.journeys.added_children import find_added_children
from idp.journeys.answers import Forged
from idp.journeys.children_answers import (
    ContestChildPage,
    Contested,
    GroupLine,
    MyChild,
    MyChildrenPage,
    NoSuchChild,
)
from idp.journeys.local_time import paris_time
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.journeys.telling import Telling
from idp.journeys.turns import LostRace, Outcome
from idp.people.academies import academy_name
from idp.people.records import AccountHolder, Kinship

_DONE = "child-contested"


class MyChildren:
    """The second tab of « Mon compte » (`docs/journeys/my_children.md`)."""

    def __init__(self, *, stores: Stores, clock: Clock, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._stores = stores
        self._clock = clock
        self._telling = Telling(policy)
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome) -> MyChildrenPage:
        """Return every child whose link is proved, and the names of those who wait for it: no school of theirs before."""
        account_id = home.live.account_id
        with self._stores.reading() as desk:
            holder = desk.accounts.load_holder(account_id)
            links = holder.kinships if holder else ()
            since = desk.children.load_since([link.id for link in links])
            waiting = find_added_children(desk, account_id).links
            groups = desk.groupings.load_groups(account_id, self._clock.now())
        children = tuple(
            MyChild(
                link_id=link.id,
                given_name=link.pupil.given_name,
                family_name=link.pupil.family_name,
                school_name=link.school.name if link.school else "",
                academy=academy_name(link.pupil.academy),
                class_name=link.pupil.class_name,
                confirmed_at=paris_time(since[link.id]) if link.id in since else None,
            )
            for link in links
        )
        lines = tuple(GroupLine(one.account_id, paris_time(one.until)) for one in groups)
        return MyChildrenPage(children, tuple(_name(link) for link in waiting), lines)

    def ask_contest(self, home: AtHome, link_id: int) -> ContestChildPage | NoSuchChild:
        """Return the page « Vous n'êtes pas le représentant légal de … ? » for one of her children."""
        with self._stores.reading() as desk:
            link = _find(desk.accounts.load_holder(home.live.account_id), link_id)
        if link is None:
            return NoSuchChild()
        return ContestChildPage(link_id, _name(link), self._forms.make_token(home.live, _form(link_id)))

    def contest(self, home: AtHome, link_id: int, form_token: str) -> Contested | NoSuchChild | Forged:
        """« Oui, je confirme »: contest the link at once (guarantee 3), and tell the phone, for it may be somebody else's act."""
        return answer_doubles(lambda: self._contest(home, link_id, form_token), otherwise=NoSuchChild)

    def _contest(self, home: AtHome, link_id: int, form_token: str) -> Contested | NoSuchChild | Forged:
        """Do what `contest` says.

        Raises:
            LostRace: Another form was faster.
        """
        now = self._clock.now()
        with self._stores.writing() as desk:
            sent = self._forms.read(desk, home.live, _form(link_id), form_token, (), now)
            if sent is None:
                return Forged()
            if sent.before is not None:
                return Contested()
            link = _find(desk.accounts.load_holder(home.live.account_id), link_id)
            if link is None:
                raise LostRace  # gone since the page was shown: by this form's double, it may be
            self._forms.keep(desk, sent, Outcome(_DONE), now)
            desk.people.contest_kinships([link_id], now)
            self._tell(desk, home.live.account_id)
            event = AuditEvent(
                "children.contested",
                account_id=home.live.account_id,
                details={"guardians": [link.guardian_id], "links": [link_id]},
            )
            desk.ledger.record(event, now)
        return Contested()

    def _tell(self, desk: UnitOfWork, account_id: int) -> None:
        holder = desk.accounts.load_holder(account_id)
        if holder is not None:
            body = messages.sms_link_removed(language=holder.account.language)
            self._telling.text(desk, holder, body, self._clock.now())


def _find(holder: AccountHolder | None, link_id: int) -> Kinship | None:
    links: Sequence[Kinship] = holder.kinships if holder else ()
    return next((link for link in links if link.id == link_id), None)


def _name(link: Kinship) -> str:
    return f"{link.pupil.given_name} {link.pupil.family_name}"


def _form(link_id: int) -> str:
    return f"contest-{link_id}"
