"""Which of the school's records is the person whom FranceConnect recognised: a decision table, never a score.

Every record that is looked at has the phone number that the person holds. A row of the table says yes, no, or that the two contradict
each other, and gives its reason in words for the school's office and for the tester. E-mail is not looked at: it proves nothing.

| family name | first names | the rest | answer |
|---|---|---|---|
| agrees by one of the `_family_agreements` | agree | nothing contradicts | match |
| agrees | agree | birth names, civility or date of birth contradict | contradiction |
| agrees | differ, or only another first name agrees | | nobody |
| differs | | | nobody |

Several records that agree: as in `persons`, one person where they come from several directories and agree with one another; otherwise
nothing is unlocked and the office decides.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from idp.people.civil_identity import CivilIdentity, Gender, dates_can_be_one
from idp.people.names import family_forms, fold_name
from idp.people.persons import PersonOutcome, join_records
from idp.people.records import Guardian

_SAINTS = frozenset({"saint", "sainte", "st", "ste"})
_CIVILITIES = {"M.": Gender.MALE, "M": Gender.MALE, "MME": Gender.FEMALE, "MLLE": Gender.FEMALE}


class MatchOutcome(StrEnum):
    """What the records say of an identity."""

    MATCH = "match"
    NOBODY = "nobody"
    SEVERAL = "several"
    """More than one person could be meant: nothing is unlocked, the office decides."""
    CONTRADICTION = "contradiction"
    """The names agree and something else cannot be: nothing is unlocked, the office decides."""


@dataclass(frozen=True, slots=True)
class MatchVerdict:
    """The records of the person, with the reason for each record looked at."""

    outcome: MatchOutcome
    guardians: tuple[Guardian, ...] = ()
    reasons: dict[int, str] = field(default_factory=dict)  # by the record's id


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the table says of one record."""

    outcome: MatchOutcome
    reason: str


def match_identity(identity: CivilIdentity, candidates: Sequence[Guardian]) -> MatchVerdict:
    """Return the school's records of a person whom FranceConnect recognised.

    Args:
        identity: What FranceConnect said.
        candidates: The records with the phone number that was typed.
    """
    answers = {record.id: _compare(identity, record) for record in candidates}
    reasons = {record_id: answer.reason for record_id, answer in answers.items()}
    same = [record for record in candidates if answers[record.id].outcome is MatchOutcome.MATCH]
    if not same:
        contradicted = any(answer.outcome is MatchOutcome.CONTRADICTION for answer in answers.values())
        return MatchVerdict(MatchOutcome.CONTRADICTION if contradicted else MatchOutcome.NOBODY, (), reasons)
    joined = join_records(same)
    outcome = MatchOutcome.MATCH if joined.outcome is PersonOutcome.MATCH else MatchOutcome.SEVERAL
    return MatchVerdict(outcome, joined.guardians, reasons | joined.reasons)


def pupil_contradiction(identity: CivilIdentity, pupils_born: Iterable[date]) -> str:
    """Return why a person cannot be the guardian of pupils whose birth dates are proved, "" when nothing speaks against it."""
    born = identity.birth_date
    if born is not None and any(pupil <= born for pupil in pupils_born):
        return "not born before a pupil"
    return ""


def _compare(identity: CivilIdentity, guardian: Guardian) -> _Answer:
    """Go through the table for one record, in its order."""
    if not identity.birth_name or not identity.given_names:
        return _Answer(MatchOutcome.NOBODY, "FranceConnect told no family name or no first name")
    family = _find_family_agreement(identity, guardian)
    if not family:
        return _Answer(MatchOutcome.NOBODY, "family name differs")
    given, agrees = _compare_given_names(identity.given_names, guardian.given_names)
    if not agrees:
        return _Answer(MatchOutcome.NOBODY, given)
    for contradicts, reason in _CONTRADICTIONS:
        if contradicts(identity, guardian):
            return _Answer(MatchOutcome.CONTRADICTION, reason)
    return _Answer(MatchOutcome.MATCH, f"{family}, {given}")


# --- family names ------------------------------------------------------------------------------------------------------------------


