"""What a simulator is told: where it is, who its clients are, how strict it is."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "/api/v2"
DEFAULT_CLIENT_ID = "preau"
DEFAULT_CLIENT_SECRET = "preau-simulateur-secret-de-test"  # noqa: S105  fictional and public
_CALLBACK, _AFTER_LOGOUT = "/franceconnect/retour", "/franceconnect/deconnecte"
_LONGEST_URI = 1024  # FranceConnect's own bound for a redirect URI


class SettingsError(Exception):
    """A setting is missing or wrong; the message is a sentence that says which, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Client:
    """A service that is registered at this FranceConnect.

    Attributes:
        client_id: Its name in requests.
        name: What people read on the pages.
        redirect_uris: Compared letter for letter.
        post_logout_redirect_uris: Compared letter for letter.
        client_secret: For `client_secret_post`; "" with `private_key_jwt`.
        jwks: Public keys that sign its assertions, for `private_key_jwt`.
        signed_response_alg: Of its ID tokens and userinfo.
        scopes: That it may ask for; none named: every identity scope.
        private: Whether people must consent on the information page, as for a private company's service.
        may_ask_amr: Whether it may ask for the claim `amr`.
        skips_information: Whether `prompt=login` alone leaves the information page out.
        entity_id: Clients of one entity see the same `sub`; "" for the client alone.
        idp_hints: Values of `idp_hint` that are taken from it; none named: every provider.
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    client_secret: str = field(default="", repr=False)
    jwks: Mapping[str, Any] | None = None
    signed_response_alg: str = "ES256"
    scopes: tuple[str, ...] = ()
    private: bool = False
    may_ask_amr: bool = True
    skips_information: bool = False
    entity_id: str = ""
    idp_hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """A simulator.

    Attributes:
        base_url: Origin at which browsers reach it.
        listen: Host and port of its server.
        idp_origin: Of the provider that the default client is registered for.
        backchannel_hosts: Other hosts (``fc:8401``) at which servers reach it: discovery asked there gives token, userinfo and keys there.
        clients: Who is registered, besides the default one.
        persons: A TOML file of persons, in the place of those that come with the simulator.
        families: Families documents, or folders of them, whose guardians are persons too.
        sandbox_token: Wanted by the control API where one is set.
        single_sign_on: Whether a person who is signed in chooses no account again for another service.
        shows_way_back: Whether the information page has the link « Ce n'est pas vous ? », which the guide shows and today's page lacks.
        refuses_unknown_parameters: The closed list of the authorization endpoint, which makes PKCE a mistake.
    """

    base_url: str = "http://localhost:8401"
    listen: str = "127.0.0.1:8401"
    idp_origin: str = "http://localhost:8400"
    backchannel_hosts: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()
    persons: Path | None = None
    families: tuple[Path, ...] = ()
    sandbox_token: str = field(default="", repr=False)
    single_sign_on: bool = True
    shows_way_back: bool = True
    refuses_unknown_parameters: bool = True

    def __post_init__(self) -> None:
        """Check what could not work.

        Raises:
            SettingsError: With the sentence to show.
        """
        for name in ("base_url", "idp_origin"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
                raise SettingsError(f"{name} must be an origin without a path, for example http://localhost:8401.")
        host, _ = self.listen_address
        if not is_loopback(host) and not self.sandbox_token:
            raise SettingsError(
                "listen is reached from other machines: give a sandbox token, or listen on 127.0.0.1. The control API lets "
                "whoever reaches it change what is answered."
            )
        known = {client.client_id for client in self.clients}
        if len(known) != len(self.clients):
            raise SettingsError("Two clients have the same client_id.")

    @property
    def issuer(self) -> str:
        """The issuer, as tokens name it."""
        return self.base_url + PREFIX

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are answered."""
        own = urlsplit(self.base_url).netloc.lower()
        _, port = self.listen_address
        return frozenset({own, f"localhost:{port}", f"127.0.0.1:{port}", *map(str.lower, self.backchannel_hosts)})

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port to listen on.

        Raises:
            SettingsError: `listen` is not host:port.
        """
        host, colon, port = self.listen.rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise SettingsError("listen must be host:port, for example 127.0.0.1:8401.")
        return host.strip("[]"), int(port)

    def all_clients(self) -> dict[str, Client]:
        """Return every client by its id, the default one included unless a file redefines it."""
        default = Client(
            client_id=DEFAULT_CLIENT_ID,
            name="Education Nationale",
            redirect_uris=(self.idp_origin + _CALLBACK,),
            post_logout_redirect_uris=(self.idp_origin + _AFTER_LOGOUT,),
            client_secret=DEFAULT_CLIENT_SECRET,
        )
        return {default.client_id: default, **{client.client_id: client for client in self.clients}}


def is_loopback(host: str) -> bool:
    """Say whether a host name or address never leaves this machine (RFC 6761 section 6.3 for `*.localhost`)."""
    name = host.lower().rstrip(".")
    return name in {"localhost", "::1"} or name.endswith(".localhost") or name.startswith("127.")


def load_clients(path: Path) -> tuple[Client, ...]:
    """Read `[[clients]]` of a TOML file.

    Raises:
        SettingsError: It cannot be read, or a client is not one; the sentence names the line to mend.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    return tuple(_read_client(path, number, values) for number, values in enumerate(document.get("clients", []), 1))


def _read_client(path: Path, number: int, values: Mapping[str, Any]) -> Client:
    where = f"{path}, client {number}"
    known = {one.name: one for one in fields(Client)}
    for name in values:
        if name not in known:
            raise SettingsError(f"{where}: {name} is not a setting of a client.")
    for name in ("client_id", "name", "redirect_uris"):
        if not values.get(name):
            raise SettingsError(f"{where}: {name} is missing.")
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    client = Client(**read)
    problem = _client_problem(client)
    if problem:
        raise SettingsError(f"{where}: {problem}")
    return client


def _client_problem(client: Client) -> str:
    for uri in (*client.redirect_uris, *client.post_logout_redirect_uris):
        parts = urlsplit(uri)
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(uri) > _LONGEST_URI:
            return f"{uri[:100]} is not a web address of at most {_LONGEST_URI} characters."
    if bool(client.client_secret) == bool(client.jwks):
        return "give client_secret or jwks, and not both."
    if client.signed_response_alg not in {"ES256", "RS256"}:
        return "signed_response_alg must be ES256 or RS256."
    return ""
