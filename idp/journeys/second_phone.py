"""Where the text of a second proof goes: to the mobile that the school knows, and to no other."""

from idp.journeys.ports import UnitOfWork
from idp.people.phones import PhoneNumber
from idp.people.records import AccountHolder


def phone_of(desk: UnitOfWork, account_id: int, countries: tuple[str, ...]) -> PhoneNumber | None:
    """Return the number of the first of the person's records that has one, None where no text may go to any.

    Args:
        desk: An open unit of work.
        account_id: Whose.
        countries: Codes of the countries that texts may go to.
    """
    return phone_in(desk.accounts.load_holder(account_id), countries)


def phone_in(holder: AccountHolder | None, countries: tuple[str, ...]) -> PhoneNumber | None:
    """Return the same of an account that was loaded."""
    mobiles = (one.mobile for one in holder.guardians) if holder else ()
    return next((one for one in mobiles if one is not None and one.e164.startswith(countries)), None)
