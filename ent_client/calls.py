"""Every call that we make to the provider: discovery, keys, token endpoint, userinfo.

Authlib speaks to the token endpoint. What it leaves to its caller is done here: timeouts, no redirect followed, credentials
form-url-encoded, answers that are not what they should be.
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.auth import ClientAuth
from requests import PreparedRequest, RequestException, Response

from ent_client.client_key import ClientKey, PrivateKeyJwt
from ent_client.exchange import SignInError
from ent_client.keys import Key, Keys, pick, usable_keys
from ent_client.runtime import BoundedAdapter, Clock
from ent_client.settings import CALLBACK_PATH, Settings

OUR_PROOF = "our own"  # for Authlib, the name of the way in which we prove who we are
METADATA_LIFETIME = timedelta(hours=1)


class Calls:
    """The provider, as seen over HTTP. Metadata and keys are kept for an hour."""

    def __init__(self, settings: Settings, clock: Clock, client_key: ClientKey | None) -> None:
        self._settings = settings
        self._clock = clock
        self._proof = PrivateKeyJwt(client_key, settings, clock) if client_key else _encode_basic
        self._lock = threading.Lock()
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, Keys] | None = None

    def open(self) -> OAuth2Session:
        """A fresh session per use: it is not made for several threads, and must keep no cookie of the provider."""
        http = OAuth2Session(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            token_endpoint_auth_method=OUR_PROOF,
            revocation_endpoint_auth_method=OUR_PROOF,
            scope=self._settings.scope,
            redirect_uri=self._settings.base_url + CALLBACK_PATH,
            code_challenge_method="S256",
            default_timeout=self._settings.timeout_seconds,
        )
        http.register_client_auth_method((OUR_PROOF, self._proof))
        http.register_compliance_hook("access_token_response", _must_be_json)
        http.mount("http://", BoundedAdapter())
        http.mount("https://", BoundedAdapter())
        return http

    def load_metadata(self) -> dict[str, Any]:
        """Give the provider's metadata; whoever uses it runs the checks of discovery on it first.

        Raises:
            SignInError: when it cannot be read.
        """
        now = self._clock.now()
        kept = self._metadata
        if kept is None or not _is_fresh(kept[0], now):
            kept = (now, json_object("discovery", self.get("discovery", self._settings.metadata_url)))
            with self._lock:
                self._metadata = kept
        return kept[1]

    def forget_metadata(self) -> None:
        """Read them anew the next time."""
        with self._lock:
            self._metadata = None

    def known_key(self, kid: str | None) -> Key | None:
        """The published key of this `kid` among those that we have read, without a call."""
        kept = self._keys
        return pick(kept[1], kid) if kept and _is_fresh(kept[0], self._clock.now()) else None

    def find_key(self, kid: str | None) -> Key | None:
        """The published key of this `kid`; unknown, the keys are read again once, because the provider may have rotated them.

        Raises:
            SignInError: when the keys cannot be read.
        """
        known = self.known_key(kid)
        if known:
            return known
        now = self._clock.now()
        keys = usable_keys(json_object("jwks", self.get("jwks", self.load_metadata()["jwks_uri"])))
        with self._lock:
            self._keys = (now, keys)
        return pick(keys, kid)

    def ask_token(self, endpoint: str, grant_type: str, **form: str) -> Mapping[str, Any]:
        """Ask the token endpoint (OpenID Connect Core 1.0, 3.1.3.1 and 12.1); the scope is left to be what was granted.

        Raises:
            SignInError: when the provider refuses, or answers something else than a token response.
        """
        try:
            with self.open() as http:
                token = http.fetch_token(endpoint, grant_type=grant_type, scope="", allow_redirects=False, **form)
        except RequestException as error:
            answered = error.response is not None and error.response.status_code < 500
            raise SignInError("token", f"token endpoint : {type(error).__name__}.", unreachable=not answered) from error
        except AuthlibBaseError as error:
            raise SignInError("token", f"token endpoint : error = {error.error}.", error=str(error.error)) from error
        except ValueError as error:
            raise SignInError("token", "token endpoint : la réponse n'est pas un objet JSON.") from error
        return dict(token)

    def revoke(self, endpoint: str, refresh_token: str) -> None:
        """Give a refresh token back (RFC 7009, 2.1).

        Raises:
            SignInError: when the provider does not answer 200.
        """
        try:
            with self.open() as http:
                answer: Response = http.revoke_token(  # type: ignore[no-untyped-call]  # the stubs say nothing of it
                    endpoint,
                    token=refresh_token,
                    token_type_hint="refresh_token",  # noqa: S106 - the name of a type, not a secret
                    allow_redirects=False,
                )
        except RequestException as error:
            raise SignInError("revocation", f"revocation : {type(error).__name__}.", unreachable=True) from error
        if answer.status_code != 200:
            raise SignInError("revocation", f"revocation : réponse HTTP {answer.status_code}.")

    def get(self, what: str, url: str, bearer: str = "") -> Response:
        """GET without following redirects: an endpoint that moved is not the one that was checked.

        Raises:
            SignInError: when there is no answer, or another one than 200.
        """
        headers = {"Accept": "application/json, application/jwt;q=0.9"}
        try:
            with self.open() as http:
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


def json_object(what: str, answer: Response) -> dict[str, Any]:
    """Read an answer that must be a JSON object.

    Raises:
        SignInError: when it is not.
    """
    try:
        document = _must_be_json(answer).json()
    except ValueError as error:
        raise SignInError(what, f"{what} : la réponse n'est pas du JSON.") from error
    if not isinstance(document, dict):
        raise SignInError(what, f"{what} : la réponse n'est pas un objet JSON.")
    return document


def _must_be_json(answer: Response) -> Response:
    """Give the answer back when it says that it is JSON: what a proxy made of a failure may look like it by chance.

    An error needs no type: it is read by its status first.

    Raises:
        ValueError: when it is something else.
    """
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if answer.ok and kind != "application/json" and not kind.endswith("+json"):
        raise ValueError("not JSON by its Content-Type")
    return answer


def _is_fresh(read_at: datetime, now: datetime) -> bool:
    return timedelta() <= now - read_at < METADATA_LIFETIME


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
