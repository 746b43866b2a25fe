"""What FranceConnect proved of a person, as journeys keep it; and why it proved nothing.

A proof is of one issuer and one subject, lies sealed in the browser's own activation, and is worth two hours at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from idp.people.civil_identity import CivilIdentity, Gender
from idp.people.names import fold_name


class FranceConnectRefusal(StrEnum):
    """Why there is no identity."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNTRUSTED = "untrusted"
    MISCONFIGURED = "misconfigured"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ProvedIdentity:
    """A person whom FranceConnect recognised.

    Attributes:
        issuer: Of FranceConnect.
        sub: FranceConnect's pairwise subject of this person for this provider.
        civil: What the civil register says of her.
        id_token: The hint that ends her session there; a secret.
        proved_at: When it was verified: the `auth_time` of what it opens.
    """

    issuer: str
    sub: str
    civil: CivilIdentity
    id_token: str
    proved_at: datetime

    @property
    def shown(self) -> str:
        """First name and family name, for « Vous êtes reconnu par FranceConnect »."""
        names = (self.civil.given_names[:1] or ("",))[0], self.civil.usage_name or self.civil.birth_name
        return " ".join(name for name in names if name)

    @property
    def civil_status(self) -> str:
        """One text for one civil status, however it is written: a new `sub` with the same one is noticed."""
        civil = self.civil
        born = civil.birth_date.isoformat() if civil.birth_date else ""
        return "|".join([fold_name(civil.birth_name), *map(fold_name, civil.given_names), born, civil.gender])

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        civil = self.civil
        return {
            "issuer": self.issuer,
            "sub": self.sub,
            "birth_name": civil.birth_name,
            "given_names": list(civil.given_names),
            "usage_name": civil.usage_name,
            "birth_date": civil.birth_date.isoformat() if civil.birth_date else None,
            "gender": civil.gender.value,
            "id_token": self.id_token,
            "proved_at": self.proved_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ProvedIdentity":
        """Read what `to_json` made."""
        return cls(
            issuer=data["issuer"],
            sub=data["sub"],
            civil=CivilIdentity(
                birth_name=data["birth_name"],
                given_names=tuple(data["given_names"]),
                usage_name=data["usage_name"],
                birth_date=date.fromisoformat(data["birth_date"]) if data["birth_date"] else None,
                gender=Gender(data["gender"]),
            ),
            id_token=data["id_token"],
            proved_at=datetime.fromisoformat(data["proved_at"]),
        )
