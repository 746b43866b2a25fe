"""Every state of the pages of « Mon compte »: a name, an address, and what the journey answers."""

from datetime import UTC, datetime

from idp.journeys.account_answers import OwnAccountPage, ProofPage
from idp.journeys.answers import Fault

_LONG = "Jean-Baptiste DUPONT DE LA ROCHEFOUCAULD"
_LINKED = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
_TOO_OFTEN = Fault("actuel", "slowed", {"minutes": 15})

ACCOUNT_STATES: tuple[tuple[str, str, object], ...] = (
    (
        "own-account",
        "/mon-compte?avis=proved",
        OwnAccountPage("Joe DUPONT", "j.dupont4271", "+33 6 •• •• •• 01", "01", has_password=True),
    ),
    (
        "own-account-long",
        "/mon-compte",
        OwnAccountPage(_LONG, "j.dupontdelarochefoucauld4271", linked_at=_LINKED),
    ),
    ("proof", "/mon-compte/confirmation", ProofPage("/mon-compte", "0-abc", "j.dupont4271")),
    (
        "proof-wrong",
        "/mon-compte/confirmation",
        ProofPage("/mon-compte", "0-abc", "j.dupont4271", (Fault("actuel", "wrong"),)),
    ),
    (
        "proof-slowed",
        "/mon-compte/confirmation",
        ProofPage("/mon-compte", "0-abc", "j.dupont4271", (_TOO_OFTEN,), retry_after=900),
    ),
)
