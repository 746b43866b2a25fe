"""Who a program says it is: a secret in the body, or an assertion that it signed (RFC 6749 section 2.3, RFC 7523)."""

import hmac
import json
import threading
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from franceconnect_bridge.simulator.errors import AnsweredError
from franceconnect_bridge.simulator.keys import ALGORITHMS
from franceconnect_bridge.simulator.metadata import backchannel_bases
from franceconnect_bridge.simulator.settings import Client, read_public_keys
from franceconnect_bridge.simulator.state import Simulator

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW_SECONDS = 30
_LONGEST_SECONDS = 3600
_MOST_SEEN = 10_000


class ClientAuthentication:
    """Tells which client calls. Remembers assertions, each of which counts once."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def identify(self, form: Mapping[str, str], *, has_header: bool) -> Client:
        """Return the client of a request.

        Args:
            form: Its body.
            has_header: Whether it has an Authorization header, which is how FranceConnect is not called.

        Raises:
            AnsweredError: It cannot be told, or what it shows is wrong.
        """
        if has_header:
            raise AnsweredError("wrong-method")
        assertion = form.get("client_assertion", "")
        client_id = form.get("client_id", "") or _unverified_subject(assertion)
        if not client_id:
            raise AnsweredError("no-client")
        client = self._simulator.find_client(client_id)
        if client is None:
            raise AnsweredError("unknown-client")
        if client.token_endpoint_auth_method == "private_key_jwt":  # noqa: S105  a method's name
            self._check_assertion(client, form)
        else:
            _check_secret(client, form)
        return client

    def _check_assertion(self, client: Client, form: Mapping[str, str]) -> None:
        if "client_secret" in form or "client_assertion" not in form:
            raise AnsweredError("wrong-method")
        claims = _verify(client, form["client_assertion"])
        now = self._simulator.clock.timestamp()
        audiences = claims.get("aud")
        accepted = {audience for base in backchannel_bases(self._simulator) for audience in (base, f"{base}/token")}
        expires, jti = claims.get("exp"), claims.get("jti")
        rules = (
            form.get("client_assertion_type") == _ASSERTION_TYPE,
            claims.get("iss") == claims.get("sub") == client.client_id,
            any(audience in accepted for audience in (audiences if isinstance(audiences, list) else [audiences])),
            isinstance(expires, int | float) and now - _SKEW_SECONDS < expires <= now + _LONGEST_SECONDS,
            isinstance(jti, str) and self._is_new(client.client_id, jti),
        )
        if not all(rules):
            raise AnsweredError("wrong-assertion")

    def _is_new(self, client_id: str, jti: str) -> bool:
        with self._lock:
            if (client_id, jti) in self._seen:
                return False
            self._seen[client_id, jti] = None
            while len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
            return True


def _check_secret(client: Client, form: Mapping[str, str]) -> None:
    if "client_assertion" in form or "client_secret" not in form:
        raise AnsweredError("wrong-method")
    if not hmac.compare_digest(form["client_secret"].encode(), client.client_secret.encode()):
        raise AnsweredError("wrong-secret")


def _verify(client: Client, assertion: str) -> dict[str, Any]:
    for key in read_public_keys(client.public_key):
        try:
            return dict(jwt.decode(assertion, key, algorithms=list(ALGORITHMS)).claims)
        except (JoseError, ValueError):
            continue
    raise AnsweredError("wrong-assertion")


def _unverified_subject(assertion: str) -> str:
    """Return whom an assertion claims to be from, to look up the key that will verify it."""
    try:
        subject = json.loads(urlsafe_b64decode(assertion.split(".")[1] + "=="))["sub"]
    except (ValueError, IndexError, KeyError, TypeError):
        return ""
    return subject if isinstance(subject, str) else ""
