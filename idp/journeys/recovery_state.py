"""What a recovery remembers between two pages. Sealed by the store: it holds what the person typed."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from idp.journeys.answers import TypedDate, TypedIdentity
from idp.journeys.recovery_answers import Channel, RecoveryStep

_MOMENTS = ("sent_at", "expires_at", "locked_until", "done_at")


@dataclass(slots=True)
class RecoveryState:
    """Typed and found so far. A recovery that found nobody to write to has no account and behaves alike on every page."""

    door: RecoveryStep  # the first page: NAMES or IDENTIFIANT
    handle: str = ""  # the `d` of the sign-in page to come back to
    language: str = "fr"  # in which the person read when she last sent a form
    identity: TypedIdentity = field(default_factory=TypedIdentity)
    email: str = ""  # as typed with the names
    identifiant: str = ""  # as typed, normalised
    channel: Channel = Channel.SMS
    account_id: int | None = None  # None: nobody gets a code or a link
    phone: str = ""  # E.164: typed with the names, or the one that the code went to
    address_mark: str = ""  # keyed hash of the e-mail address that the link went to
    password_mark: str = ""  # keyed hash of what was kept of the password then: a recovery dies when it changes
    code_hash: str = ""  # "" once used
    code_tries: int = 0
    sent_at: datetime | None = None  # of the latest code or link
    expires_at: datetime | None = None  # of the same
    link_hash: str = ""  # LINK: of the mailed link that was opened in this browser
    date: TypedDate = field(default_factory=TypedDate)
    dates_tries: int = 0
    strength: int = 0
    locked_until: datetime | None = None
    locked_by_dates: bool = False
    done_at: datetime | None = None

    def to_bytes(self) -> bytes:
        """Return the JSON that `from_bytes` reads."""
        data = asdict(self)
        for name in _MOMENTS:
            data[name] = None if data[name] is None else data[name].isoformat()
        return json.dumps(data).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "RecoveryState":
        """Read what `to_bytes` made."""
        data: dict[str, Any] = json.loads(stored)
        for name in _MOMENTS:
            data[name] = None if data[name] is None else datetime.fromisoformat(data[name])
        data["door"] = RecoveryStep(data["door"])
        data["channel"] = Channel(data["channel"])
        data["identity"] = TypedIdentity(**data["identity"])
        data["date"] = TypedDate(**data["date"])
        return cls(**data)

    def forget_typed(self) -> None:
        """Drop what was typed, once it is of no more use."""
        self.identity = TypedIdentity()
        self.email = ""
        self.date = TypedDate()
        self.phone = ""
