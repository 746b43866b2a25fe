"""The rules between settings: what no single value can get wrong."""

from collections.abc import Iterator
from importlib.util import find_spec
from ssl import create_default_context
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from idp.adapters.case_library import EVERY_CASE, case_names, chosen_cases
from idp.protocol.standard_claims import SCOPE_CLAIMS
from idp.settings.client_rules import OFFLINE_ACCESS, client_faults, duplicate_faults, unknown_resource_faults
from idp.settings.faults import Fault
from idp.settings.hosts import is_loopback, is_test_host
from idp.settings.levels import level_faults
from idp.settings.mail import mail_faults
from idp.settings.resources import resource_faults
from idp.settings.retention import retention_faults

if TYPE_CHECKING:
    from idp.settings.franceconnect import FranceConnectSettings
    from idp.settings.model import Settings

_OWASP_MEMORY_KIB = 19_456  # OWASP Password Storage Cheat Sheet, argon2id: 19 MiB with
_OWASP_TIME_COST = 2  # two passes


def contradictions(settings: "Settings") -> list[Fault]:
    """Return what the settings, each right in itself, get wrong together."""
    return [
        *_issuer(settings),
        *_test_instance(settings),
        *_backchannel(settings),
        *_sandbox(settings),
        *_families(settings),
        *_sms(settings),
        *mail_faults(settings),
        *_argon2(settings),
        *_franceconnect(settings),
        *_metrics(settings),
        *_tracing(settings),
        *_registration(settings),
        *level_faults(settings.authentication_levels),
        *_outbound(settings),
        *retention_faults(settings),
        *_clients(settings),
        *_resources(settings),
    ]


def _issuer(settings: "Settings") -> Iterator[Fault]:
    parts = urlsplit(settings.issuer)
    # OpenID Connect Discovery 1.0 section 3: no query, no fragment. Authlib refuses plain http off this machine.
    if parts.query or "?" in settings.issuer:
        yield Fault("issuer", "must have no query (?)")
    if parts.scheme == "http" and not is_loopback(settings.issuer_host):
        yield Fault("issuer", "must start with https:// unless its host is this machine")
    if settings.issuer_quirk and parts.path != "/idp":
        yield Fault("issuer", "must end with /idp right after the host, because issuer_quirk is true")
    if not settings.issuer_quirk and parts.path:
        yield Fault("issuer", "must have no path (EduConnect's issuer ending with /idp: set issuer_quirk = true)")


def _franceconnect(settings: "Settings") -> Iterator[Fault]:
    given = settings.franceconnect
    if not given.enabled:
        if given.client_id or given.client_secret:
            yield Fault("franceconnect.issuer", "must be given where a client of FranceConnect is")
        return
    if not given.client_id:
        yield Fault("franceconnect.client_id", "must be given where franceconnect.issuer is")
    yield from _franceconnect_proof(given)
    host = urlsplit(given.issuer).hostname or ""
    is_simulated = is_test_host(host, settings.test_issuer_hosts)
    if given.issuer.startswith("http://") and not is_simulated:
        yield Fault("franceconnect.issuer", "must start with https:// unless its host is a test host")
    if settings.test_instance and not is_simulated:
        yield Fault("franceconnect.issuer", "must be a simulator's, on a test host, because test_instance is true")
    for name in _FRANCECONNECT_ENDPOINTS:
        if not given.discovery and not getattr(given, name):
            yield Fault(f"franceconnect.{name}", "must be given because franceconnect.discovery is false")


_FRANCECONNECT_ENDPOINTS = (
    "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint",
)  # fmt: skip


def _franceconnect_proof(given: "FranceConnectSettings") -> Iterator[Fault]:
    """Yield what is missing for us to prove who we are there."""
    if given.token_endpoint_auth_method == "client_secret_post":  # noqa: S105  a method's name
        if given.client_secret is None:
            yield Fault("franceconnect.client_secret", "must be given for client_secret_post")
    elif given.private_key_file is None or not given.private_key_file.is_file():
        yield Fault("franceconnect.private_key_file", "must name a file that is there, for private_key_jwt")


def _test_instance(settings: "Settings") -> Iterator[Fault]:
    if settings.test_instance and not is_test_host(settings.issuer_host, settings.test_issuer_hosts):
        yield Fault(
            "test_instance",
            "may be true only when the issuer's host is localhost, *.localhost, *.test or *.example, or stands in test_issuer_hosts",
        )


