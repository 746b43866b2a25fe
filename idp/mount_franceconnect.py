"""Mounts the FranceConnect bridge: gives it a store, a clock, the bulkhead, and the pages that answer the browser.

The one file, beside the composition root that calls it, that knows both the bridge and the provider.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response

from franceconnect_bridge.errors import UpstreamError
from franceconnect_bridge.identity import PivotIdentity
from franceconnect_bridge.ports import OutboundBusy, Proof, Refusal
from franceconnect_bridge.routes import Bridge
from franceconnect_bridge.settings import BridgeSettings, Endpoints
from idp.journeys.franceconnect import FranceConnect
from idp.journeys.franceconnect_proof import FranceConnectRefusal, ProvedIdentity
from idp.journeys.ports import Clock, Secrets, Stores
from idp.people.civil_identity import CivilIdentity, Gender
from idp.runtime import Bulkhead, OutboundRefusedError, Recorder
from idp.settings import Settings
from idp.web.cookies import Cookies
from idp.web.franceconnect import FranceConnectPages
from idp.web.journeys_used import ActivationJourney

PREFIX = "/franceconnect"
_COOKIE = "preau_idp_franceconnect"


@dataclass(frozen=True, slots=True)
class BridgeStore:
    """Implements `franceconnect_bridge.ports.Store`: sign-ins under way, sealed, shared by all processes."""

    stores: Stores
    clock: Clock

    def put(self, key: str, value: bytes, *, expires_at: datetime) -> None:
        """Keep a sign-in."""
        with self.stores.writing() as desk:
            desk.franceconnect.put_sign_in(key, value, expires_at)

    def take(self, key: str) -> bytes | None:
        """Return a sign-in and forget it."""
        with self.stores.writing() as desk:
            return desk.franceconnect.take_sign_in(key, self.clock.now())


class _Mounter:
    """Implements `franceconnect_bridge.ports.Mounter`, and `idp.web.franceconnect.Upstream` on its other side."""

    pages: FranceConnectPages
    bridge: Bridge

    def on_identity(self, proof: Proof) -> Response:
        """Hand a verified identity to the pages, in the school's own words."""
        proved = ProvedIdentity(
            issuer=proof.issuer,
            sub=proof.sub,
            civil=to_civil_identity(proof.identity),
            id_token=proof.id_token,
            proved_at=proof.proved_at,
        )
        return self.pages.come_back(proved, proof.context)

    def on_refusal(self, refusal: Refusal, context: str, detail: str) -> Response:
        """Hand a refusal to the pages."""
        return self.pages.refuse(FranceConnectRefusal(refusal.value), context, detail)

    def begin(self, context: str, *, prompt: str) -> Response:
        """Send the browser to FranceConnect."""
        return self.bridge.begin(context, prompt=prompt)

    def end_session_uri(self, id_token: str, state: str) -> str | None:
        """Return where the browser signs out there; None while FranceConnect does not say where that is."""
        try:
            return self.bridge.franceconnect.end_session_uri(id_token=id_token, state=state)
        except UpstreamError:
            return None


def mount_franceconnect(
    app: Flask,
    settings: Settings,
    *,
    journey: FranceConnect,
    activation: ActivationJourney,
    stores: Stores,
    clock: Clock,
    secrets: Secrets,
    cookies: Cookies,
    outbound: Bulkhead,
    metrics: Recorder,
) -> FranceConnectPages:
    """Add the pages of FranceConnect and the bridge's callback to an application, and return the pages.

    Raises:
        ValueError: The private key cannot be used.
        OSError: It cannot be read.
    """
    mounter = _Mounter()
    mounter.pages = FranceConnectPages(journey, activation, mounter, cookies, secrets)
    mounter.bridge = Bridge(
        bridge_settings(settings),
        clock=clock,
        store=BridgeStore(stores, clock),
        outbound=_around_calls(outbound, metrics),
        mounter=mounter,
        cookie=_COOKIE,
        secure=settings.secure,
    )
    app.register_blueprint(mounter.pages.blueprint(), url_prefix=PREFIX)
    app.register_blueprint(mounter.bridge.blueprint(), url_prefix=PREFIX)
    return mounter.pages


class _around_calls:  # noqa: N801  reads as what it does where it is used
    """Implements `franceconnect_bridge.ports.Outbound`: counted, bounded, and others may run meanwhile."""

    def __init__(self, outbound: Bulkhead, metrics: Recorder) -> None:
        self._outbound = outbound
        self._metrics = metrics

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        try:
            with self._outbound.around(), self._metrics.upstream(f"franceconnect-{name}"):
                yield
        except OutboundRefusedError:
            raise OutboundBusy from None


def bridge_settings(settings: Settings) -> BridgeSettings:
    """Return what the bridge is told.

    Raises:
        OSError: The private key's file cannot be read.
    """
    given = settings.franceconnect
    home = settings.origin + PREFIX
    key = given.private_key_file.read_text(encoding="utf-8") if given.private_key_file else ""
    return BridgeSettings(
        issuer=given.issuer,
        client_id=given.client_id,
        client_secret=given.client_secret.get_secret_value() if given.client_secret else "",
        private_key=key,
        token_endpoint_auth_method=given.token_endpoint_auth_method,
        redirect_uri=f"{home}/retour",
        post_logout_redirect_uri=f"{home}/deconnecte",
        discovery=given.discovery,
        discovery_url=given.discovery_url,
        endpoints=Endpoints(
            authorization=given.authorization_endpoint,
            token=given.token_endpoint,
            userinfo=given.userinfo_endpoint,
            jwks=given.jwks_uri,
            end_session=given.end_session_endpoint,
        ),
        acr_values=given.acr_values,
        signed_response_alg=given.signed_response_alg,
        timeout_seconds=given.timeout_seconds,
    )


def to_civil_identity(identity: PivotIdentity) -> CivilIdentity:
    """Return what FranceConnect says of a person, in the school's own terms."""
    return CivilIdentity(
        birth_name=identity.family_name,
        given_names=identity.given_names,
        usage_name=identity.preferred_username,
        birth_date=identity.birthdate,
        gender=Gender(identity.gender),
    )
