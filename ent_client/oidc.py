"""The code flow, from the relying party's side: where to send the browser, and what to do when it comes back.

Authlib builds the authorization request (PKCE) and redeems the code; joserfc verifies signatures. What Authlib leaves to its
caller is done in `calls.py` or in `checks.py`: discovery bound to the issuer, the `iss` of the callback, our own list of
algorithms, userinfo signed or not.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from ent_client.calls import Calls, json_object
from ent_client.checks import check_algorithm, check_audience, check_expiry, check_issuer, check_signature, run_checks
from ent_client.client_key import ClientKey
from ent_client.exchange import Exchange, RefusedError, SignInError, Stage
from ent_client.initiation import Initiation
from ent_client.keys import Key
from ent_client.logout_token import LogoutToken, check_logout_token
from ent_client.refresh import REFRESH_CHECKS, Refreshing
from ent_client.runtime import Clock
from ent_client.settings import AFTER_LOGOUT_PATH, Settings
from ent_client.store import PendingSignIn

REST_FROM_STRANGERS = timedelta(seconds=10)


class Provider:
    """The OpenID provider: one method for each thing that we ask of it."""

    def __init__(self, settings: Settings, clock: Clock, client_key: ClientKey | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._calls = Calls(settings, clock, client_key)
        self._asked_for_strangers: datetime | None = None

    def begin(self, exchange: Exchange, initiation: Initiation) -> tuple[PendingSignIn, str]:
        """Draw state, nonce and code verifier, and give them with the address to send the browser to.

        Args:
            exchange: an empty one; it keeps the results of the checks of discovery.
            initiation: whom the provider should expect, and our own page to show afterwards.

        Raises:
            SignInError: when discovery cannot be read or is refused.
        """
        self._load_metadata(exchange)
        sign_in = PendingSignIn(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            started_at=self._clock.now(),
            target=initiation.target,
        )
        extra = {
            "acr_values": self._settings.acr_values,
            "login_hint": initiation.login_hint,
            # Core 11: without consent, a provider leaves offline_access out.
            "prompt": "consent" if "offline_access" in self._settings.scope.split() else "",
        }
        with self._calls.open() as http:
            url, _ = http.create_authorization_url(
                exchange.metadata["authorization_endpoint"],
                state=sign_in.state,
                nonce=sign_in.nonce,
                code_verifier=sign_in.code_verifier,
                **{name: value for name, value in extra.items() if value},
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
        self._load_metadata(exchange)
        run_checks(Stage.CALLBACK, exchange)
        if sign_in is None:
            raise SignInError("state", "")
        exchange.find_key = self._calls.find_key
        endpoint = exchange.metadata["token_endpoint"]
        exchange.token = self._calls.ask_token(
            endpoint, "authorization_code", code=exchange.returned("code") or "", code_verifier=sign_in.code_verifier
        )
        run_checks(Stage.ID_TOKEN, exchange)
        exchange.userinfo = self._load_userinfo(exchange)
        run_checks(Stage.USERINFO, exchange)

    def refresh(self, exchange: Exchange, refresh_token: str) -> None:
        """Exchange a refresh token for fresh tokens, and take them through every check (OpenID Connect Core 1.0, 12).

        Args:
            exchange: holds the claims of the sign-in; afterwards the new ones, the userinfo and the results.
            refresh_token: the last one that the provider gave.

        Raises:
            SignInError: at the first refusal or failed call. The exchange keeps what was seen until then.
        """
        exchange.started = Refreshing("", exchange.now)
        self._load_metadata(exchange)
        exchange.find_key = self._calls.find_key
        endpoint = exchange.metadata["token_endpoint"]
        exchange.token = self._calls.ask_token(endpoint, "refresh_token", refresh_token=refresh_token)
        run_checks(Stage.REFRESH, exchange, REFRESH_CHECKS)
        if exchange.id_token:
            run_checks(Stage.ID_TOKEN, exchange, REFRESH_CHECKS)
        else:
            exchange.claims = dict(exchange.former)
        exchange.userinfo = self._load_userinfo(exchange)
        run_checks(Stage.USERINFO, exchange, REFRESH_CHECKS)

    def revoke(self, refresh_token: str) -> bool:
        """Give a refresh token back to the provider, which otherwise keeps honouring it without the person.

        Returns:
            False when the provider has no such endpoint, or could not be told: we have then only forgotten the token.
        """
        exchange = Exchange(self._settings, self._clock.now())
        try:
            self._load_metadata(exchange)
            endpoint = exchange.metadata.get("revocation_endpoint")
            if endpoint:
                self._calls.revoke(endpoint, refresh_token)
        except SignInError:
            return False
        return endpoint is not None

    def read_logout_token(self, text: str, is_new: Callable[[str], bool]) -> LogoutToken:
        """Check what claims to be the provider's word that a session ended.

        Args:
            text: the logout token, from anybody.
            is_new: notes a `jti`; False when it was noted before.

        Raises:
            LogoutTokenError: when a check does not hold.
            SignInError: when the provider's keys cannot be read.
        """
        token = LogoutToken(text, self._settings, self._clock.now(), self._find_key_for_strangers, is_new)
        check_logout_token(token)
        return token

    def logout_url(self, id_token: str, state: str) -> str | None:
        """Give the address that ends the provider's own session (OpenID Connect RP-Initiated Logout 1.0, 2).

        Returns:
            None when the provider has no such endpoint, or cannot be reached: we are then signed out here only.
        """
        exchange = Exchange(self._settings, self._clock.now())
        try:
            self._load_metadata(exchange)
        except SignInError:
            return None
        endpoint = exchange.metadata.get("end_session_endpoint")
        if not isinstance(endpoint, str):
            return None
        back = self._settings.base_url + AFTER_LOGOUT_PATH
        query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    def _find_key_for_strangers(self, kid: str | None) -> Key | None:
        """The published key of this `kid`. Anybody may name an unknown one: for such we ask at most once in ten seconds."""
        known = self._calls.known_key(kid)
        now = self._clock.now()
        asked = self._asked_for_strangers
        if known or (asked and timedelta() <= now - asked < REST_FROM_STRANGERS):
            return known
        self._asked_for_strangers = now
        self._load_metadata(Exchange(self._settings, now))
        return self._calls.find_key(kid)

    def _load_metadata(self, exchange: Exchange) -> None:
        exchange.metadata = self._calls.load_metadata()
        try:
            run_checks(Stage.DISCOVERY, exchange)
        except SignInError:
            self._calls.forget_metadata()  # or nobody could sign in for an hour, however soon the provider is mended
            raise

    def _load_userinfo(self, exchange: Exchange) -> dict[str, Any]:
        """Read userinfo, plain or signed: a signed one (`application/jwt`) must be from our issuer, for us (Core 5.3.2)."""
        url = exchange.metadata.get("userinfo_endpoint")
        if url is None:
            return {}
        answer = self._calls.get("userinfo", url, bearer=str(exchange.token["access_token"]))
        if answer.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/jwt":
            return json_object("userinfo", answer)
        return self._verified_userinfo(answer.text.strip())

    def _verified_userinfo(self, text: str) -> dict[str, Any]:
        probe = Exchange(self._settings, self._clock.now(), find_key=self._calls.find_key, token={"id_token": text})
        try:
            for check in (check_algorithm, check_signature, check_issuer, check_audience):
                check(probe)
            if "exp" in probe.claims:
                check_expiry(probe)
        except RefusedError as refusal:
            raise SignInError("userinfo", f"userinfo signé : {refusal}") from refusal
        return probe.claims
