"""Renewing the tokens of a signed-in person, and ending the session when the provider no longer agrees (RFC 6749, 6).

What the ENT shows of a person stays that of the sign-in; what a renewal brings is on the Diagnostic page. What matters to the school
is the refusal: the provider took the grant back, so the person must sign in again.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ent_client.checks import all_results
from ent_client.exchange import Exchange, SignInError
from ent_client.refresh import REFRESH_CHECKS
from ent_client.runtime import log, new_reference
from ent_client.store import SignedIn, Tokens, Trace, Visit

if TYPE_CHECKING:
    from ent_client.app import Ent

# A provider in trouble is not asked again by every page.
REST_AFTER_FAILURE = timedelta(minutes=1)
LONGEST_LIFE_SECONDS = 366 * 86_400


class Renewals:
    """Renewals of one ENT."""

    def __init__(self, ent: "Ent") -> None:
        self._ent = ent

    def renew_if_due(self, session_key: str, person: SignedIn, visit: Visit) -> None:
        """Renew when the access token has expired and there is a refresh token; else do nothing."""
        if self._is_due(person):
            with person.renewing:
                # Another tab may have renewed while we waited: a refresh token that rotates is used once.
                if self._is_due(person):
                    self._renew(session_key, person, visit)

    def renew(self, session_key: str, person: SignedIn, visit: Visit) -> None:
        """Renew now. The session may be over afterwards; `visit` then keeps the reason for the Diagnostic page."""
        with person.renewing:
            self._renew(session_key, person, visit)

    def _is_due(self, person: SignedIn) -> bool:
        tokens = person.tokens
        return bool(tokens.refresh_token and tokens.expires_at and tokens.expires_at <= self._ent.clock.now())

    def _renew(self, session_key: str, person: SignedIn, visit: Visit) -> None:
        if self._ent.sessions.get(session_key) is None:
            return
        exchange = Exchange(self._ent.settings, self._ent.clock.now(), former=person.trace.claims)
        failure = None
        try:
            self._ent.provider.refresh(exchange, person.tokens.refresh_token)
        except SignInError as error:
            failure = error
        results = all_results(exchange, failure, REFRESH_CHECKS)
        person.renewal = Trace(new_reference(), results, exchange.header, exchange.claims, exchange.userinfo)
        person.tokens = read_tokens(exchange, person.tokens)
        if failure is None:
            log("tokens renewed", reference=person.renewal.reference)
            return
        refused = failure.error == "invalid_grant" or any(it.passed is False for it in exchange.results)
        log("renewal failed", check=failure.code, reference=person.renewal.reference, session_ended=refused)
        if refused:
            visit.keep_failure(person.renewal)
            self._ent.sessions.drop(session_key)
        else:
            person.tokens = replace(person.tokens, expires_at=exchange.now + REST_AFTER_FAILURE)


def read_tokens(exchange: Exchange, former: Tokens) -> Tokens:
    """Take out of a token response what we keep; a member that it leaves out stays what it was.

    A refresh token is kept even when something else went wrong afterwards: the provider has rotated it, and the former one is spent.

    Args:
        exchange: holds the token response, if one came.
        former: what was kept before.
    """
    lifetime, rotated = exchange.token.get("expires_in"), exchange.token.get("refresh_token")
    expires_at = None
    if isinstance(lifetime, int | float) and 0 < lifetime <= LONGEST_LIFE_SECONDS:
        expires_at = exchange.now + timedelta(seconds=lifetime)
    verified = exchange.id_token if exchange.claims else ""
    return Tokens(
        id_token=verified or former.id_token,
        refresh_token=rotated if isinstance(rotated, str) and rotated else former.refresh_token,
        expires_at=expires_at,
    )
