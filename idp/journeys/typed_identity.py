"""Names and a mobile number as people type them: what is wrong with their form, and the number in E.164."""

from idp.journeys.answers import Fault, TypedIdentity
from idp.people.names import typed_name_fault
from idp.people.phones import PhoneFault, PhoneNumber, parse_mobile

Read = tuple[tuple[Fault, ...], PhoneNumber | None]
"""What is wrong, and the number where it can be read."""


def read_identity(identity: TypedIdentity, *, fiction: bool) -> Read:
    """Read names and number; nothing here depends on who is known.

    Args:
        identity: As typed.
        fiction: Whether numbers of fiction are taken for mobiles.
    """
    faults = [
        Fault(control, code)
        for control, typed in (("nom", identity.family_name), ("prenom", identity.given_name))
        if (code := typed_name_fault(typed)) is not None
    ]
    phone_faults, phone = read_phone(identity.country, identity.number, fiction=fiction)
    return (*faults, *phone_faults), phone


def read_phone(country: str, number: str, *, fiction: bool) -> Read:
    """Read a number alone; arguments as above."""
    try:
        return (), parse_mobile(country, number, fiction=fiction)
    except PhoneFault as fault:
        return (Fault("telephone", fault.code, dict(fault.values)),), None
