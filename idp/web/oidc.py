"""The protocol's endpoints that browsers come to, and its documents. Each asks the protocol or a journey, and writes the answer down."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, json, request

from idp.journeys.answers import Profile
from idp.journeys.authorization import Authorization
from idp.journeys.logout import Logout
from idp.journeys.ports import SigningKeys
from idp.journeys.pushed_authorization import PushedAuthorization
from idp.protocol import discovery
from idp.protocol.jwks_rfc7517 import to_jwks
from idp.protocol.signing_keys import ALGORITHMS, SigningKey
from idp.web.authorize import add_authorization
from idp.web.cookies import Cookies
from idp.web.documents import publish
from idp.web.logout import SignOutUpstream, add_logout


def oidc_blueprint(
    *,
    issuer: str,
    base: str,
    authorization: Authorization,
    pushed: PushedAuthorization,
    logout: Logout,
    keys: SigningKeys,
    scopes: Sequence[str],
    claims: Sequence[str],
    levels: Sequence[str],
    cookies: Cookies,
    backchannel_hosts: Collection[str] = (),
    registers_clients: bool = False,
    sign_out_upstream: SignOutUpstream | None = None,
) -> Blueprint:
    """Return authorization, pushed requests, logout, keys and discovery.

    Args:
        issuer: As tokens name it.
        base: Scheme, host and port that every endpoint begins with.
        authorization: Answers authorization requests.
        pushed: Takes requests that servers push.
        logout: Answers logout requests.
        keys: What is published.
        scopes: Those that discovery names.
        claims: Of persons, those that discovery names.
        levels: Values of `acr` beside the profiles.
        cookies: Whose `visit` and `session` cookies are read and set.
        backchannel_hosts: Asked there, discovery gives the endpoints that servers call at that host. Browsers stay at `base`.
        registers_clients: Whether discovery names the endpoint where clients register.
        sign_out_upstream: Leads through the logout of FranceConnect; None without it.
    """
    blueprint = Blueprint("oidc", __name__)
    add_authorization(blueprint, issuer, authorization, pushed, cookies)
    add_logout(blueprint, logout, cookies, sign_out_upstream)

    def compose(backchannel: str, published: Sequence[SigningKey]) -> discovery.Metadata:
        here = deployment_of(issuer, base, scopes, claims, levels, registers_clients=registers_clients)
        signing = [one for one in ALGORITHMS if one in {key.algorithm for key in published}]
        return discovery.compose_metadata(replace(here, backchannel=backchannel, signing_algorithms=signing))

    _add_documents(blueprint, issuer, base, backchannel_hosts, keys, compose)
    return blueprint


def deployment_of(
    issuer: str,
    base: str,
    scopes: Sequence[str],
    claims: Sequence[str],
    levels: Sequence[str],
    *,
    registers_clients: bool,
) -> discovery.Deployment:
    """Return what documents about this provider depend on, with every algorithm that a key may be of.

    Args:
        issuer: As tokens name it.
        base: Scheme, host and port that every endpoint begins with.
        scopes: Those that there are.
        claims: Of persons, those that there are.
        levels: Values of `acr` beside the profiles.
        registers_clients: Whether clients may register.
    """
    return discovery.Deployment(
        issuer=issuer,
        base=base,
        backchannel=base,
        scopes=scopes,
        claims=[*_TOKEN_CLAIMS, *claims],
        acr_values=[*(str(one) for one in Profile), *levels],
        signing_algorithms=ALGORITHMS,
        registers_clients=registers_clients,
    )


def _add_documents(
    blueprint: Blueprint,
    issuer: str,
    base: str,
    backchannel_hosts: Collection[str],
    keys: SigningKeys,
    compose: Callable[[str, Sequence[SigningKey]], discovery.Metadata],
) -> None:
    metadata_written, jwks_written = _Written(partial(compose, base)), _Written(to_jwks)
    written_elsewhere = {host: _Written(partial(compose, f"http://{host}")) for host in backchannel_hosts}

    @blueprint.get(discovery.oauth_metadata_path(issuer))
    @blueprint.get(discovery.DISCOVERY_PATH)
    def metadata() -> Response:
        """OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3."""
        written = (
            written_elsewhere.get(request.host.lower(), metadata_written) if written_elsewhere else metadata_written
        )
        return publish(written.for_keys(keys.load_published_keys()))

    @blueprint.get(discovery.JWKS_PATH)
    def jwks() -> Response:
        """RFC 7517 section 5."""
        return publish(jwks_written.for_keys(keys.load_published_keys()))


class _Written:
    """A document that changes with the keys alone, written once for each set of them."""

    def __init__(self, compose: Callable[[Sequence[SigningKey]], Mapping[str, object]]) -> None:
        self._compose = compose
        self._kept: tuple[tuple[str, ...], bytes] = ((), b"")

    def for_keys(self, published: Sequence[SigningKey]) -> bytes:
        """Return the document of these keys."""
        kids = tuple(key.kid for key in published)
        kept_kids, document = self._kept
        if kids != kept_kids or not document:
            document = json.dumps(self._compose(published)).encode()
            self._kept = kids, document
        return document


_TOKEN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid")
