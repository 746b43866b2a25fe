"""What persons allowed clients to be told, one row for each person and client."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from idp.adapters.links import Link, Prepared, for_each_dialect
from idp.adapters.tables import consent
from idp.journeys.rows import GivenConsent
from idp.protocol.consent import Consent

_LOAD = Prepared(
    select(consent.c.scope, consent.c.claims, consent.c.resources).where(
        consent.c.account_id == bindparam("account"), consent.c.client_id == bindparam("of_client")
    )
)
_SAVE = for_each_dialect(
    lambda insert: (added := insert(consent)).on_conflict_do_update(
        index_elements=[consent.c.account_id, consent.c.client_id],
        set_={name: added.excluded[name] for name in ("scope", "claims", "resources", "given_at")},
    )
)
_MOST = 100
_OF_ACCOUNT = (
    select(consent.c.client_id, consent.c.given_at, consent.c.scope, consent.c.claims, consent.c.resources)
    .where(consent.c.account_id == bindparam("account"))
    .order_by(consent.c.given_at.desc(), consent.c.client_id)
    .limit(_MOST)
)
_FORGET = delete(consent).where(
    consent.c.account_id == bindparam("account"), consent.c.client_id == bindparam("of_client")
)
_FORGET_ACCOUNT = delete(consent).where(consent.c.account_id == bindparam("account"))
_FORGET_CLIENT = delete(consent).where(consent.c.client_id == bindparam("of_client"))


class SqlConsents:
    """Implements `journeys.session_ports.ConsentStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_consent(self, account_id: int, client_id: str) -> Consent | None:
        """Return what a person allowed a client, None for nothing yet."""
        row = self._link.read_one(_LOAD, {"account": account_id, "of_client": client_id})
        return None if row is None else Consent(*(frozenset(words.split()) for words in row))

    def load_account_consents(self, account_id: int) -> list[GivenConsent]:
        """Return what a person allowed, the newest first, a hundred at most."""
        return [
            GivenConsent(
                row.client_id,
                Consent(*(frozenset(one.split()) for one in (row.scope, row.claims, row.resources))),
                row.given_at,
            )
            for row in self._link.run(_OF_ACCOUNT, {"account": account_id})
        ]

    def forget_consent(self, account_id: int, client_id: str) -> bool:
        """Forget what a person allowed a client; False where that is nothing."""
        return self._link.run(_FORGET, {"account": account_id, "of_client": client_id}).rowcount == 1

    def save_consent(self, account_id: int, client_id: str, consent: Consent, at: datetime) -> None:
        """Keep what a person allows a client, in place of what she allowed before."""
        self._link.run(
            _SAVE[self._link.dialect],
            {
                "account_id": account_id,
                "client_id": client_id,
                "scope": " ".join(sorted(consent.scope)),
                "claims": " ".join(sorted(consent.claims)),
                "resources": " ".join(sorted(consent.resources)),
                "given_at": at,
            },
        )

    def forget_account_consents(self, account_id: int) -> None:
        """Forget what a person allowed, whomever."""
        self._link.run(_FORGET_ACCOUNT, {"account": account_id})

    def forget_client_consents(self, client_id: str) -> None:
        """Forget what a client was allowed, by whomever. No index leads there: clients are seldom removed."""
        self._link.run(_FORGET_CLIENT, {"of_client": client_id})
