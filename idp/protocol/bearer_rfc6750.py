"""Bearer tokens at the userinfo endpoint (RFC 6750)."""

from collections.abc import Sequence

REALM = "preau"


class BearerRefusedError(Exception):
    """The token cannot be accepted. `error` is "" where the request held no token (section 3.1)."""

    def __init__(self, error: str, description: str, status: int) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    @property
    def challenge(self) -> str:
        """The WWW-Authenticate header (section 3)."""
        if not self.error:
            return f'Bearer realm="{REALM}"'
        return f'Bearer realm="{REALM}", error="{self.error}", error_description="{self.description}"'


def read_bearer_token(authorization: str | None, form: Sequence[tuple[str, str]]) -> str:
    """Return the access token of a request: by header (section 2.1) or by form body (section 2.2), never by query (RFC 9700 section 4.3.2).

    Args:
        authorization: The Authorization header.
        form: The form body of a POST, () otherwise.

    Raises:
        BearerRefusedError: There is none, or there are two.
    """
    in_body = [value for name, value in form if name == "access_token"]
    scheme, _, by_header = (authorization or "").partition(" ")
    if (authorization and in_body) or len(in_body) > 1:
        raise BearerRefusedError("invalid_request", "The request holds more than one token.", 400)
    if in_body:
        return in_body[0]
    if not authorization:
        raise BearerRefusedError("", "The request holds no token.", 401)
    if scheme.lower() != "bearer" or not by_header.strip():
        raise BearerRefusedError(
            "invalid_request", "The Authorization header must be: Bearer, a space, the token.", 400
        )
    return by_header.strip()


def refuse_token() -> BearerRefusedError:
    """Return the refusal of a token that is unknown, expired or revoked: the client is not told which (section 3.1)."""
    return BearerRefusedError("invalid_token", "The token is unknown, expired or revoked.", 401)
