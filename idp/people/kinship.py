"""Who is a pupil's legal guardian, and when somebody has proved it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from idp.people.records import AAF_ORIGINS, Kinship, KinshipState

_OLD_RELATIONS = frozenset("123456789")


def is_legal_guardian(relation: str, legal_level: str) -> bool:
    """Tell whether a link of the directory makes a legal guardian.

    Args:
        relation: The link's code. Directories used one digit (1 father, 2 mother) and now use two (10 mother, 20 father, 50 tutor).
        legal_level: With the old codes 1 and 2 were the two legal guardians; today both parents have 1, and 2 is a person in charge.
    """
    if relation in _OLD_RELATIONS:
        return legal_level in {"1", "2"}
    return relation.isdigit() and legal_level == "1"


def one_for_each_pupil(links: Iterable[Kinship]) -> list[Kinship]:
    """Return one link for each pupil, of those of one person, ordered by id.

    It is that of an AAF record where there is one, whose id an ENT knows. It is contested when any was, else confirmed when any was.
    """
    groups: dict[int, list[Kinship]] = {}
    for link in links:
        groups.setdefault(link.pupil.id, []).append(link)
    kept = []
    for group in groups.values():
        first = min(group, key=lambda link: (link.origin not in AAF_ORIGINS, link.id))
        states = {link.state for link in group}
        state = next((one for one in (KinshipState.CONTESTED, KinshipState.CONFIRMED) if one in states), first.state)
        kept.append(replace(first, state=state))
    return sorted(kept, key=lambda link: link.id)


def dates_agree(links: Iterable[Kinship], dates: Mapping[int, date]) -> bool:
    """Tell whether every date is right. All are compared, and nothing tells which one is not.

    Args:
        links: The links claimed.
        dates: What was typed, by the link's id.
    """
    wrong = sum(link.pupil.birth_date != dates[link.id] for link in links)
    return wrong == 0
