"""A browser and a relying party in one, over keep-alive connections: each operation of the bench, checked as an ENT would."""

import base64
import hashlib
import html
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Visitor:
    """One virtual person at one provider."""

    base: str
    client_id: str
    client_secret: str
    redirect_uri: str
    http: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def __post_init__(self) -> None:
        self.http.trust_env = False

    def log_in(self, identifiant: str, password: str) -> None:
        """Sign in afresh: form, code, tokens, userinfo."""
        self.http.cookies.clear()
        self._authorize(identifiant, password)

    def sign_on(self) -> None:
        """Come again with the session kept: code, tokens, userinfo."""
        self._authorize("", "")

    def ask_userinfo(self) -> str:
        """Ask for the claims and return `sub`."""
        answer = self.http.get(
            f"{self.base}/idp/profile/oidc/userinfo", headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )
        return str(_checked(answer)["sub"])

    def get(self, path: str) -> None:
        """Ask for a document."""
        _checked(self.http.get(f"{self.base}{path}", timeout=30))

    def _authorize(self, identifiant: str, password: str) -> None:
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile ect.scope.cnx",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "acr_values": "responsable",
        }
        answer = self._go(f"{self.base}/idp/profile/oidc/authorize?{urlencode(query)}")
        if not answer.is_redirect:
            action, inside = _FORM.search(answer.text).groups()  # type: ignore[union-attr]  # a failed bench says so
            values = dict(_HIDDEN.findall(inside)) | {"j_username": identifiant, "j_password": password}
            address = urljoin(answer.url, html.unescape(action))
            answer = self.http.post(address, data=values, allow_redirects=False, timeout=30)
        told = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        assert told["state"] == state, told
        self._exchange(told["code"], verifier, nonce)

    def _go(self, address: str) -> requests.Response:
        """Follow redirects as long as they stay here."""
        answer = self.http.get(address, allow_redirects=False, timeout=30)
        while answer.is_redirect and urljoin(answer.url, answer.headers["Location"]).startswith(self.base):
            answer = self.http.get(urljoin(answer.url, answer.headers["Location"]), allow_redirects=False, timeout=30)
        return answer

    def _exchange(self, code: str, verifier: str, nonce: str) -> None:
        answer = self.http.post(
            f"{self.base}/idp/profile/oidc/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.redirect_uri,
                "code_verifier": verifier,
            },
            auth=(self.client_id, self.client_secret),
            timeout=30,
        )
        tokens = _checked(answer)
        payload = tokens["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (claims["nonce"], claims["aud"], claims["iss"]) == (nonce, self.client_id, self.base), claims
        self.token = tokens["access_token"]
        assert self.ask_userinfo() == claims["sub"]


def _checked(answer: requests.Response) -> Any:
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:200]}"
    return answer.json()
