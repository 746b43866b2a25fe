"""A person and her ENT in one: each operation of the bench, checked as an ENT would check it."""

import base64
import hashlib
import html
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.browser import Answer, Browser

CLIENT_ID = "bench"
REFRESHING_ID = "bench-refreshing"
MACHINE_ID = "bench-machine"
RESOURCE = "http://localhost:8458/"
MACHINE_SCOPE = "bench.read"
CLIENT_SECRET = "a-secret-for-the-bench"  # noqa: S105  a fictional one, of all three
REDIRECT_URI = "http://localhost:8457/"
SCOPE = "openid profile ect.scope.cnx"
_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_ENDPOINTS = "/idp/profile/oidc"


class Visitor:
    """One virtual person at one provider.

    Args:
        base: Scheme, host and port of the provider, which is also its issuer.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.browser = Browser(base)
        self._access_token = ""
        self._refresh_token = ""

    async def log_in(self, identifiant: str, password: str) -> None:
        """Sign in afresh: authorization request, sign-in page, password, code, tokens, userinfo."""
        self.browser.cookies.clear()
        await self.authorize(lambda page: self._submit(page, identifiant, password))

    async def sign_on(self) -> None:
        """Come again with the session kept: code, tokens, userinfo."""
        await self.authorize(None)

    async def ask_userinfo(self) -> str:
        """Present the latest access token and return `sub`."""
        answer = await self.browser.ask("GET", f"{_ENDPOINTS}/userinfo", authorization=f"Bearer {self._access_token}")
        return str(_read(answer)["sub"])

    async def refresh(self) -> None:
        """Rotate the refresh token; the first time, sign on for one."""
        if not self._refresh_token:
            await self.authorize(None, REFRESHING_ID)
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        tokens = await self._ask("token", form, REFRESHING_ID)
        assert tokens["id_token"]
        assert tokens["refresh_token"] != self._refresh_token
        self._access_token, self._refresh_token = tokens["access_token"], tokens["refresh_token"]

    async def introspect(self) -> None:
        """Ask what the latest access token is good for, as the client that it was issued to."""
        told = await self._ask("introspect", {"token": self._access_token}, REFRESHING_ID)
        assert told["active"], told

    async def ask_for_itself(self) -> None:
        """Get a token that no person stands behind, for the only resource that this client may ask for."""
        form = {"grant_type": "client_credentials", "scope": MACHINE_SCOPE}
        tokens = await self._ask("token", form, MACHINE_ID)
        assert tokens["scope"] == MACHINE_SCOPE, tokens

    async def load_discovery(self) -> Any:
        """Ask for the provider's metadata, and return them."""
        metadata = _read(await self.browser.ask("GET", "/.well-known/openid-configuration"))
        assert metadata["issuer"] == self.base
        return metadata

    async def load_keys(self) -> None:
        """Ask for the provider's keys."""
        assert _read(await self.browser.ask("GET", f"{_ENDPOINTS}/jwks"))["keys"]

    async def load_bare(self) -> None:
        """Ask for the bare view."""
        _read(await self.browser.ask("GET", "/readyz"))

    async def authorize(self, prove: Callable[[str], Awaitable[Answer]] | None, client_id: str = CLIENT_ID) -> None:
        """Ask for a code as an ENT does, and redeem it.

        Args:
            prove: Takes the sign-in page and does what signs one in; None where a session is there.
            client_id: Which ENT.
        """
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": _unpadded(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "acr_values": "responsable",
        }
        answer = await self._go_on(await self.browser.ask("GET", f"{_ENDPOINTS}/authorize?{urlencode(query)}"))
        if answer.status == 200 and prove is not None:
            answer = await self._go_on(await prove(answer.body.decode()))
        assert answer.header("location").startswith(REDIRECT_URI), f"{answer.status} {answer.body[:300]!r}"
        told = parse_qs(urlsplit(answer.header("location")).query)
        assert told["state"] == [state], told
        await self._redeem(told["code"][0], verifier, nonce, client_id)

    async def _go_on(self, answer: Answer) -> Answer:
        """Follow redirects as long as they stay at the provider."""
        while answer.status == 303 and answer.header("location").removeprefix(self.base).startswith("/"):
            answer = await self.browser.ask("GET", answer.header("location").removeprefix(self.base))
        return answer

    async def _submit(self, page: str, identifiant: str, password: str) -> Answer:
        form = _FORM.search(page)
        assert form is not None, page
        values = dict(_HIDDEN.findall(form[2])) | {"j_username": identifiant, "j_password": password}
        return await self.browser.ask("POST", html.unescape(form[1]), form=values)

    async def _redeem(self, code: str, verifier: str, nonce: str, client_id: str) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
        }
        tokens = await self._ask("token", form, client_id)
        payload = tokens["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (claims["nonce"], claims["aud"], claims["iss"]) == (nonce, client_id, self.base), claims
        self._access_token = tokens["access_token"]
        self._refresh_token = tokens.get("refresh_token", self._refresh_token)
        assert await self.ask_userinfo() == claims["sub"]

    async def _ask(self, endpoint: str, form: dict[str, str], client_id: str) -> Any:
        """Send a request of the ENT's server, and return the answer's members."""
        basic = "Basic " + base64.b64encode(f"{client_id}:{CLIENT_SECRET}".encode()).decode()
        return _read(await self.browser.ask("POST", f"{_ENDPOINTS}/{endpoint}", form=form, authorization=basic))


def _unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(answer: Answer) -> Any:
    assert answer.status == 200, f"{answer.status} {answer.body[:300]!r}"
    return json.loads(answer.body)
