"""What programs call: token, userinfo and revocation."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, json, request

from franceconnect_bridge.simulator.broken import spoil
from franceconnect_bridge.simulator.client_authentication import ClientAuthentication
from franceconnect_bridge.simulator.errors import AnsweredError
from franceconnect_bridge.simulator.faults import Strike
from franceconnect_bridge.simulator.keys import unsigned
from franceconnect_bridge.simulator.runtime import log, new_reference
from franceconnect_bridge.simulator.scopes import describe, pairwise_sub
from franceconnect_bridge.simulator.settings import Client
from franceconnect_bridge.simulator.state import Simulator
from franceconnect_bridge.simulator.store import TOKEN_LIFETIME, Grant

OTHER_ISSUER = "https://autre-emetteur.example/api/v2"
_LIFETIME = int(TOKEN_LIFETIME.total_seconds())
_FORM = "application/x-www-form-urlencoded"
_REFUSED = {
    "token-invalid-client": "wrong-secret",
    "token-invalid-request": "no-code",
    "token-invalid-grant": "old-code",
    "userinfo-invalid-token": "wrong-token",
}


def backchannel_blueprint(simulator: Simulator) -> Blueprint:
    """Give the three endpoints."""
    backchannel = Blueprint("backchannel", __name__)
    counter = Counter(simulator)
    backchannel.add_url_rule("/token", "token", counter.give_tokens, methods=["POST"])
    backchannel.add_url_rule("/token/revocation", "revocation", counter.revoke, methods=["POST"])
    backchannel.add_url_rule("/userinfo", "userinfo", counter.tell_identity, methods=["GET"])
    backchannel.register_error_handler(AnsweredError, counter.refuse)
    return backchannel


class Counter:
    """Where programs come: one method per endpoint."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._clients = ClientAuthentication(simulator)

    def give_tokens(self) -> Response:
        """Redeem a code (RFC 6749 section 4.1.3)."""
        form = _read_form()
        client = self._clients.identify(form, has_header="Authorization" in request.headers)
        grant = self._read_grant(client, form)
        strike = self._strike("token", grant)
        access_token = self._simulator.store.use(grant)
        if access_token is None:
            raise AnsweredError("used-code")
        document = {
            "access_token": access_token,
            "expires_in": _LIFETIME,
            "id_token": self._sign_id_token(grant, strike),
            "scope": " ".join(grant.request.scopes),
            "token_type": "Bearer",
        }
        if strike is not None and strike.name == "token-without-id-token":
            del document["id_token"]
        log("tokens given", client_id=client.client_id)
        return spoil(self._simulator, strike, _json(document))

    def tell_identity(self) -> Response:
        """Return the identity as a signed JWT (OpenID Connect Core 1.0 section 5.3.2)."""
        sent = request.authorization
        if sent is None or sent.type != "bearer" or not sent.token:
            raise AnsweredError("no-token")
        grant = self._simulator.store.find_access(sent.token)
        if grant is None:
            raise AnsweredError("wrong-token")
        strike = self._strike("userinfo", grant)
        return spoil(self._simulator, strike, self._sign_userinfo(grant, strike))

    def revoke(self) -> Response:
        """Forget an access token (RFC 7009)."""
        form = _read_form()
        client = self._clients.identify(form, has_header="Authorization" in request.headers)
        self._simulator.store.revoke(form.get("token", ""), client.client_id)
        return Response(status=200)

    def refuse(self, error: AnsweredError) -> Response:
        """Return an error as a program reads it."""
        reference = new_reference()
        log("refused", error=error.json.error, code=error.json.code, reference=reference, path=request.path)
        address = f"{self._simulator.settings.base_url}/erreurs?code={error.json.code}&id={reference}"
        response = _json(
            {"error": error.json.error, "error_description": error.json.description, "error_uri": address},
            error.json.status,
        )
        if error.json.error == "invalid_token":
            response.headers["WWW-Authenticate"] = (
                f'Bearer error="invalid_token", error_description="{error.json.description}"'
            )
        return response

    # --- the code ----------------------------------------------------------------------------------------------------------------------

    def _read_grant(self, client: Client, form: Mapping[str, str]) -> Grant:
        """Return what the code stands for, if it may be redeemed by this client, now.

        Raises:
            AnsweredError: With FranceConnect's own reason.
        """
        _check_grant_type(form)
        grant = self._simulator.store.find_grant(form["code"])
        if grant is None:
            raise AnsweredError("unknown-code")
        if grant.request.client.client_id != client.client_id:
            raise AnsweredError("other-client")
        if not grant.used and self._simulator.store.is_old(grant):
            raise AnsweredError("old-code")
        if form["redirect_uri"] != grant.request.redirect_uri:
            raise AnsweredError("other-redirect-uri")
        if "code_verifier" in form and not self._simulator.settings.lenient:
            raise AnsweredError("pkce")
        return grant

    def _strike(self, stage: str, grant: Grant) -> Strike | None:
        """Return what goes wrong now.

        Raises:
            AnsweredError: It is a refusal.
        """
        strike = self._simulator.faults.take(
            stage,
            client_id=grant.request.client.client_id,
            login=grant.person.login,
            own=grant.person.strike,
        )
        if strike is not None and strike.name in _REFUSED:
            raise AnsweredError(_REFUSED[strike.name])
        return strike

    # --- what is signed ----------------------------------------------------------------------------------------------------------------

    def _common(self, grant: Grant) -> dict[str, Any]:
        client, now = grant.request.client, self._simulator.clock.timestamp()
        return {
            "sub": pairwise_sub(grant.person, client.entity_id or client.client_id),
            "aud": client.client_id,
            "exp": now + _LIFETIME,
            "iat": now,
            "iss": self._simulator.settings.issuer,
        }

    def _sign_id_token(self, grant: Grant, strike: Strike | None) -> str:
        request_ = grant.request
        claims = self._common(grant)
        claims |= {"auth_time": int(grant.authenticated_at.timestamp()), "acr": request_.acr, "nonce": request_.nonce}
        if request_.asks_amr:
            claims["amr"] = ["fc", "pwd"]
        name = "" if strike is None else strike.name
        _falsify(name.removeprefix("id-token-"), claims)
        return self._sign(name.removeprefix("id-token-"), claims, request_.client)

    def _sign_userinfo(self, grant: Grant, strike: Strike | None) -> Response:
        claims = self._common(grant) | describe(grant.person, grant.provider.uid, grant.request.scopes)
        kind = "" if strike is None else strike.name.removeprefix("userinfo-")
        _falsify(kind, claims)
        if strike is not None and kind == "without-claim":
            claims.pop(strike.claim, None)
        if strike is not None and kind == "malformed-claim":
            claims[strike.claim] = 42
        if kind == "unsigned":
            return _json(claims)
        kind = "unsigned" if kind == "alg-none" else kind
        return Response(self._sign(kind, claims, grant.request.client), mimetype="application/jwt")

    def _sign(self, kind: str, claims: Mapping[str, Any], client: Client) -> str:
        keys = self._simulator.keys
        if kind == "unsigned":
            return unsigned(claims)
        sign = {"wrong-signature": keys.sign_wrongly, "unknown-kid": keys.sign_unpublished}.get(kind, keys.sign)
        return sign(claims, client.signed_response_alg)


