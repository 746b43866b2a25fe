"""Who a guardian is for FranceConnect: the civil status that it tells, and the subject that its simulator makes of it."""

import base64
import hashlib
import re
from datetime import date

from idp.journeys.families.document import CivilPerson
from idp.people.civil_identity import CivilIdentity, Gender

_BIRTHDATE = re.compile(r"[0-9]{4}-(?:0[0-9]|1[0-2])-(?:[0-2][0-9]|3[01])")
_FRANCE = "99100"
_SECRET = "the simulator's own, so that no sub is one of FranceConnect's"  # noqa: S105


def civil_identity(person: CivilPerson) -> CivilIdentity:
    """Return what FranceConnect tells of a person.

    Raises:
        ValueError: There is no such date of birth.
    """
    return CivilIdentity(
        birth_name=person.family_name,
        given_names=person.given_names,
        usage_name=person.preferred_username,
        birth_date=date.fromisoformat(_register_birthdate(person)),
        gender=Gender(person.gender),
    )


def simulated_sub(person: CivilPerson, client_id: str) -> str:
    """Return the subject under which the simulator names a person to a client.

    The same few lines as in `franceconnect_bridge.simulator.persons`, which shares no code with us; a test holds them together
    (docs/decisions/0032-families-as-code.md).
    """
    place = person.birthplace if person.birthcountry == _FRANCE else ""
    names = " ".join(person.given_names)
    status = "".join(
        [names, person.family_name, _register_birthdate(person), person.gender, place, person.birthcountry]
    )
    identity = base64.b64encode(hashlib.sha256(status.encode()).digest()).decode()
    return hashlib.sha256(f"{client_id}{identity}{_SECRET}".encode()).hexdigest() + "v1"


def is_civil_birthdate(text: str) -> bool:
    """Tell whether a date is written as the civil register does, and can be one."""
    if not _BIRTHDATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text.replace("-00", "-01"))
    except ValueError:
        return False
    return True


def _register_birthdate(person: CivilPerson) -> str:
    """The register writes 01 for a day or a month that is not known."""
    year, month, day = person.birthdate.split("-")
    return f"{year}-{'01' if month == '00' else month}-{'01' if day == '00' else day}"
