"""Where sign-ins under way and signed-in people are kept: in the memory of this one process, bounded, expiring.

Why not in the cookie: the browser could read the nonce and the code verifier, and nothing would be single use. Why not in a
database: a sample has one worker, a restart costs one click, and a reader has one file less to read. An ENT with several
machines replaces `Shelf`, `Sessions` and `Memory` by tables with the same methods and changes nothing else.

Two shelves with separate bounds: a crowd of strangers opening sign-ins can push out other sign-ins, never a signed-in person.
"""

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from ent_client.directory import Guardian
from ent_client.exchange import CheckResult
from ent_client.runtime import Clock

VISIT_LIFETIME = timedelta(minutes=15)
SIGN_IN_LIFETIME = timedelta(minutes=15)
MOST_SIGN_INS_PER_BROWSER = 8
MOST_FAILURES_PER_BROWSER = 5
# More starts than this within a minute, without one success, is a loop of redirects and not a person.
MOST_STARTS_PER_MINUTE = 10

T = TypeVar("T")


@dataclass(frozen=True)
class PendingSignIn:
    """One sign-in under way, known by its `state`; never leaves this process.

    Attributes:
        state: ties the answer to this browser (RFC 6749, 10.12).
        nonce: ties the ID token to this sign-in (OpenID Connect Core 1.0, 15.5.2).
        code_verifier: ties the code to us (RFC 7636).
        started_at: when the browser was sent to the provider.
        target: path of our own page to show afterwards.
    """

    state: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    started_at: datetime
    target: str


@dataclass(frozen=True)
class Trace:
    """What the Diagnostic page shows of one sign-in, finished or refused. It holds no raw token.

    Attributes:
        reference: to read out on the phone, and to find the log line.
        results: every check with its result.
        header: the ID token's header.
        claims: the ID token's payload, empty unless its signature was verified.
        userinfo: what the userinfo endpoint said.
        unreachable: the provider did not answer.
    """

    reference: str
    results: tuple[CheckResult, ...]
    header: dict[str, Any] = field(default_factory=dict, repr=False)
    claims: dict[str, Any] = field(default_factory=dict, repr=False)
    userinfo: dict[str, Any] = field(default_factory=dict, repr=False)
    unreachable: bool = False


