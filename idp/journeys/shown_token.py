"""A token of either kind that somebody shows."""

from collections.abc import Callable

from idp.journeys.ports import Secrets, UnitOfWork
from idp.journeys.rows import AccessTokenRow, RefreshTokenRow


class ShownToken:
    """Looks a token up among access tokens and refresh tokens, the hinted kind first (RFC 7009 section 2.1, RFC 7662 section 2.1)."""

    def __init__(self, desk: UnitOfWork, secrets: Secrets, token: str) -> None:
        self._desk = desk
        self._secrets = secrets
        self._token = token

    def load_row(self, hint: str) -> AccessTokenRow | RefreshTokenRow | None:
        """Return what is kept of the token, revoked and expired ones included.

        Args:
            hint: ``refresh_token`` or anything else, which then means an access token.
        """
        looks: tuple[Callable[[], AccessTokenRow | RefreshTokenRow | None], ...] = (
            self._load_access_token,
            self._load_refresh_token,
        )
        for look in reversed(looks) if hint == "refresh_token" else looks:
            if (found := look()) is not None:
                return found
        return None

    def _load_access_token(self) -> AccessTokenRow | None:
        return self._desk.grants.load_access_token(self._secrets.keyed_hash("access-token", self._token))

    def _load_refresh_token(self) -> RefreshTokenRow | None:
        return self._desk.grants.load_refresh_token(self._secrets.keyed_hash("refresh-token", self._token))
