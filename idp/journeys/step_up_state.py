"""What a request remembers of a second proof under way. Sealed by the store."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_MOMENTS = ("code_sent_at", "code_expires_at")


@dataclass(slots=True)
class StepUpState:
    """How far it is, of one session: whoever signs in over it begins anew."""

    session_id: str
    number: str = ""  # E.164, where texts go
    code_hash: str = ""  # "" before the first text, once used, and once guessed at too often
    code_sent_at: datetime | None = None
    code_expires_at: datetime | None = None
    code_tries: int = 0
    declined: bool = False  # « Je ne peux pas recevoir ce SMS »

    def of_number(self, number: str) -> "StepUpState":
        """Return how far it is with this number: a text that went to another, which the school has corrected since, proves nothing."""
        return self if self.number == number else StepUpState(self.session_id, number, declined=self.declined)

    def to_bytes(self) -> bytes:
        """Return the JSON that `of` reads."""
        data = asdict(self)
        for name in _MOMENTS:
            data[name] = None if data[name] is None else data[name].isoformat()
        return json.dumps(data).encode()

    @classmethod
    def of(cls, stored: bytes | None, session_id: str) -> "StepUpState":
        """Read what `to_bytes` made for this session; a new one where there is none."""
        data: dict[str, Any] = json.loads(stored) if stored else {}
        if data.get("session_id") != session_id:
            return cls(session_id)
        for name in _MOMENTS:
            data[name] = None if data[name] is None else datetime.fromisoformat(data[name])
        return cls(**data)
