"""Children whom the directory added to somebody's account, and who are hers to prove.

By a link of a record that she holds, or of another record that is hers by name and number: a school of another academy, another origin.
"""

from dataclasses import dataclass

from idp.journeys.ports import UnitOfWork
from idp.people.persons import find_more_records
from idp.people.records import Guardian, Kinship, KinshipState


@dataclass(frozen=True, slots=True)
class AddedChildren:
    """What is to be proved, and the records of the person.

    Attributes:
        links: Neither proved nor contested, one for each pupil.
        held: Ids of the records that the account holds already.
    """

    links: tuple[Kinship, ...] = ()
    held: frozenset[int] = frozenset()

    @property
    def guardian_ids(self) -> list[int]:
        """Return the records that the links are of."""
        return sorted({link.guardian_id for link in self.links})


def find_added_children(desk: UnitOfWork, account_id: int) -> AddedChildren:
    """Look for them; news that turned out to be none are forgotten by whoever asks.

    Args:
        desk: An open unit of work.
        account_id: Whose.
    """
    holder = desk.accounts.load_holder(account_id)
    if holder is None or not holder.guardians:
        return AddedChildren()
    candidates: dict[int, Guardian] = {}
    for e164 in sorted({one.mobile.e164 for one in holder.guardians if one.mobile is not None}):
        candidates |= {one.id: one for one in desk.people.load_guardians_by_mobile(e164)}
    free = [one for one in find_more_records(holder.guardians, list(candidates.values())) if _is_free(desk, one)]
    held = frozenset(one.id for one in holder.guardians)
    links = desk.people.load_kinships([*sorted(held), *(one.id for one in free)])
    return AddedChildren(tuple(link for link in links if link.state is KinshipState.DECLARED), held)


def _is_free(desk: UnitOfWork, record: Guardian) -> bool:
    """Whether no account holds a record: whoever activated twice has two accounts, and groups them."""
    return not desk.accounts.load_by_guardians([record.id])
