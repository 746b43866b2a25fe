"""What the simulator remembers: browsers, authorizations under way, codes and access tokens. In the memory of its one process, bounded."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Generic, TypeVar

from franceconnect_bridge.simulator.clock import MovableClock
from franceconnect_bridge.simulator.errors import PageError
from franceconnect_bridge.simulator.persons import Person
from franceconnect_bridge.simulator.providers import Provider
from franceconnect_bridge.simulator.settings import Client

SESSION_LIFETIME = timedelta(minutes=30)
CODE_LIFETIME = timedelta(seconds=30)
TOKEN_LIFETIME = timedelta(seconds=60)
_TRACE_LIFETIME = timedelta(hours=1)  # for which a code is remembered, to say why it is refused
_MOST = 20_000
_MOST_INTERACTIONS = 16  # of one browser

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    acr: str
    nonce: str = field(repr=False)
    state: str = field(repr=False)
    asks_amr: bool = False
    hinted: Provider | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing but `sub` is asked for."""
        return self.scopes == ("openid",)


class Step(Enum):
    """How far an authorization is."""

    CHOICE = "choice"
    PROVIDER = "provider"
    VERIFY = "verify"
    CONSENT = "consent"
    DONE = "done"


@dataclass(slots=True)
class Interaction:
    """One authorization under way in one browser.

    Attributes:
        uid: In its addresses.
        request: What the service asked for.
        step: How far it is.
        provider, provider_state, provider_code: Who was chosen, and what ties her answer to this authorization.
        person: Who signed in at the provider.
        authenticated_at: When.
        failed_provider: Name of the provider that just failed, for the notice.
        refusal: The page that was shown last, for « Revenir sur ».
        answer: Where the browser was sent at the end, to be sent there again by a double click.
    """

    uid: str
    request: AuthorizationRequest
    step: Step = Step.CHOICE
    provider: Provider | None = None
    provider_state: str = ""
    provider_code: str = ""
    person: Person | None = None
    authenticated_at: datetime | None = None
    failed_provider: str = ""
    refusal: PageError | None = None
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in at the simulator in a browser."""

    person: Person
    provider: Provider
    at: datetime


@dataclass(slots=True)
class Leaving:
    """A signing out under way."""

    client: Client
    back_to: str
    state: str | None
    fault: str = ""


@dataclass(slots=True)
class Session:
    """A browser."""

    key: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    signed_in: SignedIn | None = None
    leaving: Leaving | None = None
    interactions: "OrderedDict[str, Interaction]" = field(default_factory=OrderedDict)

    def begin(self, request: AuthorizationRequest) -> Interaction:
        """Keep an authorization; the oldest goes when a browser has too many."""
        interaction = Interaction(secrets.token_urlsafe(16), request)
        self.interactions[interaction.uid] = interaction
        while len(self.interactions) > _MOST_INTERACTIONS:
            self.interactions.popitem(last=False)
        return interaction


@dataclass(slots=True)
class Grant:
    """What a code stands for."""

    request: AuthorizationRequest
    person: Person
    provider: Provider
    authenticated_at: datetime
    issued_at: datetime
    used: bool = False
    access_token: str = field(default="", repr=False)


class Shelf(Generic[T]):
    """A bounded, expiring dictionary whose keys are drawn here and cannot be guessed."""

    def __init__(self, clock: MovableClock, lifetime: timedelta, *, prolong: bool = False) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._prolong = prolong
        self._lock = threading.Lock()
        self._items: OrderedDict[str, tuple[datetime, T]] = OrderedDict()

    def put(self, item: T) -> str:
        """Keep an item and return its new key. The least recently used goes beyond the bound."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._items[key] = (self._clock.now() + self._lifetime, item)
            while len(self._items) > _MOST:
                self._items.popitem(last=False)
        return key

    def get(self, key: str) -> T | None:
        """Return what is kept under a key, or None when there is nothing or it is too old."""
        now = self._clock.now()
        with self._lock:
            found = self._items.get(key)
            if found is None or found[0] <= now:
                self._items.pop(key, None)
                return None
            if self._prolong:
                self._items[key] = (now + self._lifetime, found[1])
            self._items.move_to_end(key)
            return found[1]

    def drop(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._items.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()


class Store:
    """Every shelf."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._redeeming = threading.Lock()
        self.sessions: Shelf[Session] = Shelf(clock, SESSION_LIFETIME, prolong=True)
        self._grants: Shelf[Grant] = Shelf(clock, _TRACE_LIFETIME)
        self._accesses: Shelf[Grant] = Shelf(clock, TOKEN_LIFETIME)

    def open_session(self) -> Session:
        """Return a new browser's session."""
        session = Session()
        session.key = self.sessions.put(session)
        return session

    def issue_code(self, grant: Grant) -> str:
        """Return a code for a grant."""
        return self._grants.put(grant)

    def find_grant(self, code: str) -> Grant | None:
        """Return what a code stands for, used or old as it may be."""
        return self._grants.get(code)

    def is_old(self, grant: Grant) -> bool:
        """Tell whether a code has outlived its 30 seconds."""
        return self._clock.now() >= grant.issued_at + CODE_LIFETIME

    def use(self, grant: Grant) -> str | None:
        """Return an access token for the first use of a code; None for every other, which takes that token away."""
        with self._redeeming:
            if grant.used:
                self._accesses.drop(grant.access_token)
                return None
            grant.used = True
            grant.access_token = self._accesses.put(grant)
            return grant.access_token

    def find_access(self, token: str) -> Grant | None:
        """Return what an access token stands for, or None when it is unknown, expired or revoked."""
        return self._accesses.get(token)

    def revoke(self, token: str, client_id: str) -> None:
        """Forget an access token of a client."""
        grant = self.find_access(token)
        if grant is not None and grant.request.client.client_id == client_id:
            self._accesses.drop(token)

    def clear(self) -> None:
        """Forget every browser, code and token."""
        for shelf in (self.sessions, self._grants, self._accesses):
            shelf.clear()
