"""Every setting, its meaning, its unit and its default. `docs/reference/settings.md` is written from this file."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from idp.settings.account import AccountSettings
from idp.settings.clients import ClientSettings
from idp.settings.families import FamiliesSettings
from idp.settings.faults import SettingsError
from idp.settings.franceconnect import FranceConnectSettings
from idp.settings.levels import LevelSettings
from idp.settings.mail import MailSettings
from idp.settings.outbound import OutboundSettings
from idp.settings.registration import RegistrationSettings
from idp.settings.resources import ResourceSettings
from idp.settings.retention import RetentionSettings
from idp.settings.rules import contradictions
from idp.settings.values import Count, CountryCode, DatabaseUrl, Group, ListenAddress, WebAddress


class SandboxSettings(Group):
    """The testers' control API and the simulated phone. For test instances only."""

    enabled: bool = Field(
        default=False, description="Mount the control API at `/sandbox`. Refused unless this is a test instance."
    )
    token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What its callers must send. Needed as soon as `listen` is not this machine alone.",
    )
    recorder: bool = Field(
        default=False,
        description="Record the last requests and answers, secrets left out, for `GET /sandbox/v1/recorder`. Off: it costs a transaction "
        "for each request.",
    )
    siblings: tuple[WebAddress, ...] = Field(
        default=(),
        max_length=16,
        description="Where the control APIs of the simulator of FranceConnect and of the sample ENT are, as origins: their clocks follow "
        "ours, and a reset resets them. They get the same `token`.",
    )


class SmsSettings(Group):
    """How texts leave, and the ceilings that keep them from being pumped."""

    adapter: Literal["console", "file", "http"] = Field(
        default="console",
        description="`console`: tell the log that a text left. `file`: one JSON line for each text. `http`: an operator's gateway.",
    )
    file: Path = Field(default=Path("var/sms.jsonl"), description="Where the `file` adapter writes.")
    url: WebAddress | None = Field(default=None, description="Where the `http` adapter posts.")
    headers: dict[str, SecretStr] = Field(default={}, description="Headers of that request, an API key for example.")
    body_template: str = Field(
        default='{"to": "{to}", "text": "{text}"}',
        description="Its JSON body. `{to}` and `{text}` stand inside JSON strings and are escaped.",
    )
    timeout_seconds: int = Field(default=10, ge=1, le=60, description="Longest wait for the gateway, in seconds.")
    bound_host: str = Field(
        default="",
        max_length=30,
        description="Host on the last line of a code's text, so that phones offer the code on that site alone.",
    )
    countries: tuple[CountryCode, ...] = Field(
        default=("+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689"),
        description="Country codes that texts may be sent to.",
    )
    per_number_hour: Count = Field(default=5, description="Texts to one number in an hour.")
    per_number_day: Count = Field(default=10, description="Texts to one number in a day.")
    per_prefix_hour: Count = Field(
        default=200,
        description="Texts in an hour to numbers that differ in their last four digits only: an operator's block of numbers.",
    )
    per_prefix_day: Count = Field(default=600, description="The same in a day. A small island is one block.")
    per_address_hour: Count = Field(
        default=200, description="Texts that one network address may cause in an hour. A school is one address."
    )
    per_address_day: Count = Field(default=600, description="Texts that one network address may cause in a day.")
    per_hour: Count = Field(default=1000, description="Texts of the whole service in an hour.")
    per_day: Count = Field(
        default=2000, description="Texts of the whole service in a day: the budget that stops everything, loudly."
    )


class ActivationSettings(Group):
    """Activating an account."""

    code_minutes: int = Field(default=30, ge=1, le=1440, description="Life of a security code, in minutes.")
    code_tries: int = Field(default=5, ge=1, le=20, description="Tries for one security code.")
    resend_seconds: int = Field(
        default=60, ge=0, le=3600, description="Wait before another text may be asked for, in seconds."
    )
    dates_tries: int = Field(default=5, ge=1, le=20, description="Tries at the birth dates, for one security code.")
    guardian_dates_per_day: int = Field(
        default=10, ge=1, le=100, description="Tries at the birth dates of one guardian's pupils in 24 hours."
    )
    sends_s2: bool = Field(
        default=True, description="A text goes out to a number that matches nobody too, and says to call the office."
    )


