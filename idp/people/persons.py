"""Which records are one person: equal phone, and names that agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from idp.people.names import compare_names, fold_name
from idp.people.records import Guardian


class PersonOutcome(StrEnum):
    """What the records say about who typed."""

    MATCH = "match"
    NOBODY = "nobody"
    SEVERAL = "several"
    """More than one person could be meant: nothing is unlocked, the office decides."""


@dataclass(frozen=True, slots=True)
class Holders:
    """The records with a number, or an address, that was typed by somebody who has proved nothing.

    Where there is none, another's are here: they were read, and are looked at, like anybody's, because that something is found takes time
    (decision 43).
    """

    records: tuple[Guardian, ...]
    are_theirs: bool
    """Whether these records have what was typed; else whatever is found out about them counts for nothing."""

    @property
    def ids(self) -> list[int]:
        """The ids of the records."""
        return [record.id for record in self.records]


@dataclass(frozen=True, slots=True)
class PersonVerdict:
    """The records of one person, with the reason for each record looked at."""

    outcome: PersonOutcome
    guardians: tuple[Guardian, ...] = ()
    reasons: dict[int, str] = field(default_factory=dict)  # by the record's id


def find_person(candidates: Sequence[Guardian], family_typed: str, given_typed: str) -> PersonVerdict:
    """Return the one person among records that share the typed phone number.

    Records of several academies, or of files of several origins in one academy, whose names agree are one person. Two records of one
    academy and one origin are in doubt (a father and a son share names and a phone), and so are records that agree with what was typed
    but not with one another.

    Args:
        candidates: Records with this phone number.
        family_typed: Family name as typed.
        given_typed: First name as typed.
    """
    if not candidates:
        # What was typed is compared with itself, for nothing: whoever has no record left is no quicker to answer (guarantee 1).
        compare_names(family_typed, given_typed, Guardian(0, "", "", family_typed, "", (given_typed,), None))
    verdicts = {record.id: compare_names(family_typed, given_typed, record) for record in candidates}
    reasons = {record_id: verdict.reason for record_id, verdict in verdicts.items()}
    same = tuple(record for record in candidates if verdicts[record.id].same)
    # Where no name agrees, the records are joined all the same, for nothing (guarantee 1).
    joined = join_records(same or candidates)
    if not same:
        return PersonVerdict(PersonOutcome.NOBODY, (), reasons)
    return PersonVerdict(joined.outcome, joined.guardians, reasons | joined.reasons)


def join_records(same: Sequence[Guardian]) -> PersonVerdict:
    """Return whether records that all agree with what is known of a person are this one person's. `reasons` holds the doubts alone.

    Args:
        same: The records; whoever asks about none learns nothing.
    """
    doubt = ""
    if len({(record.academy, record.origin) for record in same}) < len(same):
        doubt = "several records of one directory agree"
    elif not all(are_one_person(same[0], other) for other in same[1:]):
        doubt = "the records do not agree with one another"
    if doubt:
        return PersonVerdict(PersonOutcome.SEVERAL, (), dict.fromkeys((record.id for record in same), doubt))
    return PersonVerdict(PersonOutcome.MATCH, tuple(same))


def group_persons(records: Sequence[Guardian]) -> list[list[Guardian]]:
    """Return records that share a phone number, one group for each person that `find_person` would tell apart."""
    groups: list[list[Guardian]] = []
    for record in records:
        for group in groups:
            places = {(one.academy, one.origin) for one in group}
            if (record.academy, record.origin) not in places and are_one_person(group[0], record):
                group.append(record)
                break
        else:
            groups.append([record])
    return groups


def find_more_records(held: Sequence[Guardian], candidates: Sequence[Guardian]) -> tuple[Guardian, ...]:
    """Return the further records of a person among those that share a phone number with one of hers.

    The rule is that of `find_person`: none where two records of one directory could be hers, or where they do not agree with one another.

    Args:
        held: Records that are hers, proved.
        candidates: Records with the number of one of these; hers may be among them.
    """
    known = {record.id for record in held}
    more = tuple(
        record
        for record in candidates
        if record.id not in known and any(one.mobile == record.mobile and are_one_person(one, record) for one in held)
    )
    places = [(record.academy, record.origin) for record in (*held, *more)]
    if len(set(places)) < len({record.id for record in (*held, *more)}):
        return ()
    return more if all(are_one_person(more[0], other) for other in more[1:]) else ()


def is_one_person(ones: Sequence[Guardian], others: Sequence[Guardian]) -> bool:
    """Tell whether the records of two accounts can be one person's, whatever their phones: the rule of `join_records`.

    Two records of one directory are in doubt here too: a father and a son may share their names.

    Args:
        ones: Of the one account.
        others: Of the other.
    """
    return bool(ones) and bool(others) and join_records((*ones, *others)).outcome is PersonOutcome.MATCH


def are_one_person(one: Guardian, other: Guardian) -> bool:
    """Tell whether two records with one phone can be one person: one family name in common, and the same first given name."""
    names = {fold_name(one.family_name), fold_name(one.birth_name)} - {""}
    others = {fold_name(other.family_name), fold_name(other.birth_name)} - {""}
    return bool(names & others) and fold_name(one.given_names[0]) == fold_name(other.given_names[0])