@dataclass
class Visit:
    """What we keep of a browser before (and beside) its being signed in.

    Attributes:
        key: the cookie's value; empty until the browser has been told.
        csrf: token of the chooser's form.
        pending: sign-ins under way, one per tab, oldest first.
        starts: when the last ones began, to notice a loop.
        failures: detail of refused sign-ins, by reference.
        logout_state: proves on the way back that this browser began the logout.
        provider_left_out: the provider could not be told of the logout.
    """

    key: str = field(default="", repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    pending: OrderedDict[str, PendingSignIn] = field(default_factory=OrderedDict)
    starts: list[datetime] = field(default_factory=list)
    failures: OrderedDict[str, Trace] = field(default_factory=OrderedDict)
    logout_state: str = ""
    provider_left_out: bool = False

    def begin(self, sign_in: PendingSignIn) -> bool:
        """Remember a sign-in; the oldest goes when there are too many tabs.

        Returns:
            False when this browser turns in circles: the sign-in is not begun.
        """
        self.starts = [start for start in self.starts if sign_in.started_at - start < timedelta(minutes=1)]
        if len(self.starts) >= MOST_STARTS_PER_MINUTE:
            return False
        self.starts.append(sign_in.started_at)
        self.pending[sign_in.state] = sign_in
        while len(self.pending) > MOST_SIGN_INS_PER_BROWSER:
            self.pending.popitem(last=False)
        return True

    def take(self, state: str, now: datetime) -> PendingSignIn | None:
        """Take out the sign-in of this state: once only, within 15 minutes, compared in constant time."""
        for known in tuple(self.pending):
            if hmac.compare_digest(known.encode(), state.encode("utf-8", "surrogatepass")):
                sign_in = self.pending.pop(known, None)
                return sign_in if sign_in and now - sign_in.started_at < SIGN_IN_LIFETIME else None
        return None

    def keep_failure(self, trace: Trace) -> None:
        """Keep the detail of a refused sign-in, for this browser's Diagnostic page."""
        self.failures[trace.reference] = trace
        while len(self.failures) > MOST_FAILURES_PER_BROWSER:
            self.failures.popitem(last=False)


@dataclass(frozen=True)
class Tokens:
    """What is kept of the provider's token responses: the access token is used at once and forgotten.

    Attributes:
        id_token: for `id_token_hint` at logout only, never shown.
        refresh_token: empty when the provider gave none.
        expires_at: when the access token does; None when the provider did not say.
    """

    id_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None


@dataclass
class SignedIn:
    """A signed-in person.

    Attributes:
        name: given name and family name, to greet.
        accounts: the directory records that this person may use; none means that the ENT does not know the person.
        chosen: index of the account in use; None while the person has to choose.
        sub: the provider's name for the person.
        sid: the provider's name for its session, by which it says that it ended; empty when the provider gives none.
        trace: for the Diagnostic page; its reference is the one to read out on the phone.
        tokens: what is kept of the last token response.
        renewal: the last renewal of the tokens, for the Diagnostic page.
        csrf: token of this session's forms.
        renewing: held while the tokens are renewed.
    """

    name: str
    accounts: tuple[Guardian, ...]
    chosen: int | None
    sub: str = field(repr=False)
    sid: str = field(repr=False)
    trace: Trace
    tokens: Tokens
    renewal: Trace | None = None
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    renewing: threading.Lock = field(default_factory=threading.Lock, repr=False)


class Shelf(Generic[T]):
    """A bounded, expiring dictionary whose keys are drawn here and are unguessable (256 bits)."""

    def __init__(self, clock: Clock, lifetime: timedelta, most: int, *, prolong: bool = False) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._most = most
        self._prolong = prolong
        self._lock = threading.Lock()
        self._items: OrderedDict[str, tuple[datetime, T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> str:
        """Keep an item and give its new key; what is out of date goes, then the least recently used beyond the bound."""
        key = secrets.token_urlsafe(32)
        now = self._clock.now()
        with self._lock:
            for old in [name for name, (until, _) in self._items.items() if until <= now]:
                del self._items[old]
            self._items[key] = (now + self._lifetime, item)
            while len(self._items) > self._most:
                self._items.popitem(last=False)
        return key

    def get(self, key: str) -> T | None:
        """Give the item of a key, or None when unknown or out of date."""
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

    def drop_where(self, matches: Callable[[T], bool]) -> int:
        """Forget every item that matches, and say how many there were."""
        with self._lock:
            found = [key for key, (_, item) in self._items.items() if matches(item)]
            for key in found:
                del self._items[key]
        return len(found)


class Memory:
    """What was seen lately, by name, and when: bounded, expiring."""

    def __init__(self, clock: Clock, lifetime: timedelta, most: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def note(self, name: str) -> bool:
        """Note a name as seen now; False when it was noted within the lifetime."""
        now = self._clock.now()
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < now - self._lifetime:
                self._seen.popitem(last=False)
            is_new = name not in self._seen
            self._seen[name] = now
            self._seen.move_to_end(name)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return is_new

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._seen.clear()

    def seen_after(self, name: str, moment: datetime) -> bool:
        """Say whether a name was noted after this moment."""
        with self._lock:
            return name in self._seen and self._seen[name] > moment


class Sessions(Shelf[SignedIn]):
    """The signed-in people, whose sessions the provider may end."""

    def __init__(self, clock: Clock, lifetime: timedelta, most: int) -> None:
        super().__init__(clock, lifetime, most)
        self._ended = Memory(clock, SIGN_IN_LIFETIME, most)

    def admit(self, person: SignedIn, started_at: datetime) -> str | None:
        """Keep a person who signed in, and give the new key.

        Args:
            person: who signed in.
            started_at: when the browser was sent to the provider.

        Returns:
            None when the provider ended this very session meanwhile: its message may overtake the browser.
        """
        key = self.put(person)
        if any(self._ended.seen_after(name, started_at) for name in (f"sid {person.sid}", f"sub {person.sub}")):
            self.drop(key)
            return None
        return key

    def clear(self) -> None:
        """Forget everybody, and which sessions the provider ended."""
        super().clear()
        self._ended.clear()

    def end(self, sid: str, sub: str) -> int:
        """End the sessions that the provider names, those under way included, and say how many were open.

        Args:
            sid: the provider's session, or empty.
            sub: the person, all of whose sessions end when no session is named.
        """
        self._ended.note(f"sid {sid}" if sid else f"sub {sub}")
        return self.drop_where(lambda person: person.sid == sid if sid else person.sub == sub)
