"""What somebody who has just signed in is asked before her session goes on: kept with the session, so that asking costs no statement."""

from enum import StrEnum

from idp.journeys.added_children import find_added_children
from idp.journeys.ports import UnitOfWork


class Question(StrEnum):
    """The pages, in the order in which `next_step` leads to them."""

    CHILDREN = "children"
    """« Un enfant a été ajouté à votre compte » (`docs/journeys/new_children.md`)."""


def find_questions(desk: UnitOfWork, account_id: int) -> tuple[Question, ...]:
    """Return what a person is asked for whom an import may have brought something; what is none is forgotten.

    Args:
        desk: The transaction of the sign-in.
        account_id: Whose.
    """
    added = find_added_children(desk, account_id)
    desk.children.forget_news(account_id, but=[link.id for link in added.links])
    return (Question.CHILDREN,) if added.links else ()
