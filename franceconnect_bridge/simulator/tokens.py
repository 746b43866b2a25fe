"""The token and userinfo endpoints: who the client is, what the code opens, what is signed and how."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from franceconnect_bridge.simulator import errors
from franceconnect_bridge.simulator.authorization import LEVEL
from franceconnect_bridge.simulator.errors import invalid_client, invalid_grant, missing_parameter
from franceconnect_bridge.simulator.faults import Armed
from franceconnect_bridge.simulator.providers import PROVIDERS
from franceconnect_bridge.simulator.runtime import draw
from franceconnect_bridge.simulator.settings import Client
from franceconnect_bridge.simulator.world import CODE_LIFETIME, TOKEN_LIFETIME, Grant, World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2
_SKEW = timedelta(seconds=60)
_LONGEST_ASSERTION = timedelta(minutes=10)
_OTHER = {"ES256": "RS256", "RS256": "ES256"}
_LONG_AGO = timedelta(hours=1)


def redeem(world: World, form: Mapping[str, str], audiences: tuple[str, ...]) -> dict[str, Any]:
    """Answer a token request (RFC 6749 section 4.1.3): five members, as FranceConnect's.

    Args:
        world: The simulator.
        form: Of the request.
        audiences: Values of `aud` that a client assertion may have.

    Raises:
        EndpointError: The request is refused.
    """
    client = authenticate_client(world, form, audiences)
    if form.get("grant_type") != "authorization_code":
        raise errors.unsupported_grant_type() if form.get("grant_type") else missing_parameter("grant_type")
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise missing_parameter(name)
    token = draw()
    grant = _spend_code(world, client, form, token)
    now = world.clock.now()
    return {
        "access_token": token,
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "id_token": make_id_token(world, grant, now),
        "scope": " ".join(grant.request.scopes),
        "token_type": "Bearer",
    }


def _spend_code(world: World, client: Client, form: Mapping[str, str], token: str) -> Grant:
    """Use a code, once: proof of possession first, so that a stranger burns nothing.

    A second use takes away what the first one gave (RFC 6749 section 4.1.2).
    """
    code = form["code"]
    grant = world.codes.find(code)
    if grant is None or grant.request.client.client_id != client.client_id:
        raise invalid_grant(*errors.CODE_UNKNOWN)
    if grant.request.redirect_uri != form["redirect_uri"]:
        raise invalid_grant(*errors.REDIRECT_URI_DIFFERS)
    if "code_verifier" in form and world.settings.refuses_unknown_parameters:
        raise invalid_grant(*errors.PKCE)
    with world.lock:
        given = world.used_codes.find(code)
        if given:
            world.tokens.take(given)
            raise invalid_grant(*errors.CODE_CONSUMED)
        if world.clock.now() - grant.issued_at >= CODE_LIFETIME:
            raise invalid_grant(*errors.CODE_EXPIRED)
        world.used_codes.put(code, token)
        world.tokens.put(token, grant)
    return grant


def authenticate_client(world: World, form: Mapping[str, str], audiences: tuple[str, ...]) -> Client:
    """Return who asks: `client_secret_post` or `private_key_jwt`; FranceConnect takes no HTTP Basic.

    Raises:
        EndpointError: 401 invalid_client.
    """
    if form.get("client_assertion_type") == ASSERTION_TYPE:
        return _check_assertion(world, form.get("client_assertion", ""), audiences)
    client = world.clients.get(form.get("client_id", ""))
    if client is None:
        raise invalid_client("client not found" if form.get("client_id") else "no client authentication provided")
    if not client.client_secret or form.get("client_secret") != client.client_secret:
        raise invalid_client("invalid secret provided")
    return client


def _check_assertion(world: World, assertion: str, audiences: tuple[str, ...]) -> Client:
    """Check a client assertion (RFC 7523 section 3, OpenID Connect Core 1.0 section 9)."""
    try:
        payload = assertion.split(".")[1]
        claimed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        client = world.clients.get(claimed["sub"])
    except (IndexError, ValueError, KeyError, TypeError):
        raise invalid_client("the assertion is not a JWT") from None
    if client is None or not client.jwks:
        raise invalid_client("client not found, or without keys")
    try:
        keys = KeySet.import_key_set(dict(client.jwks))  # type: ignore[arg-type]  # a JWKS, as JSON
        claims = jwt.decode(assertion, keys, algorithms=["ES256", "RS256"]).claims
    except (JoseError, ValueError):
        raise invalid_client("the assertion's signature is not the client's") from None
    problem = _assertion_problem(world, client, claims, audiences)
    if problem:
        raise invalid_client(problem)
    return client


def _assertion_problem(world: World, client: Client, claims: Mapping[str, Any], audiences: tuple[str, ...]) -> str:
    now = world.clock.now().timestamp()
    expires, told = claims.get("exp"), claims.get("aud")
    named = told if isinstance(told, list) else [told]
    if claims.get("iss") != client.client_id:
        return "the assertion's iss is not the client"
    if not set(audiences).intersection(map(str, named)):
        return "the assertion's aud is not this token endpoint"
    if not isinstance(expires, int | float) or isinstance(expires, bool) or not now - _SKEW.total_seconds() < expires:
        return "the assertion has run out"
    if expires > now + _LONGEST_ASSERTION.total_seconds():
        return "the assertion lives too long"
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        return "the assertion has no jti"
    with world.lock:
        if world.assertions.find(f"{client.client_id} {jti}"):
            return "the assertion was used before"
        world.assertions.put(f"{client.client_id} {jti}", True)
    return ""


def make_id_token(world: World, grant: Grant, now: datetime) -> str:
    """Return the ID token: exactly the claims that FranceConnect gives, and a header without `typ`."""
    claims: dict[str, Any] = {
        "sub": _sub(grant),
        "auth_time": int(grant.auth_time.timestamp()),
        "acr": LEVEL,
        "nonce": grant.request.nonce,
        **_addressed(world, grant, now),
    }
    if grant.request.asks_amr:
        claims["amr"] = ["fc", *PROVIDERS[grant.provider].amr]
    fault = world.faults.meet("id_token", grant.request.client.client_id, grant.person.faults)
    name = fault.name.removeprefix("id-token-") if fault else ""
    if name == "low-acr":
        claims["acr"] = "eidas0"
    elif name == "without-acr":
        del claims["acr"]
    elif name == "wrong-nonce":
        claims["nonce"] = draw()
    elif name == "without-nonce":
        del claims["nonce"]
    return _sign(world, grant, claims, name)


def make_userinfo(world: World, grant: Grant, now: datetime) -> dict[str, Any]:
    """Return the claims of userinfo, before they are signed."""
    told = grant.person.claims(grant.provider)
    chosen = {name: told[name] for name in grant.request.claims if told[name] or name == "birthplace"}
    return {"sub": _sub(grant), **chosen, **_addressed(world, grant, now)}


def sign_userinfo(world: World, grant: Grant, claims: dict[str, Any], fault: Armed | None) -> str:
    """Return userinfo as a signed JWT."""
    name = fault.name.removeprefix("userinfo-") if fault else ""
    if fault is not None and name == "without-claim":
        claims.pop(fault.claim, None)
    elif fault is not None and name == "odd-claim":
        claims[fault.claim] = 42
    return _sign(world, grant, claims, name)


def _addressed(world: World, grant: Grant, now: datetime) -> dict[str, Any]:
    issued = int(now.timestamp())
    expires = issued + int(TOKEN_LIFETIME.total_seconds())
    return {"aud": grant.request.client.client_id, "exp": expires, "iat": issued, "iss": world.settings.issuer}


def _sub(grant: Grant) -> str:
    client = grant.request.client
    return grant.person.sub(client.entity_id or client.client_id)


def _sign(world: World, grant: Grant, claims: dict[str, Any], fault: str) -> str:
    """Sign claims with the client's algorithm, or as a fault wants it."""
    algorithm = grant.request.client.signed_response_alg
    if fault == "wrong-iss":
        claims["iss"] = "https://franceconnect.example/api/v2"
    elif fault == "wrong-aud":
        claims["aud"] = "somebody-else"
    elif fault == "wrong-sub":
        claims["sub"] = "0" * 64 + "v1"
    elif fault == "expired":
        claims["iat"] -= int(_LONG_AGO.total_seconds())
        claims["exp"] -= int(_LONG_AGO.total_seconds())
    elif fault == "other-alg":
        algorithm = _OTHER[algorithm]
    payload = json.dumps(claims, ensure_ascii=False).encode()
    if fault == "unsigned":
        header = json.dumps({"alg": "none", "kid": world.keys.kid(algorithm)}).encode()
        return f"{_segment(header)}.{_segment(payload)}."
    kid = "nobody-publishes-this" if fault == "unknown-kid" else world.keys.kid(algorithm)
    foreign = fault in {"wrong-signature", "unknown-kid"}
    return world.keys.sign({"alg": algorithm, "kid": kid}, payload, foreign=foreign)


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
