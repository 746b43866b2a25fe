"""What the simulator is told: where it is, which services are registered, how strict it looks."""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from franceconnect_bridge.simulator.records import RecordError, build
from franceconnect_bridge.simulator.scopes import IDENTITY_SCOPES

DEFAULT_CLIENT = "preau"
DEFAULT_SECRET = "preau-simulateur-secret-de-test"  # noqa: S105  a public test value
_METHODS = ("client_secret_post", "private_key_jwt")
_ALGORITHMS = ("ES256", "RS256")
_LONGEST_URI = 1024


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Client:
    """A service that signs people in.

    Attributes:
        client_id: As it was given.
        client_secret: For `client_secret_post`.
        name: As pages show it.
        redirect_uris: Compared letter for letter.
        post_logout_redirect_uris: The same.
        token_endpoint_auth_method: `client_secret_post` or `private_key_jwt`.
        public_key: For `private_key_jwt`: PEM, JWK or JWK set.
        signed_response_alg: Of ID tokens and userinfo: ES256 or RS256.
        scopes: What it may ask for.
        amr: Whether it may ask for the claim `amr`.
        private: Whether it is private, so that the person must agree by a checkbox.
        sso: Whether a person who is signed in is spared the choice of an account.
        entity_id: Services of one entity see one `sub`; "" for the client's own.
        allowed_idp_hints: Replaces the common list of providers that `idp_hint` may name.
        excluded_providers: Uids of providers that it does not take.
        active: Whether it may be used.
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    client_secret: str = field(default="", repr=False)
    token_endpoint_auth_method: str = "client_secret_post"  # noqa: S105  a method's name
    public_key: str = ""
    signed_response_alg: str = "ES256"
    scopes: tuple[str, ...] = IDENTITY_SCOPES
    amr: bool = True
    private: bool = False
    sso: bool = True
    entity_id: str = ""
    allowed_idp_hints: tuple[str, ...] = ()
    excluded_providers: tuple[str, ...] = ()
    active: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not work.

        Raises:
            ValueError: With what is wrong.
        """
        if not self.client_id or not self.name:
            raise ValueError("client_id and name must not be empty")
        if self.token_endpoint_auth_method not in _METHODS:
            raise ValueError(f"token_endpoint_auth_method must be one of {', '.join(_METHODS)}")
        if self.signed_response_alg not in _ALGORITHMS:
            raise ValueError(f"signed_response_alg must be one of {', '.join(_ALGORITHMS)}")
        for uri in (*self.redirect_uris, *self.post_logout_redirect_uris):
            if not is_web_address(uri) or len(uri) > _LONGEST_URI:
                raise ValueError(f"{uri[:80]} must be a web address of at most {_LONGEST_URI} characters")
        if not self.redirect_uris or not self.post_logout_redirect_uris:
            raise ValueError("redirect_uris and post_logout_redirect_uris must hold one address or more")
        if self.token_endpoint_auth_method == _METHODS[0]:
            if not self.client_secret:
                raise ValueError("client_secret is missing")
        else:
            read_public_keys(self.public_key)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the simulator is told.

    Attributes:
        base_url: Its origin, as browsers write it; the issuer is `/api/v2` below it.
        listen: Host and port of its server.
        clients: Registered services.
        backchannel_hosts: Other hosts at which programs may call it.
        sandbox_token: What callers of the control API must send, "" for none.
        sso: Whether anybody is spared the choice of an account.
        strict_skin: Hide what the real pages do not have: « Ce n'est pas vous ? ».
        lenient: Accept parameters that FranceConnect refuses, PKCE among them, and do nothing with them.
    """

    clients: tuple[Client, ...]
    base_url: str = "http://localhost:8401"
    listen: str = "127.0.0.1:8401"
    backchannel_hosts: tuple[str, ...] = ()
    sandbox_token: str = field(default="", repr=False)
    sso: bool = True
    strict_skin: bool = False
    lenient: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not work or would not be safe.

        Raises:
            SettingsError: With the sentence to show.
        """
        if not is_web_address(self.base_url) or urlsplit(self.base_url).path:
            raise SettingsError("--base-url must be an origin, for example http://localhost:8401.")
        host, _ = self.listen_address
        if not _is_loopback(host) and not self.sandbox_token:
            raise SettingsError("--sandbox-token is needed when --listen is not a loopback address.")

    @property
    def issuer(self) -> str:
        """As tokens name it."""
        return f"{self.base_url}/api/v2"

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.base_url.startswith("https://")

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port to listen on.

        Raises:
            SettingsError: `listen` is not host:port.
        """
        host, colon, port = self.listen.rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise SettingsError("--listen must be host:port, for example 127.0.0.1:8401.")
        return host.strip("[]"), int(port)

    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are answered, in lower case."""
        port = self.listen_address[1]
        own = (urlsplit(self.base_url).netloc, f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}")
        return frozenset(host.lower() for host in (*own, *self.backchannel_hosts))


def default_client(idp_origins: tuple[str, ...]) -> Client:
    """Return the service that Préau's own identity provider is.

    Args:
        idp_origins: Origins from which it comes; its callback and its page after signing out are below each.
    """
    return Client(
        client_id=DEFAULT_CLIENT,
        client_secret=DEFAULT_SECRET,
        name="Education Nationale",
        redirect_uris=tuple(f"{origin.rstrip('/')}/franceconnect/retour" for origin in idp_origins),
        post_logout_redirect_uris=tuple(f"{origin.rstrip('/')}/franceconnect/deconnecte" for origin in idp_origins),
    )


def load_clients(path: Path) -> tuple[Client, ...]:
    """Return the services of a TOML file of `[[clients]]`.

    Raises:
        RecordError: It cannot be read.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("clients")
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} is not TOML: {error}.") from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RecordError(f"{path} must hold [[clients]].")
    return tuple(build(Client, table, f"{path}, client {number}") for number, table in enumerate(tables, 1))


def read_public_keys(text: str) -> list[RSAKey | ECKey]:
    """Return the keys that verify a client's assertions.

    Raises:
        ValueError: There is none, in PEM, as a JWK or as a JWK set.
    """
    try:
        if not text.lstrip().startswith("{"):
            return [ECKey.import_key(text) if _is_ec(text) else RSAKey.import_key(text)]
        document = json.loads(text)
        members = [key for key in document.get("keys", [document]) if key["kty"] in ("EC", "RSA")]
        keys = KeySet.import_key_set({"keys": members}).keys
        return [key for key in keys if isinstance(key, RSAKey | ECKey)]
    except (JoseError, ValueError, TypeError, LookupError, AttributeError):
        raise ValueError("public_key must be an RSA or EC key: PEM, JWK or JWK set") from None


def _is_ec(text: str) -> bool:
    try:
        ECKey.import_key(text)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def is_web_address(text: str) -> bool:
    """Tell whether a text is an absolute http or https address without a fragment."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment and parts.port != 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
