"""The fictional identity providers: names only, none of anybody's."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Provider:
    """One of the accounts that a person may have.

    Attributes:
        uid: As `idp_hint` and `idp_id` name it.
        name: Shown to people.
        available: Whether it can be chosen.
        amr: How one proves oneself there.
    """

    uid: str
    name: str
    available: bool = True
    amr: tuple[str, ...] = ("pwd",)


PROVIDERS = MappingProxyType(
    {
        provider.uid: provider
        for provider in (
            Provider("11111111-1111-4111-8111-111111111111", "Impôts fictifs"),
            Provider("22222222-2222-4222-8222-222222222222", "Assurance maladie fictive"),
            Provider("33333333-3333-4333-8333-333333333333", "Poste fictive", amr=("pwd", "mail")),
            Provider("44444444-4444-4444-8444-444444444444", "Mutuelle agricole fictive", available=False),
            Provider("55555555-5555-4555-8555-555555555555", "Identité numérique fictive", amr=("pin", "pop", "mfa")),
        )
    }
)
"""By uid, in the order in which they are offered."""
