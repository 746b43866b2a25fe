"""« Sites autorisés »: what a person allowed services to be told, seen and withdrawn (`docs/journeys/own_account.md`)."""

from idp.journeys.account_answers import AtHome, ConsentLine, ConsentsPage
from idp.journeys.account_forms import AccountForms
from idp.journeys.answers import Forged
from idp.journeys.claims import Releases
from idp.journeys.local_time import paris_time
from idp.journeys.ports import ClientRegistry, Clock, Secrets, Stores
from idp.journeys.redemption import OFFLINE_ACCESS
from idp.journeys.rows import AuditEvent, GivenConsent
from idp.people.records import AccountHolder

_FORM = "withdraw-consent"


class OwnConsents:
    """The page and its forms."""

    def __init__(
        self, *, stores: Stores, clock: Clock, secrets: Secrets, clients: ClientRegistry, releases: Releases
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._clients = clients
        self._releases = releases
        self._forms = AccountForms(secrets)

    def show(self, home: AtHome) -> ConsentsPage:
        """Return the sites, the newest first."""
        with self._stores.reading() as desk:
            given = desk.consents.load_account_consents(home.live.account_id)
            holder = desk.accounts.load_holder(home.live.account_id)
        lines = tuple(self._line(home, holder, one) for one in given)
        return ConsentsPage(self._forms.make_token(home.live, _FORM), lines)

    def withdraw(self, home: AtHome, form_token: str, client_id: str) -> Forged | None:
        """Take one back: what it allowed is asked again, and everything that was issued to the site dies. Twice is once.

        Args:
            home: Who is there.
            form_token: The form's `jeton`.
            client_id: Whose.
        """
        if not self._forms.is_ours(home.live, _FORM, form_token):
            return Forged()
        now = self._clock.now()
        account_id = home.live.account_id
        with self._stores.writing() as desk:
            if desk.consents.forget_consent(account_id, client_id):
                desk.grants.revoke_person_grants(account_id, client_id, now)
                desk.ledger.record(AuditEvent("consent.withdrawn", account_id=account_id, client_id=client_id), now)
        return None

    def _line(self, home: AtHome, holder: AccountHolder | None, one: GivenConsent) -> ConsentLine:
        """Say what it allows as the page did that asked for it: what has a value for this person."""
        client = self._clients.load_client(one.client_id)
        told: tuple[str, ...] = ()
        if client is not None and holder is not None:
            scope = " ".join(sorted(one.consent.scope))
            told = self._releases.names_told(client, holder, scope, home.live.auth_time, sorted(one.consent.claims))
        return ConsentLine(
            client_id=one.client_id,
            name=client.client_name if client else one.client_id,
            told=told,
            given_at=paris_time(one.given_at),
            stays=OFFLINE_ACCESS in one.consent.scope,
        )
