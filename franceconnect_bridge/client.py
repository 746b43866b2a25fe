"""The relying party's side of FranceConnect v2: the exact request that it accepts, and every check of what it answers.

FranceConnect accepts a closed list of parameters: no PKCE and nothing else besides, though its discovery announces S256. Authlib redeems
the code and authenticates the client; joserfc verifies signatures; what Authlib leaves to its caller is done here: the algorithm, the
issuer, the audience, the nonce, the level, userinfo as a JWT of the same subject.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from franceconnect_bridge.calls import Http
from franceconnect_bridge.errors import UpstreamError, read_token_error
from franceconnect_bridge.identity import ClaimError, PivotIdentity, read_identity, read_sub
from franceconnect_bridge.metadata import Metadata
from franceconnect_bridge.ports import Clock, Refusal
from franceconnect_bridge.settings import BridgeSettings

_LEVELS = ("eidas1", "eidas2", "eidas3")
_ASSERTION_SECONDS = 60
_CALLBACK_SECONDS = 15.0  # of all calls together, while a person looks at a blank page
_CLAIMS_FOR_AMR = {"id_token": {"amr": {"essential": True}}}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a verified ID token and a verified userinfo say together."""

    sub: str
    identity: PivotIdentity
    acr: str
    amr: tuple[str, ...]
    id_token: str


class _Client(OAuth2Client):
    """Authlib's client, over our calls."""

    client_auth_class = OAuth2ClientAuth


