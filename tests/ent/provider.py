"""A small strict OpenID provider for tests, behind real HTTP, that can be told to misbehave in one way at a time.

It refuses what a strict provider refuses (redirect URI not registered, no PKCE, wrong verifier, code used twice, secret not
form-url-encoded in Basic...). Each `bend_*` member changes one answer on its way out; by default nothing is bent.
"""

import hashlib
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus, urlencode

import requests
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.exceptions import BadRequest

from ent_client.runtime import Clock

Bend = Callable[[dict[str, Any]], dict[str, Any] | None]

JOE = {
    "given_name": "Joe",
    "family_name": "DUPONT",
    "FrEduCtPersonAffiliation": ["resp2d"],
    "FrEduCtRefId": ["{AAF}08||123456"],
    "FrEduCtDateConnexion": "2026-11-24 10:36:11.979",
    "FrEduOrigAuth": "ECT",
}
LOGIN_PAGE = """<!doctype html><html lang="fr"><title>Connexion</title><h1>Je me connecte</h1>
<form method="post" action="/idp/profile/oidc/authorize?{query}"><button>Valider</button></form></html>"""

# One key pair of each kind for the whole test run: making RSA keys is slow, and tests never change them.
RSA_KEY = RSAKey.generate_key(2048, parameters={"kid": "rsa-1", "use": "sig", "alg": "RS256"})
EC_KEY = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "use": "sig", "alg": "ES256"})
OTHER_RSA_KEY = RSAKey.generate_key(2048, parameters={"kid": "rsa-2", "use": "sig", "alg": "RS256"})


@dataclass
class Grant:
    nonce: str
    redirect_uri: str
    challenge: str
    started_at: float
    offline: bool


