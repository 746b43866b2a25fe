"""What imports brought for accounts, and how far sessions are with what they are asked. What was answered is sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select, update

from idp.adapters.children_tables import link_news, session_question
from idp.adapters.directory_tables import kinship
from idp.adapters.link_news import ADDED_FOR_ACCOUNTS, insert_news
from idp.adapters.links import Link, insert_unless_there
from idp.adapters.tables import account_guardian
from idp.journeys.children_ports import News, NewsKind, QuestionRow
from idp.journeys.ports import Secrets

_STATE = "session-question"
_ANSWER = "session-question-answer"

_UNTOLD = (
    select(link_news.c.account_id, link_news.c.kind)
    .where(
        link_news.c.told_at.is_(None),
        or_(
            link_news.c.account_id > bindparam("account"),
            and_(link_news.c.account_id == bindparam("account"), link_news.c.kind > bindparam("after_kind")),
        ),
    )
    .distinct()
    .order_by(link_news.c.account_id, link_news.c.kind)
    .limit(bindparam("most"))
)
_OF_NEWS = and_(
    link_news.c.account_id == bindparam("account"),
    link_news.c.kind == bindparam("of_kind"),
    link_news.c.told_at.is_(None),
)
_UNTOLD_LINKS = select(link_news.c.kinship_id).where(_OF_NEWS).order_by(link_news.c.kinship_id)
_MARK = (
    update(link_news)
    .where(_OF_NEWS, link_news.c.kinship_id.in_(bindparam("links", expanding=True)))
    .values(told_at=bindparam("at"))
)
_FORGET = delete(link_news).where(
    link_news.c.account_id == bindparam("account"),
    link_news.c.kind == NewsKind.ADDED.value,
    link_news.c.kinship_id.not_in(bindparam("kept", expanding=True)),
)
_SINCE = select(kinship.c.id, kinship.c.state_at).where(
    kinship.c.id.in_(bindparam("links", expanding=True)), kinship.c.state_at.is_not(None)
)
_LOAD = select(session_question.c.turn, session_question.c.state, session_question.c.last_answer).where(
    session_question.c.session_id == bindparam("sid"), session_question.c.question == bindparam("asked")
)
_ADD = insert_unless_there(session_question)
_SAVE = (
    update(session_question)
    .where(
        session_question.c.session_id == bindparam("sid"),
        session_question.c.question == bindparam("asked"),
        session_question.c.turn == bindparam("expected"),
    )
    .values(turn=bindparam("new_turn"), state=bindparam("new_state"), last_answer=bindparam("new_answer"))
)


class SqlChildren:
    """Implements `journeys.children_ports.ChildrenStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_untold(self, after: News | None, limit: int) -> list[News]:
        """Return what nobody has been told yet, once for each account and kind, in the order of accounts."""
        last = (
            {"account": after.account_id, "after_kind": after.kind.value} if after else {"account": 0, "after_kind": ""}
        )
        return [News(row.account_id, NewsKind(row.kind)) for row in self._link.run(_UNTOLD, {**last, "most": limit})]

    def load_untold_links(self, news: News) -> list[int]:
        """Return the links that nobody has been told of."""
        return list(self._link.run(_UNTOLD_LINKS, {"account": news.account_id, "of_kind": news.kind.value}).scalars())

    def mark_told(self, news: News, links: Sequence[int], at: datetime) -> bool:
        """Note that a person was told of these links; False when somebody else did so meanwhile."""
        values = {"account": news.account_id, "of_kind": news.kind.value, "links": list(links), "at": at}
        return self._link.run(_MARK, values).rowcount == len(links)

    def forget_news(self, account_id: int, *, but: Sequence[int] = ()) -> None:
        """Forget which links were added for an account, except these."""
        self._link.run(_FORGET, {"account": account_id, "kept": list(but)})

    def renew_news(self, account_id: int, at: datetime) -> None:
        """Look anew for links added for an account, as known to its person since `at`."""
        self.forget_news(account_id)
        for found in ADDED_FOR_ACCOUNTS:
            insert_news(
                self._link.dialect,
                found.where(account_guardian.c.account_id == account_id),
                self._link.run,
                {"at": at, "told": at},
            )

    def load_since(self, links: Sequence[int]) -> Mapping[int, datetime]:
        """Return when these links were proved, by link."""
        return {row.id: row.state_at for row in self._link.run(_SINCE, {"links": list(links)})}

    def load_question(self, session_id: str, question: str) -> QuestionRow:
        """Return how far a session is with a question; at its beginning where nothing was answered yet.

        Raises:
            ValueError: It was sealed with another master key.
        """
        row = self._link.run(_LOAD, {"sid": session_id, "asked": question}).one_or_none()
        if row is None:
            return QuestionRow(session_id, question)
        answer = None if row.last_answer is None else self._secrets.unseal(_ANSWER, row.last_answer)
        return QuestionRow(session_id, question, row.turn, self._secrets.unseal(_STATE, row.state), answer)

    def save_question(self, row: QuestionRow, *, expected_turn: int) -> bool:
        """Keep how far it is where the turn is still `expected_turn`; False when another POST won."""
        state = self._secrets.seal(_STATE, row.state)
        answer = None if row.last_answer is None else self._secrets.seal(_ANSWER, row.last_answer)
        if expected_turn == 0:
            added = {
                "session_id": row.session_id, "question": row.question, "turn": row.turn, "state": state, "last_answer": answer,
            }  # fmt: skip
            return self._link.run(_ADD[self._link.dialect], added).rowcount == 1
        values = {"sid": row.session_id, "asked": row.question, "expected": expected_turn}
        values |= {"new_turn": row.turn, "new_state": state, "new_answer": answer}
        return self._link.run(_SAVE, values).rowcount == 1