def _falsify(kind: str, claims: dict[str, Any]) -> None:
    """Change the claims that a fault is about."""
    now = claims["iat"]
    changes: dict[str, dict[str, Any]] = {
        "wrong-iss": {"iss": OTHER_ISSUER},
        "wrong-aud": {"aud": "un-autre-service"},
        "wrong-nonce": {"nonce": "unAutreNonceQueLeVotre0"},
        "wrong-sub": {"sub": "0" * 64 + "v1"},
        "low-acr": {"acr": "eidas0"},
        "expired": {"iat": now - 360, "exp": now - 300},
    }
    claims.update(changes.get(kind, {}))
    if kind == "without-nonce":
        del claims["nonce"]


def _read_form() -> dict[str, str]:
    """Return the body's parameters.

    Raises:
        AnsweredError: It is no form, or one is repeated (RFC 6749 section 3.2).
    """
    found = request.form.to_dict(flat=False)
    if request.mimetype != _FORM or any(len(values) > 1 for values in found.values()):
        raise AnsweredError("bad-body")
    return {name: values[0] for name, values in found.items()}


def _check_grant_type(form: Mapping[str, str]) -> None:
    if not form.get("grant_type"):
        raise AnsweredError("no-grant-type")
    if form["grant_type"] != "authorization_code":
        raise AnsweredError("wrong-grant-type")
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise AnsweredError(f"no-{name.replace('_', '-')}")


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")