class SignInSettings(Group):
    """Signing in, and how long it lasts."""

    tries_per_identifiant_and_address: Count = Field(
        default=5, description="Wrong passwords for one identifiant from one address in 15 minutes."
    )
    tries_per_identifiant: Count = Field(default=50, description="Wrong passwords for one identifiant in 15 minutes.")
    tries_per_address: Count = Field(
        default=300, description="Wrong passwords from one address in 15 minutes. A school is one address."
    )
    session_idle_minutes: int = Field(
        default=60, ge=1, le=1440, description="A session ends after that long without use, in minutes."
    )
    session_hours: int = Field(
        default=8, ge=1, le=72, description="A session ends after that long in any case, in hours."
    )
    identity_check: Literal["off", "interval", "unknown-browser"] = Field(
        default="off",
        description="When a parent's password is followed by « Confirmation de l'identité », one child's birth date: `off`: never; "
        "`interval`: `identity_check_days` after the last time; `unknown-browser`: where she never signed in before. EduConnect asks "
        "occasionally; when is not known.",
    )
    identity_check_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description='With `identity_check = "interval"`: days from one birth date to the next.',
    )


class ThrottleSettings(Group):
    """Coarse throttling: each web process counts for itself, and what is refused gets 429 with Retry-After."""

    openings_per_minute: Count = Field(
        default=3000,
        description="Authorization requests (also those pushed without a secret), sign-in pages and activations begun in a minute from one "
        "address. A school is one address.",
    )
    strength_per_minute: Count = Field(
        default=1200, description="Estimates of a password's strength in a minute for one address."
    )
    registrations_per_minute: Count = Field(
        default=30, description="Requests in a minute from one address to the endpoint where clients register."
    )
    client_failures_per_minute: Count = Field(
        default=30,
        description="Requests in a minute whose client was not authenticated, at the endpoints of tokens together, for one client from one "
        "address.",
    )


class TokenSettings(Group):
    """Lives of what the provider issues."""

    code_seconds: int = Field(
        default=60,
        ge=5,
        le=600,
        description="Life of an authorization code, in seconds (RFC 6749 section 4.1.2: at most 600).",
    )
    access_token_seconds: int = Field(default=600, ge=10, le=86_400, description="Life of an access token, in seconds.")
    id_token_seconds: int = Field(default=600, ge=10, le=86_400, description="Life of an ID token, in seconds.")
    dpop_nonce: Literal["offered", "required"] = Field(
        default="offered",
        description="Nonces of DPoP proofs (RFC 9449 section 8). `required`: a proof without one is refused, and told one.",
    )
    refresh_token_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Life of a refresh token that outlives its session (scope `offline_access`) and of all its successors, in days.",
    )


class Argon2Settings(Group):
    """The cost of checking a password (argon2id). The defaults are OWASP's; a weaker choice is refused outside test instances."""

    memory_kib: int = Field(default=19_456, ge=8, le=1_048_576, description="Memory of one verification, in KiB.")
    time_cost: int = Field(default=2, ge=1, le=20, description="Passes over that memory.")
    parallelism: Literal[1] = Field(default=1, description="Lanes. One: a verification keeps one core busy.")
    at_once: int = Field(
        default=2,
        ge=1,
        le=64,
        description="Verifications at the same time in one process; others wait. At most the number of cores.",
    )


