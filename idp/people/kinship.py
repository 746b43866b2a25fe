"""Who is a pupil's legal guardian, and when somebody has proved it."""

from collections.abc import Iterable, Mapping
from datetime import date

from idp.people.records import Kinship

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


def dates_agree(links: Iterable[Kinship], dates: Mapping[int, date]) -> bool:
    """Tell whether every date is right. All are compared, and nothing tells which one is not.

    Args:
        links: The links claimed.
        dates: What was typed, by the link's id.
    """
    wrong = sum(link.pupil.birth_date != dates[link.id] for link in links)
    return wrong == 0