@dataclass
class StrictProvider:
    """The provider's state, its knobs, and what it saw."""

    origin: str
    clock: Clock
    redirect_uri: str = ""
    after_logout_uri: str = ""
    client_id: str = "ent-marronnier"
    client_secret: str = "s:e%c r+é/t"
    client_jwks_uri: str = ""
    issuer_path: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(JOE))
    sub: str = "pairwise-joe"
    sid: str = "sid-1"
    signing_key: RSAKey | ECKey = field(default_factory=lambda: RSA_KEY)
    published_keys: list[RSAKey | ECKey] = field(default_factory=lambda: [RSA_KEY, EC_KEY])
    claims_in_id_token: bool = False
    signed_userinfo: bool = False
    ask: bool = False
    bend_metadata: Bend = lambda it: it
    bend_callback: Bend = lambda it: it
    bend_header: Bend = lambda it: it
    bend_claims: Bend = lambda it: it
    bend_token: Bend = lambda it: it
    bend_userinfo: Bend = lambda it: it
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    hang_at: str = ""
    break_at: dict[str, Response] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    seen: list[str] = field(default_factory=list)
    authorize_requests: list[dict[str, str]] = field(default_factory=list)
    logout_requests: list[dict[str, str]] = field(default_factory=list)
    assertions: list[dict[str, Any]] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    spent_refresh_tokens: list[str] = field(default_factory=list)
    access_tokens: set[str] = field(default_factory=set)
    id_tokens: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.origin + self.issuer_path

    def app(self) -> Flask:
        app = Flask("strict-provider")
        for path, view, methods in (
            ("/.well-known/openid-configuration", self.discovery, ["GET"]),
            ("/idp/jwks", self.jwks, ["GET"]),
            ("/idp/profile/oidc/authorize", self.authorize, ["GET", "POST"]),
            ("/idp/profile/oidc/token", self.token, ["POST"]),
            ("/idp/profile/oidc/revoke", self.revoke, ["POST"]),
            ("/idp/profile/oidc/userinfo", self.userinfo, ["GET"]),
            ("/idp/profile/Logout", self.logout, ["GET"]),
        ):
            app.add_url_rule(path, view.__name__, view, methods=methods)
        app.before_request(self.trouble)
        return app

    def trouble(self) -> Response | None:
        name = request.endpoint or ""
        self.seen.append(name)
        if name == self.hang_at:
            self.released.wait()
        return self.break_at.get(name)

    def discovery(self) -> Response:
        oidc = self.origin + "/idp/profile/oidc"
        metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": oidc + "/authorize",
            "token_endpoint": oidc + "/token",
            "userinfo_endpoint": oidc + "/userinfo",
            "revocation_endpoint": oidc + "/revoke",
            "jwks_uri": self.origin + "/idp/jwks",
            "end_session_endpoint": self.origin + "/idp/profile/Logout",
            "authorization_response_iss_parameter_supported": True,
            # Deliberately more than the ENT accepts: its own list decides.
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        return jsonify(self.bend_metadata(metadata) or metadata)

    def jwks(self) -> Response:
        return jsonify(KeySet(list(self.published_keys)).as_dict(private=False))

    def authorize(self) -> Response | str:
        sent = request.args
        if sent.get("client_id") != self.client_id or sent.get("redirect_uri") != self.redirect_uri:
            raise BadRequest("client_id or redirect_uri")
        if sent.get("response_type") != "code" or "openid" not in sent.get("scope", "").split():
            raise BadRequest("response_type or scope")
        if sent.get("code_challenge_method") != "S256" or not sent.get("code_challenge") or not sent.get("nonce"):
            raise BadRequest("PKCE S256 and nonce are mandatory")
        if request.method == "GET":
            self.authorize_requests.append(sent.to_dict())
            if self.ask:
                return LOGIN_PAGE.format(query=request.query_string.decode().replace("&", "&amp;"))
        code = secrets.token_urlsafe(24)
        self.grants[code] = Grant(
            sent["nonce"],
            sent["redirect_uri"],
            sent["code_challenge"],
            self.clock.now().timestamp(),
            "offline_access" in sent["scope"].split() and sent.get("prompt") == "consent",
        )
        answer = {"code": code, "state": sent["state"], "iss": self.issuer}
        return redirect(self.redirect_uri + "?" + urlencode(self.bend_callback(answer) or answer, doseq=True), 303)

    def token(self) -> Response | tuple[Response, int]:
        if not (self.has_signed() if self.client_jwks_uri else self.has_given_the_secret()):
            return jsonify(error="invalid_client"), 401
        if request.form.get("grant_type") == "refresh_token":
            return self.refresh()
        grant = self.grants.pop(request.form.get("code", ""), None)
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        if (
            grant is None
            or request.args
            or request.form.get("grant_type") != "authorization_code"
            or request.form.get("redirect_uri") != grant.redirect_uri
            or _b64(digest) != grant.challenge
        ):
            return jsonify(error="invalid_grant"), 400
        return self.give_tokens(grant)

    def refresh(self) -> Response | tuple[Response, int]:
        """A refresh token is good once (RFC 9700, 4.14.2): whoever brings one again loses the whole family."""
        presented = request.form.get("refresh_token", "")
        if set(request.form) - {"client_assertion_type", "client_assertion"} != {"grant_type", "refresh_token"}:
            return jsonify(error="invalid_request"), 400
        grant = self.refresh_tokens.pop(presented, None)
        if grant is None:
            if presented in self.spent_refresh_tokens:
                self.refresh_tokens.clear()
            return jsonify(error="invalid_grant"), 400
        self.spent_refresh_tokens.append(presented)
        return self.give_tokens(replace(grant, nonce=""))

    def revoke(self) -> Response | tuple[Response, int]:
        if not (self.has_signed() if self.client_jwks_uri else self.has_given_the_secret()):
            return jsonify(error="invalid_client"), 401
        if set(request.form) - {"client_assertion_type", "client_assertion"} != {"token", "token_type_hint"}:
            return jsonify(error="invalid_request"), 400
        self.refresh_tokens.pop(request.form["token"], None)
        return Response("", 200)

    def give_tokens(self, grant: Grant) -> Response:
        access_token = secrets.token_urlsafe(24)
        self.access_tokens.add(access_token)
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 600,
            "id_token": self.id_token(grant, access_token),
        }
        if grant.offline:
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[answer["refresh_token"]] = grant
        return jsonify(self.bend_token(answer) or answer)

    def has_given_the_secret(self) -> bool:
        kind, _, coded = request.headers.get("Authorization", "").partition(" ")
        identifier, _, secret = b64decode(coded).decode().partition(":")
        given = (unquote_plus(identifier), unquote_plus(secret))
        return kind == "Basic" and given == (self.client_id, self.client_secret)

    def has_signed(self) -> bool:
        """RFC 7523, 3, as strictly as it can be read: one audience, a minute of life, each `jti` once, nothing beside it."""
        form, now = request.form, int(self.clock.now().timestamp())
        if "Authorization" in request.headers or "client_secret" in form:
            return False
        if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return False
        keys = KeySet.import_key_set(requests.get(self.client_jwks_uri, timeout=10).json())
        try:
            token = jwt.decode(form.get("client_assertion", ""), keys, algorithms=["RS256", "ES256"])
        except (JoseError, ValueError):
            return False
        claims = token.claims
        self.assertions.append({"header": token.header, "claims": claims})
        fresh = claims.get("jti") and claims["jti"] not in [one["claims"]["jti"] for one in self.assertions[:-1]]
        named = (claims.get("iss"), claims.get("sub"), claims.get("aud")) == (
            self.client_id,
            self.client_id,
            self.issuer,
        )
        return bool(fresh and named and claims.get("iat") == now and claims.get("exp") == now + 60)

    def id_token(self, grant: Grant, access_token: str) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.sub,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": int(grant.started_at) - 5,
            "sid": self.sid,
            "acr": "eidas1",
            "at_hash": _b64(hashlib.sha256(access_token.encode()).digest()[:16]),
        }
        if grant.nonce:
            claims["nonce"] = grant.nonce
        if self.claims_in_id_token:
            claims |= self.person
        claims = self.bend_claims(claims) or claims
        header = {"alg": self._alg, "kid": self.signing_key.kid}
        header = self.bend_header(header) or header
        token = self.sign(header, claims) if self.sign else jwt.encode(header, claims, self.signing_key)
        self.id_tokens.append(token)
        return token

    def logout_token(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A logout token of this moment; a change to None leaves the member out."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(12),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sub": self.sub,
            "sid": self.sid,
        }
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        usual = {"alg": self._alg, "kid": self.signing_key.kid, "typ": "logout+jwt"}
        header = {name: value for name, value in {**usual, **(header or {})}.items() if value is not None}
        return self.sign(header, claims) if self.sign else jwt.encode(header, claims, self.signing_key)

    @property
    def _alg(self) -> str:
        return "ES256" if isinstance(self.signing_key, ECKey) else "RS256"

    def userinfo(self) -> Response | tuple[Response, int]:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.access_tokens:
            return jsonify(error="invalid_token"), 401
        answer: dict[str, Any] = {"sub": self.sub} if self.claims_in_id_token else {"sub": self.sub, **self.person}
        if self.signed_userinfo:
            answer |= {"iss": self.issuer, "aud": self.client_id}
        answer = self.bend_userinfo(answer) or answer
        if not self.signed_userinfo:
            return jsonify(answer)
        signed = jwt.encode({"alg": "RS256", "kid": RSA_KEY.kid}, answer, RSA_KEY)
        return Response(signed, content_type="application/jwt")

    def logout(self) -> Response:
        self.logout_requests.append(request.args.to_dict())
        hint = jws.deserialize_compact(request.args["id_token_hint"], RSA_KEY)
        assert hint.payload
        if request.args["post_logout_redirect_uri"] != self.after_logout_uri:
            raise BadRequest("post_logout_redirect_uri")
        return redirect(self.after_logout_uri + "?" + urlencode({"state": request.args["state"]}), 303)


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
