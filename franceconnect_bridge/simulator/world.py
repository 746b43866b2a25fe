"""Everything that a request needs, hung from one object: several simulators may live in one process."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from franceconnect_bridge.simulator.authorization import AuthorizationRequest
from franceconnect_bridge.simulator.faults import FaultBoard
from franceconnect_bridge.simulator.keys import Keys
from franceconnect_bridge.simulator.persons import Person, Persons
from franceconnect_bridge.simulator.runtime import Clock, Cookies, Shelf, draw
from franceconnect_bridge.simulator.settings import Client, Settings

SESSION_LIFETIME = timedelta(minutes=30)
CODE_LIFETIME = timedelta(seconds=30)
TOKEN_LIFETIME = timedelta(seconds=60)
_ASSERTION_LIFETIME = timedelta(minutes=10)
_USED_CODES = timedelta(minutes=10)


@dataclass(slots=True)
class Interaction:
    """One sign-in under way, in one browser.

    Attributes:
        uid: In the address of its pages.
        request: What the service asked for.
        csrf: Wanted in each of its forms.
        provider: uid of the identity provider that was chosen, "" before.
        person: Who signed in there, None before.
        failed_provider: Name of the one where signing in failed or was left, for the notice.
        finished: Whether the browser was sent back to the service.
        callback_fault: Name of what goes wrong on the way back, "" for nothing.
        answer: Where the browser was sent with its code, "" before.
    """

    uid: str
    request: AuthorizationRequest
    csrf: str = field(default_factory=draw, repr=False)
    provider: str = ""
    person: Person | None = None
    failed_provider: str = ""
    finished: bool = False
    callback_fault: str = ""
    answer: str = field(default="", repr=False)


@dataclass(slots=True)
class Session:
    """One browser at FranceConnect.

    Attributes:
        key: The cookie's value.
        person: Who is signed in, None for nobody.
        provider: uid of the identity provider that she used.
        auth_time: When she signed in there.
        interactions: uids of the sign-ins that this browser began.
    """

    key: str = field(repr=False)
    person: Person | None = None
    provider: str = ""
    auth_time: datetime | None = None
    interactions: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an authorization code or an access token stands for."""

    request: AuthorizationRequest
    person: Person
    provider: str
    auth_time: datetime
    issued_at: datetime


@dataclass(slots=True)
class LogoutRequest:
    """A logout that waits for its button.

    Attributes:
        client: Whose ID token was the hint.
        uri: Where the browser goes afterwards, "" for nowhere.
        state: That comes back with it.
        fault: Name of what goes wrong, "" for nothing.
    """

    client: Client
    uri: str
    state: str
    fault: str = ""


@dataclass(slots=True)
class World:
    """A simulator.

    Attributes:
        settings: What it was told.
        clock: The time, which a tester may move.
        cookies: Of its pages.
        keys: That sign.
        persons: Who can sign in.
        clients: Who is registered, by client_id.
        faults: What waits to go wrong.
        sessions: By cookie.
        interactions: By uid.
        codes: By value; kept after they ran out, to say so.
        used_codes: By code that was used: the access token that it gave.
        tokens: By value.
        logouts: That wait for their button, by the form's key.
        assertions: `jti` of client assertions that were used (RFC 7523 section 3).
    """

    settings: Settings
    clock: Clock
    cookies: Cookies
    keys: Keys
    persons: Persons
    clients: dict[str, Client]
    faults: FaultBoard
    sessions: Shelf[Session]
    interactions: Shelf[Interaction]
    codes: Shelf[Grant]
    used_codes: Shelf[str]
    tokens: Shelf[Grant]
    assertions: Shelf[bool]
    logouts: Shelf[LogoutRequest]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, settings: Settings, clock: Clock | None = None) -> "World":
        """Build a simulator.

        Raises:
            PersonError: The persons' file cannot be used.
        """
        clock = clock or Clock()
        return cls(
            settings=settings,
            clock=clock,
            cookies=Cookies(secure=settings.secure),
            keys=Keys(),
            persons=Persons(settings.persons, settings.families),
            clients=settings.all_clients(),
            faults=FaultBoard(),
            sessions=Shelf(clock, SESSION_LIFETIME, prolong=True),
            interactions=Shelf(clock, SESSION_LIFETIME),
            codes=Shelf(clock, _USED_CODES),
            used_codes=Shelf(clock, _USED_CODES),
            tokens=Shelf(clock, TOKEN_LIFETIME),
            assertions=Shelf(clock, _ASSERTION_LIFETIME),
            logouts=Shelf(clock, SESSION_LIFETIME),
        )

    def reset(self) -> None:
        """Begin again: persons of the file, no session, no fault, the machine's time. Keys and clients stay."""
        self.persons.reset()
        self.faults.clear()
        shelves: tuple[Shelf[Any], ...] = (
            self.sessions, self.interactions, self.codes, self.used_codes, self.tokens, self.assertions, self.logouts,
        )  # fmt: skip
        for shelf in shelves:
            shelf.clear()
        self.clock.set_offset(timedelta())