class MetricsSettings(Group):
    """Numbers for Prometheus, on an address of their own: [what there is](metrics.md)."""

    listen: Literal[""] | ListenAddress = Field(
        default="", description="Address and port that answer `/metrics`. Empty: nothing is counted."
    )
    token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What callers must send as a bearer token. Needed as soon as `listen` is not this machine alone.",
    )

    @property
    def listen_address(self) -> tuple[str, int]:
        """Address and port, the brackets of an IPv6 address taken off; for a `listen` that is not empty."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class TracingSettings(Group):
    """Traces for OpenTelemetry. Needs `pip install 'preau[otel]'`."""

    otlp_endpoint: WebAddress | None = Field(
        default=None,
        description="Where spans are posted (OTLP over HTTP), `http://localhost:4318/v1/traces` for example. None: no traces.",
    )
    sample_percent: int = Field(default=100, ge=1, le=100, description="Of a hundred requests, how many are traced.")


class Settings(BaseSettings):
    """All that an operator may choose. Built by `load_settings`; constructing it directly reads neither file nor environment.

    Raises:
        pydantic.ValidationError: A value has a wrong type or is out of bounds.
        SettingsError: Two choices contradict one another.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, env_prefix="PREAU_", env_nested_delimiter="__"
    )

    issuer: WebAddress = Field(
        description="The provider's name, and the address that browsers use: https, without a path. Plain http on this machine only."
    )
    issuer_quirk: bool = Field(
        default=False,
        description="EduConnect's known quirk: the issuer ends with `/idp` while discovery stays at the root of the host.",
    )
    test_instance: bool = Field(
        default=False,
        description="Fictional people, a clock that can be moved, « Simulateur » on each page. Refused on a host that could be real.",
    )
    test_issuer_hosts: tuple[str, ...] = Field(
        default=(),
        description="More hosts that are test hosts, besides localhost, `*.localhost`, `*.test` and `*.example`.",
    )
    listen: ListenAddress = Field(default="127.0.0.1:8400", description="Address and port of the server.")
    workers: int = Field(default=1, ge=1, le=256, description="Web processes. About one for each core.")
    requests_at_once: int = Field(
        default=32,
        ge=1,
        le=256,
        description="Requests that one process admits at once; one more is told to come back in a moment (503).",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="Reverse proxies in front, counted. X-Forwarded-* of that many hops is believed; 0: none of it.",
    )
    public_hosts: tuple[str, ...] = Field(
        default=(), description="Other values of the Host header that are answered. The issuer's own is always."
    )
    backchannel_dynamic: bool = Field(
        default=False,
        description="Discovery asked at one of `public_hosts` gives token, userinfo and keys at that host, over http, for containers. "
        "Issuer, authorization and logout stay. Test instances only.",
    )
    database_url: DatabaseUrl = Field(
        default="sqlite:///var/preau.db",
        description="SQLite file, or `postgresql://…`. Relative to the working directory, like every path here.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="The key that all others come from: 32 bytes in base64. Better as PREAU_MASTER_KEY than in this file.",
    )
    master_key_file: Path = Field(
        default=Path("var/master.key"),
        description="Where that key is read when `master_key` is absent. A test instance makes it, others: `preau init`.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Quietest lines that are written."
    )
    log_format: Literal["json", "text"] = Field(
        default="json",
        description="`json`: one object a line, for machines. `text`: the same in words, for a terminal.",
    )
    sandbox: SandboxSettings = SandboxSettings()
    sms: SmsSettings = SmsSettings()
    mail: MailSettings = MailSettings()
    activation: ActivationSettings = ActivationSettings()
    account: AccountSettings = AccountSettings()
    sign_in: SignInSettings = SignInSettings()
    throttle: ThrottleSettings = ThrottleSettings()
    tokens: TokenSettings = TokenSettings()
    registration: RegistrationSettings = RegistrationSettings()
    outbound: OutboundSettings = OutboundSettings()
    argon2: Argon2Settings = Argon2Settings()
    franceconnect: FranceConnectSettings = FranceConnectSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    retention: RetentionSettings = RetentionSettings()
    families: FamiliesSettings = FamiliesSettings()
    authentication_levels: tuple[LevelSettings, ...] = Field(
        default=(), description="Levels of authentication that clients may ask for."
    )
    clients: tuple[ClientSettings, ...] = Field(default=(), description="The relying parties.")
    resources: tuple[ResourceSettings, ...] = Field(default=(), description="The servers that tokens may be for.")

    @property
    def issuer_host(self) -> str:
        """Host of the issuer, without port, in lower case."""
        return urlsplit(self.issuer).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the issuer: what absolute links begin with."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """True when browsers come over TLS: cookies are then `Secure` and carry the `__Host-` prefix."""
        return self.issuer.startswith("https://")

    @property
    def accepted_hosts(self) -> frozenset[str]:
        """Every value of the Host header that is answered, in lower case."""
        return frozenset(host.lower() for host in (urlsplit(self.issuer).netloc, *self.public_hosts))

    @property
    def backchannel_hosts(self) -> frozenset[str]:
        """Hosts at which discovery gives the endpoints that servers call at that host, in lower case."""
        return frozenset(host.lower() for host in self.public_hosts) if self.backchannel_dynamic else frozenset()

    @property
    def listen_address(self) -> tuple[str, int]:
        """Address and port to listen on, the brackets of an IPv6 address taken off."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if faults := contradictions(self):
            raise SettingsError(*faults)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given and nothing else: `load_settings` reads file and environment, and remembers which said what."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
