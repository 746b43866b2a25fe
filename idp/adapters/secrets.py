"""Randomness, and the keys derived from the master key. The master key itself is never in the database."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D section 8.2.2: random, so at most 2**32 seals for each purpose
_VERSION = b"\x01"  # first byte of everything sealed, for the day when the way of sealing changes
_SPOKEN_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0 and O, 1 and I: they are read out on the phone
_REFERENCE_LENGTH = 8


class MasterKey:
    """Implements `journeys.ports.Secrets` from 32 bytes.

    Args:
        master: The master key.

    Raises:
        ValueError: It has another length.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_KEY_BYTES:
            raise ValueError(f"the master key must have {MASTER_KEY_BYTES} bytes")
        self._master = master
        # Purposes are a handful of constants. Two threads that derive the same key at once store the same value.
        self._hash_keys: dict[str, bytes] = {}
        self._seals: dict[str, AESGCM] = {}

    def token(self) -> str:
        """Return 256 random bits, url-safe."""
        return secrets.token_urlsafe(32)

    def identifier(self) -> str:
        """Return 128 random bits as 32 hexadecimal digits, for a row's id."""
        return secrets.token_hex(16)

    def digits(self, count: int) -> str:
        """Return `count` random decimal digits."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def reference(self) -> str:
        """Return 8 random characters to read out on the phone, without 0, O, 1 and I."""
        return "".join(secrets.choice(_SPOKEN_SIGNS) for _ in range(_REFERENCE_LENGTH))

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return HMAC-SHA-256 (RFC 2104) of `value` under the key of `purpose`, as 64 hexadecimal digits."""
        key = self._hash_keys.get(purpose)
        if key is None:
            key = self._hash_keys[purpose] = self._derive(f"hash:{purpose}")
        return hmac.digest(key, value.encode(), "sha256").hex()

    def seal(self, purpose: str, clear: bytes) -> bytes:
        """Encrypt and authenticate `clear` (AES-256-GCM) under the key of `purpose`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher(purpose).encrypt(nonce, clear, _VERSION + purpose.encode())

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Open what `seal` made for the same purpose.

        Raises:
            ValueError: It was not made with this key for this purpose.
        """
        version, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != _VERSION or len(nonce) != _NONCE_BYTES:
            raise ValueError("this is not something sealed")
        try:
            return self._cipher(purpose).decrypt(nonce, rest, _VERSION + purpose.encode())
        except InvalidTag:
            raise ValueError("this was not sealed with this key for this purpose") from None

    def _cipher(self, purpose: str) -> AESGCM:
        cipher = self._seals.get(purpose)
        if cipher is None:
            cipher = self._seals[purpose] = AESGCM(self._derive(f"seal:{purpose}"))
        return cipher

    def _derive(self, info: str) -> bytes:
        """Return the key of one use (HKDF, RFC 5869; the master key is uniformly random, so no salt is needed: section 3.1)."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"preau/1/{info}".encode()).derive(self._master)
