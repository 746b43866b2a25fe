"""Proofs of possession: each noted as used, and the nonces that tell how fresh they are."""

import hmac
from collections.abc import Collection
from datetime import timedelta

from idp.journeys.ports import Clock, Secrets, Stores
from idp.journeys.single_use import SingleUse
from idp.protocol.dpop_rfc9449 import ProofRules, check_proof

NONCE_LIFETIME = timedelta(minutes=5)
"""A nonce is good in the five minutes that it was made for, and in the next five."""


class ProofDesk:
    """Checks DPoP proofs at every endpoint that takes them (RFC 9449).

    Args:
        stores: Where used proofs are noted.
        clock: The time.
        secrets: What nonces are made from: no process has to remember one.
        bases: Scheme, host and port of every address that we have.
        wants_nonce: Whether a proof without one of our nonces is refused.
    """

    def __init__(
        self, *, stores: Stores, clock: Clock, secrets: Secrets, bases: Collection[str], wants_nonce: bool
    ) -> None:
        self._used = SingleUse("dpop", "dpop-proof", stores=stores, clock=clock, secrets=secrets)
        self._clock = clock
        self._secrets = secrets
        self._bases = bases
        self._wants_nonce = wants_nonce

    def check(self, proof: str, method: str, path: str, access_token: str | None = None) -> str:
        """Return the thumbprint of the key that signed this request.

        Args:
            proof: The DPoP header.
            method: Of the request.
            path: Of the endpoint.
            access_token: That the request shows, at the endpoint of a resource.

        Raises:
            ProofRefusedError: It proves nothing.
        """
        rules = ProofRules(
            method=method,
            addresses=[base + path for base in self._bases],
            now=self._clock.now(),
            wants_nonce=self._wants_nonce,
            is_nonce_good=self._is_nonce_good,
            note_jti=self._used.note,
        )
        return check_proof(proof, rules, access_token=access_token)

    def make_nonce(self) -> str:
        """Return the nonce of the present moment (RFC 9449 section 8)."""
        return self._nonce_of(self._period())

    def _is_nonce_good(self, nonce: str) -> bool:
        present = self._period()
        good = (self._nonce_of(present), self._nonce_of(present - 1))
        return any(hmac.compare_digest(nonce.encode(), one.encode()) for one in good)

    def _period(self) -> int:
        return int(self._clock.now().timestamp() // NONCE_LIFETIME.total_seconds())

    def _nonce_of(self, period: int) -> str:
        return self._secrets.keyed_hash("dpop-nonce", str(period))[:43]
