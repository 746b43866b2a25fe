"""E-mail addresses as families type them: one mailbox at one domain (RFC 5321 section 4.1.2), in plain ASCII letters.

Narrower than the text: no quoted part before the @, no address of a machine in brackets, a domain with a dot. No accents either: what
stands before the @ could then be delivered by few servers (RFC 6531), and what stands after it is written in two ways (RFC 5890) that two
readers may take for two domains. Whoever owns such a domain knows its form that begins with ``xn--``, which is taken.
"""

import re
from dataclasses import dataclass

LONGEST = 254
"""Characters of an address: a path of 256 less its brackets (RFC 5321 section 4.5.3.1.3)."""

_LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 section 3.2.3
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1035 section 2.3.1, RFC 1123 section 2.1
# The last label is no number: that would be a machine's address (RFC 3696 section 2).
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}")
_FICTIONAL_SUFFIXES = (".test", ".example", ".invalid", ".localhost")  # RFC 6761 section 6
_FICTIONAL_DOMAINS = ("example.com", "example.net", "example.org")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address that mail can be sent to: no space, no line end, nothing that a header could take for its own.

    The domain is in small letters; what stands before the @ is as typed, because its server alone knows what it means.
    """

    address: str

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]

    @property
    def compared(self) -> str:
        """The address in small letters: two that differ by their case alone are one mailbox wherever families have theirs."""
        return self.address.lower()


class EmailFault(ValueError):  # noqa: N818  what a person typed is no error of the program
    """What is wrong with a typed address: `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_email(typed: str) -> EmailAddress:
    """Read an address.

    Args:
        typed: As typed; spaces around it are dropped.

    Raises:
        EmailFault: ``empty``, ``incomplete``, ``accents`` or ``long``.
    """
    text = typed.strip()
    if not text:
        raise EmailFault("empty")
    if any(sign.isalpha() and not sign.isascii() for sign in text):
        raise EmailFault("accents")
    local_part, _, domain = text.rpartition("@")
    if not (_LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(domain)):
        raise EmailFault("incomplete")
    if len(text) > LONGEST or len(local_part) > _LONGEST_LOCAL_PART:
        raise EmailFault("long")
    return EmailAddress(f"{local_part}@{domain.lower()}")


def is_fictional(email: EmailAddress) -> bool:
    """Tell whether an address can be nobody's: its domain is reserved for examples and tests (RFC 2606, RFC 6761)."""
    domain = f".{email.domain}"
    return domain.endswith(_FICTIONAL_SUFFIXES + tuple(f".{one}" for one in _FICTIONAL_DOMAINS))
