"""A bridge mounted in a small application, whose mounter notes what it is handed; a store in memory; a bulkhead that can be full."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response

from franceconnect_bridge.ports import OutboundBusy, Proof, Refusal
from franceconnect_bridge.routes import Bridge
from franceconnect_bridge.settings import BridgeSettings
from tests.simulator.service import AFTER_LOGOUT, REDIRECT_URI, SECRET

HOME = "http://localhost:8400"


class Clock:
    """The machine's clock, moved."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset  # noqa: TID251  tokens are made by the real clock


@dataclass
class Memory:
    """Implements `franceconnect_bridge.ports.Store`."""

    clock: Clock
    kept: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)

    def put(self, key: str, value: bytes, *, expires_at: datetime) -> None:
        assert key not in self.kept
        self.kept[key] = value, expires_at

    def take(self, key: str) -> bytes | None:
        value, expires_at = self.kept.pop(key, (None, self.clock.now()))
        return value if self.clock.now() < expires_at else None


@dataclass
class Noted:
    """Implements `franceconnect_bridge.ports.Mounter`, and the outbound port."""

    proofs: list[Proof] = field(default_factory=list)
    refusals: list[tuple[Refusal, str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    full: bool = False

    def on_identity(self, proof: Proof) -> Response:
        self.proofs.append(proof)
        return Response("recognised")

    def on_refusal(self, refusal: Refusal, context: str, detail: str) -> Response:
        self.refusals.append((refusal, context, detail))
        return Response(str(refusal), status=400)

    @contextmanager
    def outbound(self, name: str) -> Iterator[None]:
        if self.full:
            raise OutboundBusy
        self.calls.append(name)
        yield


@dataclass
class Mounted:
    """A bridge, and a browser at it."""

    bridge: Bridge
    app: Flask
    noted: Noted
    clock: Clock

    def __post_init__(self) -> None:
        self.browser = self.app.test_client()

    def begin(self, context: str = "the request", prompt: str = "") -> str:
        """Leave for FranceConnect and return where to."""
        with self.app.test_request_context(base_url=HOME, headers={"Cookie": self._cookies()}):
            answer = self.bridge.begin(context, prompt=prompt)
        for value in answer.headers.getlist("Set-Cookie"):
            name, _, rest = value.partition("=")
            self.browser.set_cookie(name, rest.partition(";")[0], domain="localhost")
        return answer.headers.get("Location", "")

    def come_back(self, answered: Mapping[str, Any], browser: Any = None) -> int:
        """Bring an answer back."""
        query = {name: value for name, value in answered.items() if name != "to"}
        return int(
            (browser or self.browser).get("/franceconnect/retour", query_string=query, base_url=HOME).status_code
        )

    def _cookies(self) -> str:
        kept = self.browser.get_cookie("preau_idp_franceconnect", domain="localhost")
        return f"preau_idp_franceconnect={kept.value}" if kept else ""


def mount(issuer: str, **changes: Any) -> Mounted:
    """Mount a bridge for the FranceConnect of an issuer."""
    clock, noted = Clock(), Noted()
    values: dict[str, Any] = {
        "issuer": issuer,
        "client_id": "preau",
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "post_logout_redirect_uri": AFTER_LOGOUT,
        **changes,
    }
    bridge = Bridge(
        BridgeSettings(**values),
        clock=clock,
        store=Memory(clock),
        outbound=noted.outbound,
        mounter=noted,
        cookie="preau_idp_franceconnect",
        secure=False,
    )
    app = Flask("mounter")
    app.register_blueprint(bridge.blueprint(), url_prefix="/franceconnect")
    return Mounted(bridge, app, noted, clock)
