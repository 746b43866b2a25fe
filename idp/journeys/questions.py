"""What somebody who has just signed in is asked before her session goes on: kept with the session, so that asking costs no statement."""

from datetime import datetime
from enum import StrEnum

from idp.journeys.added_children import find_added_children
from idp.journeys.policy import SignInPolicy
from idp.journeys.ports import UnitOfWork
from idp.people.records import Account


class Question(StrEnum):
    """The pages, in the order in which `next_step` leads to them."""

    IDENTITY = "identity"
    """« Confirmation de l'identité » (`docs/journeys/identity_check.md`)."""
    CHILDREN = "children"
    """« Un enfant a été ajouté à votre compte » (`docs/journeys/new_children.md`)."""


def is_identity_due(account: Account, policy: SignInPolicy, now: datetime, *, is_known: bool) -> bool:
    """Tell whether a password is followed by a child's birth date.

    Args:
        account: As it was loaded to sign somebody in.
        policy: When.
        now: The present moment.
        is_known: Whether this person has signed in in this browser before.
    """
    if account.identity_asked:
        return True
    if policy.identity_check == "unknown-browser":
        return not is_known
    last = account.identity_at
    return policy.identity_check == "interval" and last is not None and now - last >= policy.identity_interval


def find_questions(desk: UnitOfWork, account: Account, *, identity_due: bool) -> tuple[Question, ...]:
    """Return what a person is asked who signs in with her password; costs nothing where nothing is due.

    Args:
        desk: The transaction of the sign-in.
        account: Whose.
        identity_due: What `is_identity_due` said.
    """
    # Whoever has no child left has no birth date to give.
    holder = desk.accounts.load_holder(account.id) if identity_due else None
    first = (Question.IDENTITY,) if holder is not None and holder.kinships else ()
    return (*first, *(find_news(desk, account.id) if account.has_news else ()))


def find_news(desk: UnitOfWork, account_id: int) -> tuple[Question, ...]:
    """Return what a person is asked for whom an import may have brought something; what is none is forgotten.

    Args:
        desk: The transaction of the sign-in.
        account_id: Whose.
    """
    added = find_added_children(desk, account_id)
    desk.children.forget_news(account_id, but=[link.id for link in added.links])
    return (Question.CHILDREN,) if added.links else ()
