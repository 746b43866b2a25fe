"""What a session remembers of the children that it is asked about. Sealed by the store."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from idp.journeys.answers import PupilAnswer, TypedDate


@dataclass(slots=True)
class NewChildrenState:
    """How far it is."""

    answers: list[PupilAnswer] = field(default_factory=list)  # in the order of the page
    tries: int = 0
    locked_until: datetime | None = None
    proved_ids: list[int] = field(
        default_factory=list
    )  # links whose date was right, while the others are to be confirmed
    contested_ids: list[int] = field(default_factory=list)  # links answered « je ne suis pas », to be confirmed

    def to_bytes(self) -> bytes:
        """Return the JSON that `of` reads."""
        data = asdict(self)
        data["locked_until"] = None if self.locked_until is None else self.locked_until.isoformat()
        return json.dumps(data).encode()

    @classmethod
    def of(cls, stored: bytes) -> "NewChildrenState":
        """Read what `to_bytes` made; the beginning where there is nothing."""
        if not stored:
            return cls()
        data: dict[str, Any] = json.loads(stored)
        data["answers"] = [PupilAnswer(one["mine"], TypedDate(**one["date"])) for one in data["answers"]]
        data["locked_until"] = None if data["locked_until"] is None else datetime.fromisoformat(data["locked_until"])
        return cls(**data)
