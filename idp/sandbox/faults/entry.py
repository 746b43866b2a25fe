"""A fault: its entry in the catalogue, and the answer that it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.journeys.ports import SigningKeys
from idp.protocol.client import Client


class Endpoint(StrEnum):
    """Where a fault bites."""

    AUTHORIZATION = "authorization"  # the answer that a browser brings back to the client
    PAR = "par"
    TOKEN = "token"  # noqa: S105  the name of an endpoint
    USERINFO = "userinfo"
    INTROSPECTION = "introspection"
    REVOCATION = "revocation"
    JWKS = "jwks"
    DISCOVERY = "discovery"
    LOGOUT_TOKEN = "logout-token"  # noqa: S105  what we send to clients


SERVED = tuple(one for one in Endpoint if one not in {Endpoint.AUTHORIZATION, Endpoint.LOGOUT_TOKEN})
"""What a client's server asks and gets an HTTP answer from."""
ANONYMOUS = frozenset({Endpoint.JWKS, Endpoint.DISCOVERY})
"""Where nobody says who asks: no fault there can be one client's or one person's."""
IMPERSONAL = ANONYMOUS | {Endpoint.PAR}
"""Where no person is known."""

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way out.

    Attributes:
        status: HTTP status.
        content_type: Its header.
        body: Its body; of a logout token, the token.
        params: Of an authorization response: names and values.
        headers: To set beside those that the answer has.
        announced: Its Content-Length, where that is not the body's.
        seconds: How long it is held back.
        repeats: How many times it is sent.
    """

    status: int = 200
    content_type: str = "application/json"
    body: bytes = field(default=b"", repr=False)
    params: Params = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    seconds: float = 0.0
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a fault may use.

    Attributes:
        now: The present moment.
        keys: What signs.
        endpoint: Whose answer it is.
        seconds: How long a slow one takes.
    """

    now: datetime
    keys: SigningKeys
    endpoint: Endpoint = Endpoint.TOKEN
    seconds: float = 5.0


Change = Callable[[Answer, Surroundings], Answer | None]
"""Returns the answer as it goes out, None where the fault cannot apply to it."""
Fits = Callable[[Client], str]
"""Says why a fault can never apply to a client's answers; "" where it can."""


def fits_every_client(client: Client) -> str:
    """Return that there is no reason."""
    del client
    return ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: As testers ask for it.
        endpoints: Where it bites, the first one first.
        about: What it is, in one sentence.
        sound: What a sound client does, in one sentence.
        text: The paragraph.
        change: What makes it.
        fits: Whether it can apply to a client.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    about: str
    sound: str
    text: str
    change: Change = field(repr=False, compare=False)
    fits: Fits = field(default=fits_every_client, repr=False, compare=False)

    def bites(self, endpoint: Endpoint, chosen: str | None) -> bool:
        """Tell whether it bites here.

        Args:
            endpoint: Whose answer it is.
            chosen: The one endpoint that was asked for; None for all of its own.
        """
        return endpoint in self.endpoints and chosen in {None, endpoint}
