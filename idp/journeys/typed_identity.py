"""Names with a mobile number or an e-mail address as people type them: what is wrong with their form, and what was read."""

from idp.journeys.answers import Fault, TypedIdentity
from idp.people.emails import EmailAddress, EmailFault, parse_email
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
    phone_faults, phone = read_phone(identity.country, identity.number, fiction=fiction)
    return (*_read_names(identity), *phone_faults), phone


def read_names_and_email(identity: TypedIdentity, typed: str) -> tuple[tuple[Fault, ...], EmailAddress | None]:
    """Read the names, and an address in the place of the number.

    Args:
        identity: As typed.
        typed: The address, as typed.

    Returns:
        What is wrong, and the address where it can be read.
    """
    faults = _read_names(identity)
    try:
        return faults, parse_email(typed)
    except EmailFault as fault:
        return (*faults, Fault("email", fault.code)), None


def read_phone(country: str, number: str, *, fiction: bool) -> Read:
    """Read a number alone; arguments as above."""
    try:
        return (), parse_mobile(country, number, fiction=fiction)
    except PhoneFault as fault:
        return (Fault("telephone", fault.code, dict(fault.values)),), None


def _read_names(identity: TypedIdentity) -> tuple[Fault, ...]:
    return tuple(
        Fault(control, code)
        for control, typed in (("nom", identity.family_name), ("prenom", identity.given_name))
        if (code := typed_name_fault(typed)) is not None
    )
