"""What an activation remembers between two pages. Sealed by the store: it holds what the parent typed."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from idp.journeys.answers import PupilAnswer, TypedDate, TypedIdentity
from idp.journeys.franceconnect_proof import ProvedIdentity

_MOMENTS = ("code_expires_at", "code_sent_at", "locked_until", "done_at")


@dataclass(slots=True)
class ActivationState:
    """Typed and found so far. An activation that matched nobody has no guardian and behaves alike on every page."""

    handle: str = ""  # of the ENT's request to come back to
    language: str = "fr"  # in which the person read when she last sent a form
    identity: TypedIdentity = field(default_factory=TypedIdentity)
    phone: str = ""  # E.164
    guardian_ids: list[int] = field(default_factory=list)  # empty: nobody was matched
    code_hash: str = ""  # "" once used
    code_expires_at: datetime | None = None
    code_sent_at: datetime | None = None
    code_tries: int = 0
    kinship_ids: list[int] = field(default_factory=list)  # in the order of the page
    answers: list[PupilAnswer] = field(default_factory=list)
    dates_tries: int = 0
    proved_ids: list[int] = field(default_factory=list)  # kinships whose date was right
    contested_ids: list[int] = field(default_factory=list)  # kinships answered « je ne suis pas »
    identifiant: str = ""
    account_id: int | None = None
    resets_password: bool = False  # the account was there before this activation
    strength: int = 0
    locked_until: datetime | None = None
    locked_by_dates: bool = False
    done_at: datetime | None = None
    proof: ProvedIdentity | None = None  # FranceConnect recognised the person: nobody asks for her name
    sub_changed: bool = False  # FranceConnect knows the same civil status by another subject than before

    def to_bytes(self) -> bytes:
        """Return the JSON that `from_bytes` reads."""
        data = asdict(replace(self, proof=None))
        data["proof"] = None if self.proof is None else self.proof.to_json()
        for name in _MOMENTS:
            data[name] = None if data[name] is None else data[name].isoformat()
        return json.dumps(data).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "ActivationState":
        """Read what `to_bytes` made."""
        data: dict[str, Any] = json.loads(stored)
        for name in _MOMENTS:
            data[name] = None if data[name] is None else datetime.fromisoformat(data[name])
        data["identity"] = TypedIdentity(**data["identity"])
        data["proof"] = None if data.get("proof") is None else ProvedIdentity.from_json(data["proof"])
        data["answers"] = [
            PupilAnswer(mine=answer["mine"], date=TypedDate(**answer["date"])) for answer in data["answers"]
        ]
        return cls(**data)

    def forget_typed(self) -> None:
        """Drop what was typed, once it is of no more use."""
        self.identity = TypedIdentity()
        self.phone = ""
        self.answers = []
