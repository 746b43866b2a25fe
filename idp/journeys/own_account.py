"""« Mes informations »: what the account of somebody who is signed in holds (`docs/journeys/own_account.md`)."""

from idp.journeys.account_answers import AtHome, OwnAccountPage
from idp.journeys.email_address import EmailAddresses
from idp.journeys.local_time import paris_time
from idp.journeys.ports import Stores


class OwnAccount:
    """The first page of « Mon compte »."""

    def __init__(self, stores: Stores, emails: EmailAddresses) -> None:
        self._stores = stores
        self._emails = emails

    def show(self, home: AtHome) -> OwnAccountPage | None:
        """Return the page, None where the account was removed a moment ago."""
        with self._stores.reading() as desk:
            holder = desk.accounts.load_holder(home.live.account_id)
            link = desk.franceconnect.load_link_of_account(home.live.account_id)
        if holder is None:
            return None
        account = holder.account
        phone = next((one.mobile for one in holder.guardians if one.mobile is not None), None)
        return OwnAccountPage(
            person_name=f"{account.given_name} {account.family_name}",
            identifiant=account.identifiant,
            masked_phone=phone.masked if phone else "",
            phone_ending=phone.ending if phone else "",
            has_password=account.password_hash is not None,
            linked_at=paris_time(link.linked_at) if link else None,
            email=self._emails.load_state(home),
        )
