"""The two ends of one sign-in: where the browser leaves, and where it comes back.

A sign-in is kept under its `state` and the secret of the browser that began it, together: a callback in another browser, with another's
state, or a second time finds nothing, and burns nothing of anybody.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, request

from franceconnect_bridge.breaker import Breaker
from franceconnect_bridge.calls import Http
from franceconnect_bridge.client import FranceConnect
from franceconnect_bridge.errors import UpstreamError, read_authorization_error
from franceconnect_bridge.ports import Clock, Mounter, Outbound, Proof, Refusal, Store
from franceconnect_bridge.settings import BridgeSettings

_BYTES = 32  # of state and nonce, written as 64 digits: FranceConnect asks for 22 alphanumerics or more, an older rule for 32 to 64
_LONGEST = 512  # characters of one parameter of the callback


@dataclass(frozen=True, slots=True)
class _Begun:
    """A sign-in under way."""

    nonce: str
    context: str

    def to_bytes(self) -> bytes:
        return json.dumps([self.nonce, self.context]).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "_Begun":
        return cls(*json.loads(stored))


class Bridge:
    """A relying party of FranceConnect, mounted in somebody's Flask application."""

    def __init__(
        self,
        settings: BridgeSettings,
        *,
        clock: Clock,
        store: Store,
        outbound: Outbound,
        mounter: Mounter,
        cookie: str,
        secure: bool,
    ) -> None:
        """Open nothing yet: the first sign-in reads discovery.

        Args:
            settings: Which FranceConnect, and who we are there.
            clock: For lifetimes and tokens.
            store: Shared by all processes; what is put there is sealed by the mounter.
            outbound: Put around every call.
            mounter: Answers the browser.
            cookie: Name of the cookie that ties a sign-in to its browser.
            secure: Whether browsers come over TLS.

        Raises:
            ValueError: The private key cannot be used.
        """
        self._settings = settings
        self._clock = clock
        self._store = store
        self._mounter = mounter
        self._cookie = f"__Host-{cookie}" if secure else cookie
        self._secure = secure
        http = Http(outbound=outbound, breaker=Breaker(), timeout_seconds=settings.timeout_seconds)
        self.franceconnect = FranceConnect(settings, clock, http)

    def begin(self, context: str, *, prompt: str = "") -> Response:
        """Send the browser to FranceConnect.

        Args:
            context: What the mounter wants back with the identity: which request it answers.
            prompt: ``login`` to have the person prove herself again, "" otherwise.
        """
        state, nonce = _draw(), _draw()
        try:
            address = self.franceconnect.authorization_uri(state=state, nonce=nonce, prompt=prompt)
        except UpstreamError as error:
            return self._mounter.on_refusal(error.refusal, context, error.detail)
        browser = request.cookies.get(self._cookie) or _draw()
        expires_at = self._clock.now() + timedelta(minutes=self._settings.sign_in_minutes)
        self._store.put(_key(browser, state), _Begun(nonce, context).to_bytes(), expires_at=expires_at)
        response = Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
        # Lax: the way back is a navigation from another site. It has no lifetime: closing the browser of a shared phone drops it.
        response.set_cookie(self._cookie, browser, secure=self._secure, httponly=True, samesite="Lax", path="/")
        return response

    def blueprint(self) -> Blueprint:
        """Return the callback, `/retour`, to be registered below a prefix of the mounter's."""
        pages = Blueprint("franceconnect_bridge", __name__)

        @pages.get("/retour")
        def come_back() -> Response:
            return self._come_back()

        return pages

    def _come_back(self) -> Response:
        """Take the answer of FranceConnect (RFC 6749 section 4.1.2) through every check, in their order."""
        begun = self._take()
        if begun is None:
            return self._mounter.on_refusal(
                Refusal.LOST, "", "callback: no sign-in of this browser waits for this state"
            )
        try:
            code = self._read_code()
            found = self.franceconnect.recognise(code, nonce=begun.nonce)
        except UpstreamError as error:
            return self._mounter.on_refusal(error.refusal, begun.context, error.detail)
        proof = Proof(
            issuer=self._settings.issuer,
            sub=found.sub,
            identity=found.identity,
            acr=found.acr,
            amr=found.amr,
            id_token=found.id_token,
            context=begun.context,
            proved_at=self._clock.now(),
        )
        return self._mounter.on_identity(proof)

    def _take(self) -> _Begun | None:
        """Return the sign-in of this browser and this state, once."""
        browser, state = request.cookies.get(self._cookie, ""), _only("state")
        stored = self._store.take(_key(browser, state)) if browser and state else None
        return None if stored is None else _Begun.from_bytes(stored)

    def _read_code(self) -> str:
        """Return the code of the callback.

        Raises:
            UpstreamError: The answer is another issuer's (RFC 9207 section 2.4), an error, or has no code.
        """
        if _only("iss") != self._settings.issuer:
            raise UpstreamError(Refusal.UNTRUSTED, "callback: iss is not FranceConnect's")
        if "error" in request.args:
            raise read_authorization_error(_only("error"), _only("error_description"))
        code = _only("code")
        if not code:
            raise UpstreamError(Refusal.UNTRUSTED, "callback: no code")
        return code


def _only(name: str) -> str:
    """Return a parameter that is there once and is not endless, else ""."""
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST else ""


def _draw() -> str:
    return secrets.token_hex(_BYTES)


def _key(browser: str, state: str) -> str:
    return hashlib.sha256(f"{browser}.{state}".encode()).hexdigest()
