"""Tell people by SMS what an import did to their children: one was added, or a proved link was taken away.

One text for each import that adds children to an account, whatever their number. A whole school that moves must not spend what families
need for their codes: news have half of the service's budget of texts, and what does not fit waits for the next hour or day.
"""

from collections.abc import Sequence
from datetime import timedelta

from idp.journeys import messages
from idp.journeys.added_children import find_added_children
from idp.journeys.children_ports import News, NewsKind
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, Ceiling, Message
from idp.journeys.second_phone import phone_in
from idp.journeys.sms_ceilings import SmsCeilings
from idp.journeys.turns import LostRace

_AT_ONCE = 50
_EVENTS = {NewsKind.ADDED: "children.added-told", NewsKind.REMOVED: "children.removed-told"}
_TEXTS = {NewsKind.ADDED: messages.sms_child_added, NewsKind.REMOVED: messages.sms_link_removed}


class ChildrenTold:
    """Looks for what nobody has been told. Any number of processes may do it at once."""

    def __init__(self, *, stores: Stores, clock: Clock, secrets: Secrets, policy: ActivationPolicy) -> None:
        self._stores = stores
        self._clock = clock
        self._policy = policy
        self._ceilings = SmsCeilings(secrets, policy)

    def run_once(self) -> int:
        """Tell who can be told now, and return how many texts were written.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        told = 0
        after: News | None = None
        while True:
            with self._stores.reading() as desk:
                some = desk.children.load_untold(after, _AT_ONCE)
            if not some:
                return told
            for news in some:
                try:
                    with self._stores.writing() as desk:
                        if not self._may_tell_more(desk):
                            return told
                        told += self._tell(desk, news)
                except LostRace:
                    continue  # another process tells her
            after = some[-1]

    def _tell(self, desk: UnitOfWork, news: News) -> bool:
        """Write the text, and note that it was; a ceiling of the number leaves it for later.

        Raises:
            LostRace: Another process did so at the same moment.
        """
        now = self._clock.now()
        links = desk.children.load_untold_links(news)
        holder = desk.accounts.load_holder(news.account_id)
        phone = phone_in(holder, self._policy.sms_countries)
        writes = phone is not None and self._stands(desk, news, links)
        if holder is not None and phone is not None and writes:
            if self._ceilings.count(desk, phone.e164, "", now) is not None:
                return False
            for ceiling in self._list_ceilings():
                desk.quotas.take(ceiling.key, limit=ceiling.limit, window=ceiling.window, now=now)
            text = messages.marked(
                _TEXTS[news.kind](language=holder.account.language), test_instance=self._policy.fiction
            )
            desk.outbox.put(Message("sms", phone.e164, text), at=now)
            event = AuditEvent(_EVENTS[news.kind], account_id=news.account_id, details={"links": links})
            desk.ledger.record(event, now)
        if not desk.children.mark_told(news, links, now):
            raise LostRace
        return writes

    def _stands(self, desk: UnitOfWork, news: News, links: Sequence[int]) -> bool:
        """Look again: the directory may have changed since, or the record may be somebody else's."""
        if news.kind is NewsKind.ADDED:
            return any(link.id in links for link in find_added_children(desk, news.account_id).links)
        holder = desk.accounts.load_holder(news.account_id)
        return holder is not None and not any(link.id in links for link in holder.kinships)

    def _may_tell_more(self, desk: UnitOfWork) -> bool:
        limits = {one.key: one.limit for one in self._list_ceilings()}
        return all(one.allowed for one in desk.quotas.load_quotas(limits, now=self._clock.now()).values())

    def _list_ceilings(self) -> tuple[Ceiling, ...]:
        return (
            Ceiling("sms-news-hour", max(1, self._policy.sms_per_hour // 2), timedelta(hours=1)),
            Ceiling("sms-news-day", max(1, self._policy.sms_per_day // 2), timedelta(days=1)),
        )
