"""The code flow, from the relying party's side: where to send the browser, and what to do when it comes back.

Authlib builds the authorization request (PKCE) and redeems the code; joserfc verifies signatures. What Authlib leaves to its
caller is done here or in `checks.py`: timeouts, no redirects followed, discovery bound to the issuer, the `iss` of the callback,
our own list of algorithms, userinfo signed or not.
"""

import secrets
import threading
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.auth import ClientAuth
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from requests import PreparedRequest, RequestException, Response

from ent_client.checks import check_algorithm, check_audience, check_issuer, check_signature, run_checks
from ent_client.exchange import Exchange, RefusedError, SignInError, Stage
from ent_client.runtime import Clock, LocalhostAdapter
from ent_client.settings import Settings
from ent_client.store import PendingSignIn

CALLBACK_PATH = "/retour"
AFTER_LOGOUT_PATH = "/deconnecte"
METADATA_LIFETIME = timedelta(hours=1)
SMALLEST_RSA_BITS = 2048

Keys = dict[str | None, RSAKey | ECKey]


class Provider:
    """The OpenID provider, as seen over HTTP. Metadata and keys are kept for an hour; all the rest belongs to one sign-in."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, Keys] | None = None

    def begin(self, exchange: Exchange) -> tuple[PendingSignIn, str]:
        """Draw state, nonce and code verifier, and give them with the address to send the browser to.

        Args:
            exchange: an empty one; it keeps the results of the checks of discovery.

        Raises:
            SignInError: when discovery cannot be read or is refused.
        """
        exchange.metadata = self._load_metadata()
        run_checks(Stage.DISCOVERY, exchange)
        sign_in = PendingSignIn(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            started_at=self._clock.now(),
        )
        extra = {"acr_values": self._settings.acr_values} if self._settings.acr_values else {}
        with self._http() as http:
            url, _ = http.create_authorization_url(
                exchange.metadata["authorization_endpoint"],
                state=sign_in.state,
                nonce=sign_in.nonce,
                code_verifier=sign_in.code_verifier,
                **extra,
            )
        return sign_in, str(url)

    def complete(self, exchange: Exchange, sign_in: PendingSignIn | None) -> None:
        """Take the browser's answer through every check; fill in the exchange on the way.

        Args:
            exchange: holds the callback's parameters; afterwards the claims, the userinfo and the results.
            sign_in: what this browser's `state` stands for, None when it stands for nothing.

        Raises:
            SignInError: at the first refusal or failed call. The exchange keeps what was seen until then.
        """
        exchange.started = sign_in
        run_checks(Stage.STATE, exchange)
        exchange.metadata = self._load_metadata()
        run_checks(Stage.DISCOVERY, exchange)
        run_checks(Stage.CALLBACK, exchange)
        if sign_in is None:
            raise SignInError("state", "")
        exchange.find_key = self._find_key
        exchange.token = self._redeem(exchange, sign_in)
        run_checks(Stage.ID_TOKEN, exchange)
        exchange.userinfo = self._load_userinfo(exchange)
        run_checks(Stage.USERINFO, exchange)

    def logout_url(self, id_token: str, state: str) -> str | None:
        """Give the address that ends the provider's own session (OpenID Connect RP-Initiated Logout 1.0, 2).

        Returns:
            None when the provider has no such endpoint, or cannot be reached: we are then signed out here only.
        """
        exchange = Exchange(self._settings, self._clock.now())
        try:
            exchange.metadata = self._load_metadata()
            run_checks(Stage.DISCOVERY, exchange)
        except SignInError:
            return None
        endpoint = exchange.metadata.get("end_session_endpoint")
        if not isinstance(endpoint, str):
            return None
        back = self._settings.base_url + AFTER_LOGOUT_PATH
        query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    # --- calls ----------------------------------------------------------------------------------------------------------------------

    def _http(self) -> OAuth2Session:
        """A fresh session per use: it is not made for several threads, and must keep no cookie of the provider."""
        http = OAuth2Session(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a method, not a secret
            scope=self._settings.scope,
            redirect_uri=self._settings.base_url + CALLBACK_PATH,
            code_challenge_method="S256",
            default_timeout=self._settings.timeout_seconds,
        )
        http.register_client_auth_method(("client_secret_basic", _encode_basic))
        http.mount("http://", LocalhostAdapter())
        return http

    def _get(self, what: str, url: str, bearer: str = "") -> Response:
        """GET without following redirects: an endpoint that moved is not the one that was checked."""
        headers = {"Accept": "application/json, application/jwt;q=0.9"}
        try:
            with self._http() as http:
                answer = http.request(
                    "GET", url, withhold_token=True, headers=headers, auth=_bearer(bearer), allow_redirects=False
                )
        except RequestException as error:
            raise SignInError(what, f"{what} : {type(error).__name__}.", unreachable=True) from error
        if answer.status_code != 200:
            raise SignInError(
                what, f"{what} : réponse HTTP {answer.status_code}.", unreachable=answer.status_code >= 500
            )
        return answer

    def _load_metadata(self) -> dict[str, Any]:
        now = self._clock.now()
        kept = self._metadata
        if kept is None or not timedelta() <= now - kept[0] < METADATA_LIFETIME:
            kept = (now, _json_object("discovery", self._get("discovery", self._settings.metadata_url)))
            with self._lock:
                self._metadata = kept
        return kept[1]

    def _find_key(self, kid: str | None) -> RSAKey | ECKey | None:
        """The published key of this `kid`; unknown, the keys are read again once, because the provider may have rotated them."""
        now = self._clock.now()
        kept = self._keys
        if kept and timedelta() <= now - kept[0] < METADATA_LIFETIME and _pick(kept[1], kid):
            return _pick(kept[1], kid)
        document = _json_object("jwks", self._get("jwks", self._load_metadata()["jwks_uri"]))
        with self._lock:
            self._keys = (now, _usable_keys(document))
            return _pick(self._keys[1], kid)

    def _redeem(self, exchange: Exchange, sign_in: PendingSignIn) -> Mapping[str, Any]:
        try:
            with self._http() as http:
                token = http.fetch_token(
                    exchange.metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=exchange.returned("code"),
                    code_verifier=sign_in.code_verifier,
                    allow_redirects=False,
                )
        except RequestException as error:
            answered = error.response is not None and error.response.status_code < 500
            raise SignInError("token", f"token endpoint : {type(error).__name__}.", unreachable=not answered) from error
        except AuthlibBaseError as error:
            raise SignInError("token", f"token endpoint : error = {error.error}.") from error
        except ValueError as error:
            raise SignInError("token", "token endpoint : la réponse n'est pas un objet JSON.") from error
        return dict(token)

    def _load_userinfo(self, exchange: Exchange) -> dict[str, Any]:
        """Read userinfo, plain or signed: a signed one (`application/jwt`) must be from our issuer, for us (Core 5.3.2)."""
        url = exchange.metadata.get("userinfo_endpoint")
        if url is None:
            return {}
        answer = self._get("userinfo", url, bearer=str(exchange.token["access_token"]))
        if answer.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/jwt":
            return _json_object("userinfo", answer)
        return self._verified_userinfo(answer.text.strip())

    def _verified_userinfo(self, text: str) -> dict[str, Any]:
        probe = Exchange(self._settings, self._clock.now(), find_key=self._find_key, token={"id_token": text})
        try:
            for check in (check_algorithm, check_signature, check_issuer, check_audience):
                check(probe)
        except RefusedError as refusal:
            raise SignInError("userinfo", f"userinfo signé : {refusal}") from refusal
        return probe.claims


def _encode_basic(
    client: ClientAuth, _method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """HTTP Basic with identifier and secret form-url-encoded first (RFC 6749, 2.3.1), which Authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    return uri, headers, body


