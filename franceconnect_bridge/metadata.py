"""Where FranceConnect's endpoints are, and which keys sign for it. Both are kept for an hour, for one process."""

import threading
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from franceconnect_bridge.calls import Http, read_json_object
from franceconnect_bridge.errors import UpstreamError
from franceconnect_bridge.ports import Clock, Refusal
from franceconnect_bridge.settings import BridgeSettings

LIFETIME = timedelta(hours=1)
_WELL_KNOWN = "/.well-known/openid-configuration"
_SMALLEST_RSA_BITS = 2048  # RFC 7518 section 3.3
_ENDPOINTS = {
    "authorization_endpoint": "authorization",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "jwks_uri": "jwks",
    "end_session_endpoint": "end_session",
}

Key = RSAKey | ECKey


class Metadata:
    """Discovery and keys of one FranceConnect."""

    def __init__(self, settings: BridgeSettings, clock: Clock, http: Http) -> None:
        self._settings = settings
        self._clock = clock
        self._http = http
        self._lock = threading.Lock()
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, dict[str, Key]] | None = None
        self._address = settings.discovery_url or settings.issuer + _WELL_KNOWN
        # Poisoned metadata must not send the client's secret elsewhere. Containers ask at another host than the browser's.
        self._origins = {_origin(settings.issuer), _origin(self._address)}

    def endpoint(self, name: str) -> str:
        """Return the address of an endpoint, as given by hand or as discovery says.

        Args:
            name: As discovery names it, ``token_endpoint`` for example.

        Raises:
            UpstreamError: Discovery cannot be read, is another issuer's, or does not have it.
        """
        given: str = getattr(self._settings.endpoints, _ENDPOINTS[name])
        if given:
            return given
        if not self._settings.discovery:
            raise UpstreamError(Refusal.MISCONFIGURED, f"discovery: no {name} was given")
        address = self._load_document().get(name)
        if not isinstance(address, str) or _origin(address) not in self._origins:
            raise UpstreamError(Refusal.UNTRUSTED, f"discovery: {name} is missing or at a foreign origin")
        return address

    def find_key(self, kid: str, *, other_than: Key | None = None) -> Key | None:
        """Return the published key of this `kid`; unknown, the keys are read again once: FranceConnect may have rotated them.

        Args:
            kid: As a token names it.
            other_than: A key that did not verify: FranceConnect's `kid` can stay the same when the key behind it changes.

        Raises:
            UpstreamError: The keys cannot be read.
        """
        kept = self._keys
        if kept is not None and self._is_fresh(kept[0]) and kept[1].get(kid) not in (None, other_than):
            return kept[1][kid]
        answer = self._http.get("jwks", self.endpoint("jwks_uri"), {"Accept": "application/json"})
        keys = _read_keys(read_json_object("jwks", answer))
        with self._lock:
            self._keys = (self._clock.now(), keys)
        return keys.get(kid)

    def _load_document(self) -> dict[str, Any]:
        kept = self._document
        if kept is not None and self._is_fresh(kept[0]):
            return kept[1]
        document = read_json_object(
            "discovery", self._http.get("discovery", self._address, {"Accept": "application/json"})
        )
        # Discovery 1.0 section 4.3; Authlib does not compare (CVE-2026-104056).
        if document.get("issuer") != self._settings.issuer:
            raise UpstreamError(Refusal.UNTRUSTED, "discovery: another issuer")
        with self._lock:
            self._document = (self._clock.now(), document)
        return document

    def _is_fresh(self, since: datetime) -> bool:
        # A test instance's clock may be moved back.
        return timedelta() <= self._clock.now() - since < LIFETIME


def _read_keys(document: Mapping[str, Any]) -> dict[str, Key]:
    """Return the signing keys that ES256 and RS256 can use, by `kid`. Others are left: a set may hold what we do not know."""
    keys: dict[str, Key] = {}
    members = document.get("keys")
    for member in members if isinstance(members, list) else []:
        try:
            key = JWKRegistry.import_key(member) if _fits(member) else None
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        if isinstance(key, RSAKey | ECKey) and key.kid:
            keys[key.kid] = key
    return keys


def _fits(member: object) -> bool:
    if not isinstance(member, Mapping) or member.get("use", "sig") != "sig":
        return False
    if member.get("kty") == "RSA":
        return int.from_bytes(urlsafe_b64decode(f"{member['n']}==")).bit_length() >= _SMALLEST_RSA_BITS
    return (member.get("kty"), member.get("crv")) == ("EC", "P-256")


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
