"""The identity providers that a person chooses from. All are fictional, and none can be taken for a real one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider of the simulator.

    Attributes:
        uid: What `idp_hint` and `idp_id` hold.
        name: As shown.
        available: Whether it can be chosen.
    """

    uid: str
    name: str
    available: bool = True


PROVIDERS = (
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000001", "Impôts fictifs"),
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000002", "Assurance maladie fictive"),
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000003", "Poste fictive"),
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000004", "Mutuelle agricole fictive"),
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000005", "Identité numérique fictive"),
    Provider("1f0b0e7a-5d1c-4a57-9a57-000000000006", "Coffre-fort fictif", available=False),
)


def find_provider(uid: str) -> Provider | None:
    """Return the provider of this uid."""
    return next((provider for provider in PROVIDERS if provider.uid == uid), None)
