"""What may be shown once: noted by its name, in a row that all processes share, and forgotten once it is worth nothing."""

from datetime import datetime

from idp.journeys.ports import Clock, Secrets, Stores


class SingleUse:
    """Notes names that clients give to what they sign (`jti`, RFC 7519 section 4.1.7).

    Args:
        kind: Of what they name: the first word of the row's key.
        purpose: Of the keyed hash.
        stores: Where they are noted.
        clock: The time.
        secrets: What hashes.
    """

    def __init__(self, kind: str, purpose: str, *, stores: Stores, clock: Clock, secrets: Secrets) -> None:
        self._kind = kind
        self._purpose = purpose
        self._stores = stores
        self._clock = clock
        self._secrets = secrets

    def note(self, owner: str, name: str, until: datetime) -> bool:
        """Note that somebody used a name; False when she did so before. A counter that allows one use.

        Args:
            owner: Whose name it is.
            name: As signed.
            until: When what bears it is worth nothing any more.
        """
        key = self._secrets.keyed_hash(self._purpose, f"{owner}:{name}")
        now = self._clock.now()
        with self._stores.writing() as desk:
            return desk.quotas.take(f"{self._kind}:{key}", limit=1, window=until - now, now=now).allowed