class FranceConnect:
    """FranceConnect, as seen over HTTP by one relying party."""

    def __init__(self, settings: BridgeSettings, clock: Clock, http: Http) -> None:
        self._settings = settings
        self._clock = clock
        self._http = http
        self._metadata = Metadata(settings, clock, http)
        self._assertion_key = _import_key(settings.private_key) if settings.private_key else None

    def authorization_uri(self, *, state: str, nonce: str, prompt: str = "") -> str:
        """Return where to send the browser (OpenID Connect Core 1.0 section 3.1.2.1).

        Args:
            state: 32 to 64 alphanumerics.
            nonce: 32 to 64 alphanumerics.
            prompt: ``login`` to have the person prove herself again, "" otherwise.

        Raises:
            UpstreamError: Discovery cannot be read or is refused.
        """
        settings = self._settings
        query = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": settings.redirect_uri,
            "scope": " ".join(settings.scopes),
            "acr_values": settings.acr_values,
            "nonce": nonce,
            "state": state,
        }
        if prompt:
            query["prompt"] = prompt
        if settings.asks_amr:
            query["claims"] = json.dumps(_CLAIMS_FOR_AMR, separators=(",", ":"))
        return _with_query(self._metadata.endpoint("authorization_endpoint"), query)

    def end_session_uri(self, *, id_token: str, state: str) -> str:
        """Return where the browser signs out of FranceConnect (RP-Initiated Logout 1.0 section 2).

        Args:
            id_token: The hint that FranceConnect requires.
            state: Given back on the way back, which may never be taken.

        Raises:
            UpstreamError: Discovery cannot be read or is refused.
        """
        back = self._settings.post_logout_redirect_uri
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state}
        return _with_query(self._metadata.endpoint("end_session_endpoint"), query)

    def recognise(self, code: str, *, nonce: str) -> Recognised:
        """Redeem a code, and return whom FranceConnect recognised.

        Args:
            code: Of the callback.
            nonce: Sent with the authorization request.

        Raises:
            UpstreamError: A call failed, or a check refused what came back.
        """
        with self._http.within(_CALLBACK_SECONDS):
            return self._recognise(code, nonce)

    def _recognise(self, code: str, nonce: str) -> Recognised:
        token = self._redeem(code)
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise UpstreamError(Refusal.UNTRUSTED, "token: no id_token or no access_token")
        claims = self._verify("id_token", id_token)
        self._check_id_token(claims, nonce)
        userinfo = self._load_userinfo(access_token)
        try:
            sub = read_sub(claims, strict=self._settings.strict_sub)
            if userinfo.get("sub") != sub:
                raise UpstreamError(Refusal.UNTRUSTED, "userinfo: another subject than the ID token's")
            identity = read_identity(userinfo)
        except ClaimError as error:
            raise UpstreamError(Refusal.UNTRUSTED, f"userinfo: {error}") from None
        return Recognised(sub, identity, str(claims["acr"]), _read_amr(claims), id_token)

    # --- calls ----------------------------------------------------------------------------------------------------------------------

    def _redeem(self, code: str) -> Mapping[str, Any]:
        endpoint = self._metadata.endpoint("token_endpoint")
        client = _Client(
            self._http,
            client_id=self._settings.client_id,
            client_secret=self._assertion_key or self._settings.client_secret,
            token_endpoint_auth_method=self._settings.token_endpoint_auth_method,
            redirect_uri=self._settings.redirect_uri,
        )
        client.register_client_auth_method(self._assertion(endpoint))
        try:
            return dict(
                self._http.run(
                    "token", lambda: client.fetch_token(endpoint, grant_type="authorization_code", code=code)
                )
            )
        except AuthlibBaseError as error:
            raise read_token_error(str(error.error)) from None
        except (ValueError, TypeError):
            raise UpstreamError(Refusal.UNTRUSTED, "token: no JSON object") from None

    def _assertion(self, endpoint: str) -> PrivateKeyJWT:
        """Return what signs the client's assertion (RFC 7523 section 3). Authlib would take the time from the wall."""
        now = int(self._clock.now().timestamp())
        headers = (
            {"kid": self._assertion_key.kid} if self._assertion_key is not None and self._assertion_key.kid else {}
        )
        claims = {"iat": now, "exp": now + _ASSERTION_SECONDS}
        return PrivateKeyJWT(endpoint, claims=claims, headers=headers, alg=_algorithm_of(self._assertion_key))

    def _load_userinfo(self, access_token: str) -> dict[str, Any]:
        """Return the claims of userinfo, which FranceConnect gives as a signed JWT (OpenID Connect Core 1.0 section 5.3.2)."""
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt"}
        answer = self._http.get("userinfo", self._metadata.endpoint("userinfo_endpoint"), headers)
        if answer.status_code != 200:
            raise UpstreamError(Refusal.UNTRUSTED, f"userinfo: HTTP {answer.status_code}")
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/jwt":
            raise UpstreamError(Refusal.UNTRUSTED, "userinfo: not signed")
        claims = self._verify("userinfo", answer.content.decode("ascii", "replace").strip())
        self._check_common("userinfo", claims)
        return claims

    # --- checks ---------------------------------------------------------------------------------------------------------------------

    def _verify(self, what: str, text: str) -> dict[str, Any]:
        """Return the claims of a JWT whose signature is FranceConnect's, by the one algorithm that was agreed."""
        algorithm = self._settings.signed_response_alg
        try:
            header = dict(jws.extract_compact(text.encode()).headers())
        except (JoseError, ValueError):
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: no compact JWS") from None
        if header.get("alg") != algorithm:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: not signed with {algorithm}")
        kid = header["kid"] if isinstance(header.get("kid"), str) else ""
        key = self._metadata.find_key(kid)
        if key is None:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: signed by a key that is not published")
        claims = _decode(text, key, algorithm)
        if claims is None:
            # FranceConnect asks to read its keys again before anybody is refused: the name of a key may outlive it.
            key = self._metadata.find_key(kid, other_than=key)
            claims = None if key is None else _decode(text, key, algorithm)
        if claims is None:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: the signature is wrong")
        return claims

    def _check_common(self, what: str, claims: Mapping[str, Any]) -> None:
        now, skew = self._clock.now().timestamp(), self._settings.clock_skew_seconds
        if claims.get("iss") != self._settings.issuer:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: another issuer")
        if claims.get("aud") not in (self._settings.client_id, [self._settings.client_id]):
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: for another client")
        expires, issued = claims.get("exp"), claims.get("iat")
        if not _is_number(expires) or now >= expires + skew:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: expired")
        if not _is_number(issued) or issued > now + skew:
            raise UpstreamError(Refusal.UNTRUSTED, f"{what}: issued in the future")

    def _check_id_token(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Check what OpenID Connect Core 1.0 section 3.1.3.7 asks for."""
        self._check_common("id_token", claims)
        told = claims.get("nonce")
        if not isinstance(told, str) or not told.isascii() or not hmac.compare_digest(told, nonce):
            raise UpstreamError(Refusal.UNTRUSTED, "id_token: another nonce")
        if not _reaches(claims.get("acr"), self._settings.acr_values.split()):
            raise UpstreamError(Refusal.UNTRUSTED, "id_token: acr is below what was asked")


def _decode(text: str, key: RSAKey | ECKey, algorithm: str) -> dict[str, Any] | None:
    """Return the claims of a JWT, None when this key did not sign it."""
    try:
        return dict(jwt.decode(text, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError):
        return None


def _reaches(acr: object, asked: Sequence[str]) -> bool:
    """Tell whether a level is at least the lowest of those that were asked for. One outside eIDAS's list must be one of them."""
    if not isinstance(acr, str) or acr not in _LEVELS:
        return acr in asked
    known = [_LEVELS.index(one) for one in asked if one in _LEVELS]
    return bool(known) and _LEVELS.index(acr) >= min(known)


def _read_amr(claims: Mapping[str, Any]) -> tuple[str, ...]:
    told = claims.get("amr")
    return tuple(one for one in told if isinstance(one, str)) if isinstance(told, list) else ()


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_query(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def _import_key(text: str) -> RSAKey | ECKey:
    """Read the key that signs assertions.

    Raises:
        ValueError: It is no RSA or EC key, in PEM or as a JWK.
    """
    readers = (_import_jwk,) if text.lstrip().startswith("{") else (ECKey.import_key, RSAKey.import_key)
    for read in readers:
        try:
            return read(text)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("the private key of the FranceConnect client is no RSA or EC key, in PEM or as a JWK")


def _import_jwk(text: str) -> RSAKey | ECKey:
    document = json.loads(text)
    return (ECKey if document.get("kty") == "EC" else RSAKey).import_key(document)


def _algorithm_of(key: RSAKey | ECKey | None) -> str:
    return "ES256" if isinstance(key, ECKey) else "RS256"