def _bearer(token: str) -> Callable[[PreparedRequest], PreparedRequest]:
    """Authenticate with a bearer token, or with nothing: given an `auth`, requests reads no credentials from ~/.netrc."""

    def attach(request: PreparedRequest) -> PreparedRequest:
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    return attach


def _json_object(what: str, answer: Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError as error:
        raise SignInError(what, f"{what} : la réponse n'est pas du JSON.") from error
    if not isinstance(document, dict):
        raise SignInError(what, f"{what} : la réponse n'est pas un objet JSON.")
    return document


def _usable_keys(document: Mapping[str, Any]) -> Keys:
    """Keep the signing keys that our two algorithms can use: P-256, and RSA from 2048 bits (RFC 7518, 3.3). Leave the others."""
    keys: Keys = {}
    members = document.get("keys")
    for member in members if isinstance(members, list) else []:
        try:
            key = JWKRegistry.import_key(member) if _fits(member) else None
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        if isinstance(key, RSAKey | ECKey):
            keys[key.kid] = key
    return keys


def _fits(member: object) -> bool:
    if not isinstance(member, Mapping) or member.get("use", "sig") != "sig":
        return False
    if member.get("kty") == "RSA":
        return int.from_bytes(urlsafe_b64decode(f"{member['n']}==")).bit_length() >= SMALLEST_RSA_BITS
    return (member.get("kty"), member.get("crv")) == ("EC", "P-256")


def _pick(keys: Keys, kid: str | None) -> RSAKey | ECKey | None:
    """The key of this `kid`; a token without `kid` is accepted only from a provider that publishes one key (Core 10.1)."""
    if kid is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(kid)
