"""« Historique »: what happened to an account, from the audit trail, at most fifty lines (`docs/journeys/own_account.md`)."""

from idp.journeys.account_answers import AtHome, HistoryLine, HistoryPage
from idp.journeys.local_time import paris_time
from idp.journeys.ports import Stores

EVENTS = (
    "sign-in.accepted",
    "sign-in.refused",
    "franceconnect.signed-in",
    "step-up.accepted",
    "account.proof-accepted",
    "account.proof-refused",
    "account.password-changed",
    "account.password-added",
    "franceconnect.linked",
    "account.franceconnect-removed",
    "account.devices-ended",
    "session.ended",
    "account.closing-asked",
    "account.closing-cancelled",
)
"""What is told of: who came in, who did not, and what was done with what opens the account."""
_MOST = 50


class OwnHistory:
    """The page."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def show(self, home: AtHome) -> HistoryPage:
        """Return the newest lines."""
        with self._stores.reading() as desk:
            found = desk.ledger.load_newest(home.live.account_id, EVENTS, at_most=_MOST)
            holder = desk.accounts.load_holder(home.live.account_id)
        lines = tuple(HistoryLine(one.event, paris_time(one.at)) for one in found)
        return HistoryPage(lines, has_password=holder is None or holder.account.password_hash is not None)
