"""Access tokens at the userinfo endpoint (RFC 6750), those that are bound to a key included (RFC 9449 section 7.1)."""

from collections.abc import Sequence

from idp.protocol.dpop_rfc9449 import ALGORITHMS

REALM = "preau"
BEARER, DPOP = "Bearer", "DPoP"
_A_WHILE = 10  # seconds: a server of a client's that did not answer is not asked before


class BearerRefusedError(Exception):
    """The token cannot be accepted. `error` is "" where the request held no token (section 3.1).

    `retry_after`, in seconds, is for one that is right, and may be shown again then: no other token would help.
    """

    def __init__(
        self, error: str, description: str, status: int, scheme: str = BEARER, *, retry_after: int = 0
    ) -> None:
        super().__init__(description)
        self.retry_after = retry_after
        self.scheme = scheme
        self.error = error
        self.description = description
        self.status = status

    @property
    def challenge(self) -> str:
        """The WWW-Authenticate header (section 3; RFC 9449 section 7.1)."""
        told = [f'{self.scheme} realm="{REALM}"']
        if self.error:
            told += [f'error="{self.error}"', f'error_description="{self.description}"']
        if self.scheme == DPOP:
            told.append(f'algs="{" ".join(ALGORITHMS)}"')
        return ", ".join(told)


def read_access_token(authorization: str | None, form: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return scheme and access token of a request.

    By header (section 2.1) or by form body (section 2.2), never by query (RFC 9700 section 4.3.2).

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
        return BEARER, in_body[0]
    if not authorization:
        raise BearerRefusedError("", "The request holds no token.", 401)
    named = {BEARER.lower(): BEARER, DPOP.lower(): DPOP}.get(scheme.lower())
    if named is None or not by_header.strip():
        raise _refuse_header()
    return named, by_header.strip()


def read_bearer_token(authorization: str | None) -> str:
    """Return the token of a request to an endpoint where tokens are bound to no key: by header alone.

    Raises:
        BearerRefusedError: There is none, or it is of another scheme.
    """
    scheme, token = read_access_token(authorization, ())
    if scheme != BEARER:
        raise _refuse_header()
    return token


def _refuse_header() -> BearerRefusedError:
    words = "The Authorization header must be: Bearer, a space, the token."
    return BearerRefusedError("invalid_request", words, 400)


def refuse_token(scheme: str = BEARER) -> BearerRefusedError:
    """Return the refusal of a token that is unknown, expired or revoked: the client is not told which (section 3.1)."""
    return BearerRefusedError("invalid_token", "The token is unknown, expired or revoked.", 401, scheme)


def refuse_audience(scheme: str = BEARER) -> BearerRefusedError:
    """Return the refusal of a token that is for another server than ours (RFC 8707), or that stands for no person.

    `invalid_token` with 401, not `insufficient_scope` with 403: RFC 9068 section 4 has every server refuse a token whose `aud` does not
    name it, and RFC 6750 section 3.1 has that word for a token that is « invalid for other reasons ». More scope would not help; another
    token does.
    """
    return BearerRefusedError("invalid_token", "The token is for another server, not for userinfo.", 401, scheme)


def refuse_key(description: str, error: str = "invalid_token") -> BearerRefusedError:
    """Return the refusal of a token that is not shown with the key that it is bound to (RFC 9449 section 7.1)."""
    return BearerRefusedError(error, description, 401, DPOP)


def refuse_for_a_while(description: str, scheme: str = BEARER) -> BearerRefusedError:
    """Return the refusal of a token that is right, where what is asked for cannot be told at this moment."""
    return BearerRefusedError("temporarily_unavailable", description, 503, scheme, retry_after=_A_WHILE)
