"""Typed settings of the sample ENT: one TOML file, then ENT_* variables on top, one clear sentence when something is wrong."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

SAFE_ALGORITHMS = frozenset({"RS256", "ES256"})
# Our own addresses that the provider is told of, below `base_url`.
CALLBACK_PATH = "/retour"
AFTER_LOGOUT_PATH = "/deconnecte"
BACKCHANNEL_LOGOUT_PATH = "/backchannel-logout"
INITIATE_LOGIN_PATH = "/initiate-login"
FRONTCHANNEL_LOGOUT_PATH = "/frontchannel-logout"
JWKS_PATH = "/jwks"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence that says which and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """All that the ENT is told.

    Attributes:
        issuer: the provider's issuer, compared letter for letter with discovery, callback and ID token.
        client_id: our name at the provider.
        client_secret: our secret, used only in the Authorization header of the token request.
        private_key_file: instead of a secret, a private key (PEM or JWK): we sign who we are (`private_key_jwt`).
        base_url: our own origin, from which the redirect URIs are made (never from the Host header).
        directory: path of `ent-directory.json`.
        discovery_url: where the metadata is; empty means `{issuer}/.well-known/openid-configuration`.
            To be set for a provider whose issuer ends with /idp while its discovery stays at the root, as EduConnect's does.
        backchannel_origin: where we, not browsers, reach the provider, as containers do (http://idp:8400). Discovery is asked there, and
            the endpoints that we call must be there. Only for an issuer on this machine: a secret and tokens cross plain http.
        timeout_seconds: longest wait for one answer of the provider.
        algorithms: signature algorithms that we accept, whatever the provider's metadata says.
        scope: what we ask for, separated by spaces; with `offline_access` the provider may give a refresh token, which we then use.
        acr_values: sent as such when not empty (« eleve » tells EduConnect which profile to show).
        expected_acr: when not empty, the ID token's `acr` must be one of these.
        session_seconds: how long a person stays signed in.
        listen: host and port of our own server.
        sandbox: testers may move our clock and let us begin again, at `/sandbox/v1`.
        sandbox_token: what they must send; needed as soon as other machines reach us.
        sandbox_hosts: other values of the Host header that are answered there, besides our own and this machine's (ent:8402).
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    private_key_file: Path | None = None
    base_url: str = "http://localhost:8402"
    directory: Path = Path("ent-directory.json")
    discovery_url: str = ""
    backchannel_origin: str = ""
    timeout_seconds: float = 5.0
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    scope: str = "openid profile ect.scope.cnx"
    acr_values: str = ""
    expected_acr: tuple[str, ...] = ()
    session_seconds: int = 3600
    listen: str = "127.0.0.1:8402"
    sandbox: bool = False
    sandbox_token: str = field(default="", repr=False)
    sandbox_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not work or would not be safe.

        Raises:
            SettingsError: with the sentence to show.
        """
        for name in ("issuer", "base_url", "discovery_url"):
            if getattr(self, name) or name != "discovery_url":
                _check_web_address(name, getattr(self, name))
        if self.backchannel_origin:
            _check_backchannel(self.backchannel_origin, self.issuer)
        broken = next((sentence for fine, sentence in self._rules() if not fine), None)
        if broken:
            raise SettingsError(broken)

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        host, _ = self.listen_address
        same_origin = not self.discovery_url or origin(self.discovery_url) == origin(self.issuer)
        algorithms = bool(self.algorithms) and SAFE_ALGORITHMS.issuperset(self.algorithms)
        return (
            (same_origin, "discovery_url must have the same scheme, host and port as issuer."),
            (
                not urlsplit(self.base_url).path,
                "base_url must be an origin without a path, for example https://ent.example.",
            ),
            (bool(self.client_id), "client_id must not be empty."),
            (
                bool(self.client_secret) != bool(self.private_key_file),
                "client_secret must not be empty, unless there is a private_key_file; one of the two, not both.",
            ),
            (algorithms, "algorithms may hold RS256 and ES256 only."),
            ("openid" in self.scope.split(), "scope must hold the word openid."),
            (0 < self.timeout_seconds <= 30, "timeout_seconds must be more than 0 and at most 30."),
            (60 <= self.session_seconds <= 86_400, "session_seconds must be between 60 and 86400."),
            (
                not self.sandbox or is_loopback(host) or bool(self.sandbox_token),
                "sandbox needs a sandbox_token, or listen to be a loopback address, for example 127.0.0.1:8402.",
            ),
            (not self.sandbox_token or len(self.sandbox_token) >= 16, "sandbox_token must have 16 signs at least."),
        )

    @property
    def metadata_url(self) -> str:
        """Where the provider's metadata is read (OpenID Connect Discovery 1.0, 4)."""
        usual = self.discovery_url or self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        return usual.replace(origin(usual), self.server_origin, 1) if self.backchannel_origin else usual

    @property
    def server_origin(self) -> str:
        """Scheme, host and port of what we call at the provider ourselves."""
        return self.backchannel_origin or self.issuer_origin

    @property
    def issuer_origin(self) -> str:
        """Scheme, host and port of the provider, for the Content-Security-Policy."""
        return origin(self.issuer)

    @property
    def secure(self) -> bool:
        """True when people reach us over TLS: cookies are then `Secure` and carry the `__Host-` prefix."""
        return self.base_url.startswith("https://")

    @property
    def sandbox_hosts_answered(self) -> frozenset[str]:
        """Values of the Host header that the control API answers, in lower case."""
        _, port = self.listen_address
        own = (urlsplit(self.base_url).netloc, f"localhost:{port}", f"127.0.0.1:{port}", *self.sandbox_hosts)
        return frozenset(map(str.lower, own))

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port to listen on.

        Raises:
            SettingsError: when `listen` is not host:port.
        """
        host, colon, port = self.listen.rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise SettingsError("listen must be host:port, for example 127.0.0.1:8402.")
        return host.strip("[]"), int(port)


def origin(url: str) -> str:
    """Give scheme, host and port of an address, with the default port left out."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if _port(parts) in (None, default) else f":{_port(parts)}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def is_loopback(host: str) -> bool:
    """Say whether a host name or address never leaves this machine (RFC 6761, 6.3 for `*.localhost`)."""
    name = host.lower().rstrip(".")
    numbers = name.split(".")
    is_127 = len(numbers) == 4 and numbers[0] == "127" and all(number.isdecimal() for number in numbers)
    return name in ("localhost", "::1") or name.endswith(".localhost") or is_127


def load_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read the TOML file (argument, else ENT_CONFIG, else none), then the ENT_* variables, which win.

    Args:
        environ: the process's environment, or a test's.
        file: the TOML file; its relative paths are relative to it.

    Raises:
        SettingsError: for an unknown name, a wrong type, or a missing setting.
    """
    path = file or (Path(environ["ENT_CONFIG"]) if environ.get("ENT_CONFIG") else None)
    values: dict[str, object] = {}
    for name, raw in (_read_toml(path) if path else {}).items():
        if name not in _READERS:
            raise SettingsError(f"{name} in {path} is not a setting of the ENT.")
        values[name] = _READERS[name](name, raw)
    for name, value in values.items():
        if path and isinstance(value, Path):
            values[name] = path.parent / value
    for variable, text in environ.items():
        name = variable.removeprefix("ENT_").lower()
        if variable.startswith("ENT_") and variable != "ENT_CONFIG":
            if name not in _READERS:
                raise SettingsError(f"{variable} is not a setting of the ENT.")
            values[name] = _READERS[name](variable, text)
    proof = () if "private_key_file" in values else ("client_secret",)
    missing = [name for name in ("issuer", "client_id", *proof) if name not in values]
    if missing:
        raise SettingsError(f"{missing[0]} is missing: write it in the TOML file or in ENT_{missing[0].upper()}.")
    # Each reader gave the type of its field; the table below is tested to hold every field.
    return Settings(**values)  # type: ignore[arg-type]  # the types are those of _READERS, field by field


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return -1


def _check_web_address(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or _port(parts) == -1:
        raise SettingsError(f"{name} must be a web address, for example https://idp.example.")
    if parts.query or parts.fragment or parts.username is not None:
        raise SettingsError(f"{name} must have no query, no fragment and no password.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{name} must start with https:// unless its host is this machine.")


def _check_backchannel(url: str, issuer: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or url != origin(url):
        raise SettingsError("backchannel_origin must be an origin without a path, for example http://idp:8400.")
    if parts.scheme == "http" and not is_loopback(urlsplit(issuer).hostname or ""):
        raise SettingsError("backchannel_origin must start with https:// unless the issuer's host is this machine.")


def _text(name: str, raw: object) -> str:
    if not isinstance(raw, str):
        raise SettingsError(f"{name} must be a text.")
    return raw.strip()


def _number(name: str, raw: object) -> float:
    sentence = f"{name} must be a number."
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise SettingsError(sentence)
    try:
        return float(raw)
    except ValueError:
        raise SettingsError(sentence) from None


def _words(name: str, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(raw.replace(",", " ").split())
    if isinstance(raw, list) and all(isinstance(word, str) for word in raw):
        return tuple(raw)
    raise SettingsError(f"{name} must be a list of words.")


def _flag(name: str, raw: object) -> bool:
    known = {True: True, False: False, "1": True, "true": True, "0": False, "false": False, "": False}
    if not isinstance(raw, bool | str) or raw not in known:
        raise SettingsError(f"{name} must be 1 or 0.")
    return known[raw]


_READERS: Mapping[str, Callable[[str, object], object]] = {
    **{setting.name: _text for setting in fields(Settings)},
    "directory": lambda name, raw: Path(_text(name, raw)),
    "private_key_file": lambda name, raw: Path(text) if (text := _text(name, raw)) else None,
    "timeout_seconds": _number,
    "session_seconds": lambda name, raw: int(_number(name, raw)),
    "algorithms": _words,
    "expected_acr": _words,
    "sandbox": _flag,
    "sandbox_hosts": _words,
    "base_url": lambda name, raw: _text(name, raw).rstrip("/"),
    "backchannel_origin": lambda name, raw: _text(name, raw).rstrip("/"),
}