def _backchannel(settings: "Settings") -> Iterator[Fault]:
    if not settings.backchannel_dynamic:
        return
    if not settings.test_instance:
        yield Fault(
            "backchannel_dynamic", "may be true on a test instance only: secrets and tokens would cross plain http"
        )
    if not settings.public_hosts:
        yield Fault(
            "public_hosts", "must name the hosts at which servers reach us, because backchannel_dynamic is true"
        )


def _sandbox(settings: "Settings") -> Iterator[Fault]:
    if not settings.sandbox.enabled:
        return
    if not settings.test_instance:
        yield Fault("sandbox.enabled", "may be true on a test instance only (test_instance = true)")
    if not is_loopback(settings.listen_address[0]) and settings.sandbox.token is None:
        yield Fault("sandbox.token", "is missing: listen is not this machine alone, so the control API needs a token")
    for place, address in enumerate(settings.sandbox.siblings):
        if urlsplit(address).path or urlsplit(address).query:
            yield Fault(f"sandbox.siblings[{place}]", "must be an origin, for example http://localhost:8401")


def _families(settings: "Settings") -> Iterator[Fault]:
    given = settings.families
    if given.asked and not settings.test_instance:
        yield Fault("families", "may be given on a test instance only (test_instance = true): the people are fictional")
    known = case_names()
    for name in chosen_cases(given.cases):
        if name not in known:
            yield Fault(
                "families.cases", f"must name cases of the library: {EVERY_CASE}, or some of {', '.join(known)}"
            )


def _sms(settings: "Settings") -> Iterator[Fault]:
    sms = settings.sms
    if sms.adapter != "http":
        return
    if sms.url is None:
        yield Fault("sms.url", "is missing: the http adapter has to know where to post")
    elif sms.url.startswith("http://") and not is_test_host(
        urlsplit(sms.url).hostname or "", settings.test_issuer_hosts
    ):
        yield Fault("sms.url", "must start with https://: texts hold security codes")
    if "{to}" not in sms.body_template or "{text}" not in sms.body_template:
        yield Fault("sms.body_template", "must hold {to} and {text}")


def _argon2(settings: "Settings") -> Iterator[Fault]:
    if settings.test_instance:
        return
    if settings.argon2.memory_kib < _OWASP_MEMORY_KIB:
        yield Fault("argon2.memory_kib", f"may be less than {_OWASP_MEMORY_KIB} on a test instance only")
    if settings.argon2.time_cost < _OWASP_TIME_COST:
        yield Fault("argon2.time_cost", f"may be less than {_OWASP_TIME_COST} on a test instance only")


def _metrics(settings: "Settings") -> Iterator[Fault]:
    metrics = settings.metrics
    if not metrics.listen:
        return
    if not is_loopback(metrics.listen_address[0]) and metrics.token is None:
        yield Fault(
            "metrics.token", "is missing: metrics.listen is not this machine alone, so its callers need a token"
        )
    if metrics.listen_address[1] == settings.listen_address[1]:
        yield Fault("metrics.listen", "must have another port than listen: numbers are not for the public")


def _tracing(settings: "Settings") -> Iterator[Fault]:
    if settings.tracing.otlp_endpoint is not None and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
        yield Fault("tracing.otlp_endpoint", "needs OpenTelemetry, which is not installed: pip install 'preau[otel]'")


def _registration(settings: "Settings") -> Iterator[Fault]:
    registration = settings.registration
    if registration.mode == "open" and not settings.test_instance:
        yield Fault("registration.mode", "may be open on a test instance only: choose token, or off")
    if registration.mode == "token" and registration.initial_access_token is None:
        yield Fault("registration.initial_access_token", "is missing: registration.mode is token")


def _outbound(settings: "Settings") -> Iterator[Fault]:
    ca_file = settings.outbound.ca_file
    if ca_file is None:
        return
    try:
        create_default_context(cafile=ca_file)
    except OSError:  # that of ssl is one
        yield Fault("outbound.ca_file", "must name a file of certificates (PEM) that can be read")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it
        return False


def _clients(settings: "Settings") -> Iterator[Fault]:
    test_hosts = settings.test_issuer_hosts if settings.test_instance else None
    for position, client in enumerate(settings.clients):
        yield from client_faults(position, client, test_hosts)
        yield from unknown_resource_faults(position, client, {one.resource for one in settings.resources})
    yield from duplicate_faults(settings.clients)


_SCOPES_OF_PERSONS = frozenset({"openid", OFFLINE_ACCESS, *SCOPE_CLAIMS})


def _resources(settings: "Settings") -> Iterator[Fault]:
    yield from resource_faults(
        settings.resources,
        issuer=settings.issuer,
        reserved=_SCOPES_OF_PERSONS,
        clients={client.client_id for client in settings.clients},
    )
