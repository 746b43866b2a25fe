"""Which records a guardian would be found by, if she came: what she types, or what FranceConnect says, against everybody with her phone."""

from collections.abc import Sequence

from idp.journeys.families.civil import civil_identity
from idp.journeys.families.document import Guardian
from idp.people.identity_matching import MatchVerdict, match_identity
from idp.people.persons import PersonOutcome, PersonVerdict, find_person
from idp.people.records import Guardian as KnownGuardian


def find_records(guardian: Guardian, holders: Sequence[KnownGuardian]) -> tuple[Sequence[KnownGuardian], str]:
    """Return the records that one activation of a guardian proves, or why there are none.

    Args:
        guardian: Whose account is asked for.
        holders: Every record with her phone, whoever's.
    """
    found: Sequence[KnownGuardian] = ()
    for verdict in _verdicts(guardian, holders):
        if verdict.outcome != PersonOutcome.MATCH:
            return (), "; ".join(sorted(set(verdict.reasons.values()))) or "no record has this phone"
        found = verdict.guardians
    return found, ""


def _verdicts(guardian: Guardian, holders: Sequence[KnownGuardian]) -> list[PersonVerdict | MatchVerdict]:
    account, person = guardian.account, guardian.franceconnect
    verdicts: list[PersonVerdict | MatchVerdict] = []
    if account and account.password:
        verdicts.append(find_person(holders, guardian.family_name, guardian.given_names[0]))
    if person and person.linked:
        verdicts.append(match_identity(civil_identity(person), holders))
    return verdicts
