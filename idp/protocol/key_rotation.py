"""When a signing key may sign, and how long it is published (OpenID Connect Core 1.0 section 10.1.1).

A key is `next`, then `active`, then `retiring`, then `retired`. It is published in the first three, so that whoever verifies knows it
before it signs and as long as anything it signed is used.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

JWKS_LIFETIME = timedelta(minutes=5)
"""How long a verifier may keep the published keys without asking again."""

READ_AGAIN_AFTER = timedelta(minutes=1)
"""How old a process's list of keys may be."""

KNOWN_AFTER = 2 * READ_AGAIN_AFTER
"""Every process has read the list again by then, with a minute for clocks that differ and for a signature that is still under way."""

PUBLISHED_BEFORE = timedelta(minutes=10)
"""How long a key is published before it signs: the last process reads it after one minute, and the document that another one sent just
before may be kept for five. The rest is for clocks that differ."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"  # published, does not sign yet
    ACTIVE = "active"  # signs; one for each algorithm
    RETIRING = "retiring"  # no longer signs, still published
    RETIRED = "retired"  # no longer published


@dataclass(frozen=True, slots=True)
class KeyLife:
    """What is known of a key beside the key itself. Times are aware."""

    kid: str
    algorithm: str
    created_at: datetime
    signs_since: datetime | None = None
    retired_at: datetime | None = None  # since then it signs nothing new
    published_until: datetime | None = None  # known once it is retired

    def state_at(self, now: datetime) -> KeyState:
        """Return the state. Keys leave the published ones by themselves: nobody has to come and take them out."""
        if self.retired_at is not None:
            is_over = self.published_until is None or now >= self.published_until
            return KeyState.RETIRED if is_over else KeyState.RETIRING
        return KeyState.NEXT if self.signs_since is None else KeyState.ACTIVE

    def may_sign_from(self, *, in_a_hurry: bool) -> datetime:
        """Return when a next key may become active.

        Args:
            in_a_hurry: As soon as every process publishes it, although verifiers may keep older documents for some minutes more.
        """
        return self.created_at + (KNOWN_AFTER if in_a_hurry else PUBLISHED_BEFORE)


def published_until(retired_at: datetime, longest_use: timedelta) -> datetime:
    """Return when nothing that a key signed is used any more.

    Args:
        retired_at: When another key took its place. A process that has not noticed goes on for a minute.
        longest_use: How long the last token that it signed may be verified: the ID token's life, or a session's, at whose end the token
            may come back as `id_token_hint` (OpenID Connect RP-Initiated Logout 1.0 section 2), whichever is longer.
    """
    return retired_at + KNOWN_AFTER + longest_use


def earliest_end(life: KeyLife, now: datetime) -> datetime:
    """Return when a key that signs no more can be taken out at the earliest: once no process signs with it any more."""
    return now if life.signs_since is None or life.retired_at is None else max(now, life.retired_at + KNOWN_AFTER)
