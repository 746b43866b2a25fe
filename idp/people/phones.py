"""Phone numbers as people write them, kept as E.164."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A mobile number in E.164 form, for example ``+33639980001``."""

    e164: str
