"""A relying party made of bare HTTP, for stories that need to send exactly what they say."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tests.support.server import ENT_REDIRECT_URI

VERIFIER = "a-verifier-of-forty-three-characters-or-more-0123456789"


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class RelyingParty:
    """A confidential client by default."""

    base: str
    client_id: str = "ent"
    client_secret: str = "secret-of-the-ent"
    redirect_uri: str = ENT_REDIRECT_URI
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False

    def authorization_uri(self, **changes: str | None) -> str:
        """Return an authorization request; None takes a parameter away."""
        return f"{self.base}/idp/profile/oidc/authorize?{urlencode(self.authorization_request(**changes))}"

    def authorization_request(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request; None takes one away."""
        params: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile ect.scope.cnx",
            "state": "state-0123456789",
            "nonce": "nonce-0123456789",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in params.items() if value is not None}

    def push(self, **changes: str | None) -> requests.Response:
        """Push an authorization request (RFC 9126)."""
        return self.http.post(
            f"{self.base}/idp/profile/oidc/par",
            data=self.authorization_request(**changes),
            auth=(self.client_id, self.client_secret),
            timeout=20,
        )

    def pushed_uri(self, **changes: str | None) -> str:
        """Push a request, and return the address that stands for it."""
        reference = {"client_id": self.client_id, "request_uri": self.push(**changes).json()["request_uri"]}
        return f"{self.base}/idp/profile/oidc/authorize?{urlencode(reference)}"

    def exchange(self, code: str, **changes: str | None) -> requests.Response:
        """Send the token request."""
        params: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.http.post(
            f"{self.base}/idp/profile/oidc/token",
            data={name: value for name, value in params.items() if value is not None},
            auth=(self.client_id, self.client_secret),
            timeout=20,
        )

    def exchange_as_public_client(self, code: str) -> requests.Response:
        """Send the token request of a client that has no secret."""
        params = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.http.post(
            f"{self.base}/idp/profile/oidc/token",
            data={**params, "client_id": self.client_id, "code_verifier": VERIFIER},
            timeout=20,
        )

    def refresh(self, refresh_token: str, **more: str) -> requests.Response:
        """Send a refresh request."""
        return self.http.post(
            f"{self.base}/idp/profile/oidc/token",
            data={"grant_type": "refresh_token", "refresh_token": refresh_token, **more},
            auth=(self.client_id, self.client_secret),
            timeout=20,
        )

    def userinfo(self, access_token: str) -> requests.Response:
        """Ask for the claims."""
        return self.http.get(
            f"{self.base}/idp/profile/oidc/userinfo",
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=20,
        )


def answer_in(uri: str) -> dict[str, str]:
    """Return the parameters of an authorization response."""
    return {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}


def unverified_claims(id_token: str) -> dict[str, Any]:
    """Return an ID token's claims without checking its signature: interop tests do that."""
    payload = id_token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