def _find_family_agreement(identity: CivilIdentity, guardian: Guardian) -> str:
    """Return the first agreement of family names, in words, or ""."""
    for ours, theirs, reason in _family_agreements(identity, guardian):
        if ours and theirs and family_forms(ours) & family_forms(theirs):
            return reason
    for ours, theirs, reason in (
        (identity.birth_name, guardian.family_name, "birth name is one half of the school's double name"),
        (guardian.family_name, identity.birth_name, "the school's name is one half of the double birth name"),
        (guardian.family_name, identity.usage_name, "the school's name is one half of the double usage name"),
    ):
        if ours and any(family_forms(ours) & family_forms(half) for half in _halves(theirs)):
            return reason
    return ""


def _family_agreements(identity: CivilIdentity, guardian: Guardian) -> tuple[tuple[str, str, str], ...]:
    birth, usage = identity.birth_name, identity.usage_name
    both = (f"{birth} {usage}", f"{usage} {birth}") if usage else ("", "")
    return (
        (birth, guardian.birth_name, "birth name equal"),
        (birth, guardian.family_name, "birth name equal to the school's family name"),
        (usage, guardian.family_name, "usage name equal"),
        (usage, guardian.birth_name, "usage name equal to the school's birth name"),
        (both[0], guardian.family_name, "birth name and usage name together"),
        (both[1], guardian.family_name, "usage name and birth name together"),
    )


def _halves(name: str) -> tuple[str, ...]:
    """Return both halves of a double name joined by a hyphen; a name of several words is one name, and so is Saint-Martin."""
    parts = [part.strip() for part in name.split("-") if part.strip()]
    return tuple(parts) if len(parts) == 2 and fold_name(parts[0]) not in _SAINTS else ()


def _birth_names_contradict(identity: CivilIdentity, guardian: Guardian) -> bool:
    """Tell whether both birth names are known and are two people's: a mother and her son's wife share the name in use."""
    if not guardian.birth_name:
        return False
    theirs = family_forms(guardian.birth_name)
    usage, birth = identity.usage_name, identity.birth_name
    ours = (birth, usage, f"{birth} {usage}", f"{usage} {birth}", *_halves(birth), *_halves(usage))
    known = set().union(*(family_forms(name) for name in ours if name.strip()))
    halves = set().union(*(family_forms(half) for half in _halves(guardian.birth_name)))
    return not known & (theirs | halves)


# --- first names, civility, date of birth ----------------------------------------------------------------------------------------------


def _compare_given_names(told: tuple[str, ...], recorded: tuple[str, ...]) -> tuple[str, bool]:
    """Return the reason, and whether the first names agree: the first ones, in the register's order, however they are joined."""
    ours = [fold_name(name).replace(" ", "") for name in told]
    theirs = [fold_name(name).replace(" ", "") for name in recorded]
    for count in range(1, len(ours) + 1):
        joined = "".join(ours[:count])
        if theirs and joined == theirs[0]:
            return (
                "first name equal" if count == 1 else f"first {count} given names equal the school's first name"
            ), True
    for count in range(2, len(theirs) + 1):
        if ours[0] == "".join(theirs[:count]):
            return f"first name equal to the school's first {count} given names", True
    if set(ours) & set(theirs):
        # A second given name alone is often a relative's first name.
        return "only another given name agrees", False
    return "first name differs", False


def _civility_contradicts(identity: CivilIdentity, guardian: Guardian) -> bool:
    told = _CIVILITIES.get(guardian.title.upper())
    return told is not None and identity.gender is not Gender.UNSPECIFIED and told is not identity.gender


def _birth_date_contradicts(identity: CivilIdentity, guardian: Guardian) -> bool:
    if identity.birth_date is None or guardian.birth_date is None:
        return False
    return not dates_can_be_one(identity.birth_date, guardian.birth_date)


_CONTRADICTIONS: tuple[tuple[Callable[[CivilIdentity, Guardian], bool], str], ...] = (
    (_birth_names_contradict, "the usage name agrees and the birth name is another"),
    (_civility_contradicts, "civility and gender differ"),
    (_birth_date_contradicts, "date of birth differs"),
)
"""What cannot be, though the names agree, in the order in which it is looked at."""
