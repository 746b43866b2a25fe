"""The composition root: settings become adapters, adapters journeys, journeys pages. Knows everyone; known by the command line alone."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.clients import ConfiguredClients
from idp.adapters.clock import SystemClock, TestClock
from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_files import DirectoryFile, read_file
from idp.adapters.expiry import Expiry
from idp.adapters.messages import OutboxWorker
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.adapters.rejects import RejectWriter
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.sms import ConsoleSms, FictionalNumbersOnly, FileSms, HttpSms, SmsSender
from idp.adapters.stores import SqlStores, make_engine
from idp.journeys.activation import Activation
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import
from idp.journeys.exchange import Exchange, ExchangePolicy
from idp.journeys.login import SignIn
from idp.journeys.logout import Logout
from idp.journeys.policy import ActivationPolicy, SignInPolicy
from idp.journeys.ports import Clock
from idp.people.phones import PhoneNumber, is_fictional
from idp.protocol.client import Client
from idp.runtime import (
    GatedApplication,
    RunGate,
    behind_proxies,
    caller_address,
    health_blueprint,
    install_request_log,
    new_reference,
)
from idp.settings import ClientSettings, Settings, load_master_key
from idp.web.activation import activation_blueprint
from idp.web.cookies import Cookies
from idp.web.error_pages import install_error_pages, render_error
from idp.web.help import help_blueprint
from idp.web.odd_input import install_input_check
from idp.web.oidc import oidc_blueprint
from idp.web.shell import install_shell
from idp.web.sign_in import sign_in_blueprint
from idp.web.strength import strength_blueprint

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_OUTBOX_AGE_LIMIT = timedelta(minutes=10)
_STRENGTH_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a request needs, hung from one object: several may live in one process."""

    settings: Settings
    engine: Engine
    clock: Clock
    secrets: MasterKey
    stores: SqlStores
    keys: SqlSigningKeys
    clients: ConfiguredClients
    gate: RunGate


def build_world(settings: Settings) -> World:
    """Open the adapters that the settings ask for. Nothing is read from the database yet.

    Raises:
        SettingsError: There is no usable master key.
    """
    secrets = MasterKey(load_master_key(settings))
    engine = make_engine(settings.database_url)
    clock = _make_clock(settings, engine)
    return World(
        settings=settings,
        engine=engine,
        clock=clock,
        secrets=secrets,
        stores=SqlStores(engine, secrets),
        keys=SqlSigningKeys(engine, secrets, clock),
        clients=ConfiguredClients([_build_client(one, secrets) for one in settings.clients]),
        gate=RunGate(),
    )


def _make_clock(settings: Settings, engine: Engine) -> Clock:
    return TestClock(engine) if settings.test_instance else SystemClock()


def create_app(settings: Settings) -> "WSGIApplication":
    """Return the provider as a WSGI application, behind its run gate."""
    world = build_world(settings)
    gated = GatedApplication(build_pages(world).wsgi_app, world.gate)
    return behind_proxies(gated, settings.trusted_proxies)


def run_outbox(settings: Settings) -> None:
    """Send messages, and forget what has run out, until SIGTERM."""
    world = build_world(settings)
    # A daemon: each of its transactions is whole, so it may end with the process at any moment.
    expiry = Expiry(world.engine, world.clock)
    threading.Thread(target=expiry.run, args=(threading.Event(),), name="expiry", daemon=True).start()
    build_outbox_worker(world).run_until_terminated()


def import_directory(
    settings: Settings,
    files: Sequence[DirectoryFile],
    policy: ImportPolicy,
    rejects: Path,
    *,
    on_progress: Callable[[ImportReport], object],
    on_bytes: Callable[[int], None],
) -> ImportReport:
    """Import directory files.

    Args:
        settings: Whose database.
        files: As `adapters.directory_files.find_files` gives them, of one academy.
        policy: How to import.
        rejects: Where rejected records are listed.
        on_progress: Called after each batch.
        on_bytes: Told how many more bytes were read, in each reading.

    Raises:
        ImportRefused: Nothing was written.
        ImportStopped: Too much of a school would change. Nothing was written.
        ImportUnderWay: Another import is running. Nothing was written.
        RejectedFile: A file of which nothing may be used; nothing was written.
    """
    # No master key: nothing that an import reads or writes is sealed.
    engine = make_engine(settings.database_url)
    with RejectWriter(rejects) as reject:
        return run_import(
            lambda: (record for file in files for record in read_file(file, on_bytes=on_bytes)),
            DirectoryStore(engine),
            _make_clock(settings, engine),
            policy,
            on_reject=reject,
            on_progress=on_progress,
        )


def build_outbox_worker(world: World) -> OutboxWorker:
    """Return what sends the messages of the outbox."""
    return OutboxWorker(
        world.engine,
        world.secrets,
        world.clock,
        {"sms": _build_sms_sender(world.settings)},
        keep_bodies=world.settings.test_instance,
    )


def build_pages(world: World) -> Flask:
    """Return the Flask application: pages, endpoints, health, and the control API where it is asked for."""
    settings = world.settings
    app = Flask("idp", static_folder=None, template_folder=None)
    install_request_log(app)
    _check_hosts(app, settings)
    install_shell(app, test_instance=settings.test_instance, secure=settings.secure, franceconnect_enabled=False)
    install_error_pages(app, test_instance=settings.test_instance, make_reference=new_reference)
    install_input_check(app)
    _answer_when_the_database_is_gone(app)
    cookies = Cookies(secure=settings.secure)
    argon2 = settings.argon2
    hasher = Argon2Hasher(
        memory_kib=argon2.memory_kib,
        time_cost=argon2.time_cost,
        parallelism=argon2.parallelism,
        at_once=argon2.at_once,
        around=world.gate.released,
    )
    judge = ZxcvbnJudge()
    activation = Activation(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        judge=judge,
        clients=world.clients,
        policy=_activation_policy(settings),
    )
    sign_in = SignIn(
        issuer=_issuer(settings),
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        clients=world.clients,
        policy=_sign_in_policy(settings),
    )
    app.register_blueprint(activation_blueprint(activation, cookies))
    app.register_blueprint(sign_in_blueprint(sign_in, cookies))
    app.register_blueprint(help_blueprint())
    app.register_blueprint(strength_blueprint(judge, _strength_ceiling(world)))
    _add_protocol(app, world, sign_in, cookies)
    app.register_blueprint(health_blueprint(_health_checks(world)))
    if settings.sandbox.enabled:
        from idp.sandbox.mount import sandbox_blueprint

        app.register_blueprint(sandbox_blueprint(world))
    return app


def _issuer(settings: Settings) -> str:
    """Return the issuer as tokens name it, EduConnect's known quirk included where it is asked for."""
    return (
        f"{settings.issuer}/idp" if settings.issuer_quirk and not settings.issuer.endswith("/idp") else settings.issuer
    )


def _build_client(one: ClientSettings, secrets: MasterKey) -> Client:
    secret = one.client_secret.get_secret_value() if one.client_secret else None
    return Client(
        client_id=one.client_id,
        client_name=one.client_name,
        redirect_uris=one.redirect_uris,
        post_logout_redirect_uris=one.post_logout_redirect_uris,
        client_secret_hash=None if secret is None else secrets.keyed_hash("client-secret", f"{one.client_id}:{secret}"),
        token_endpoint_auth_method=one.token_endpoint_auth_method,
        scope=one.scope,
        pkce=one.pkce,
        id_token_signed_response_alg=one.id_token_signed_response_alg,
        subject_type=one.subject_type,
        sector_identifier=one.sector_identifier,
        claims_in_id_token=one.claims_in_id_token,
        omitted_claims=one.omitted_claims,
        home_uri=one.home_uri,
    )


def _activation_policy(settings: Settings) -> ActivationPolicy:
    activation, sms = settings.activation, settings.sms
    return ActivationPolicy(
        fiction=settings.test_instance,
        bound_host=sms.bound_host if settings.secure else "",
        code_lifetime=timedelta(minutes=activation.code_minutes),
        code_tries=activation.code_tries,
        resend_after=timedelta(seconds=activation.resend_seconds),
        dates_tries=activation.dates_tries,
        guardian_dates_tries=activation.guardian_dates_per_day,
        sends_s2=activation.sends_s2,
        sms_countries=sms.countries,
        sms_per_number_hour=sms.per_number_hour,
        sms_per_number_day=sms.per_number_day,
        sms_per_address_hour=sms.per_address_hour,
        sms_per_day=sms.per_day,
    )


def _sign_in_policy(settings: Settings) -> SignInPolicy:
    sign_in = settings.sign_in
    return SignInPolicy(
        tries_per_identifiant_and_address=sign_in.tries_per_identifiant_and_address,
        tries_per_identifiant=sign_in.tries_per_identifiant,
        tries_per_address=sign_in.tries_per_address,
        session_idle=timedelta(minutes=sign_in.session_idle_minutes),
        session_lifetime=timedelta(hours=sign_in.session_hours),
        code_lifetime=timedelta(seconds=settings.tokens.code_seconds),
    )


def _build_sms_sender(settings: Settings) -> SmsSender:
    sender = _build_configured_sender(settings)
    if not settings.test_instance:
        return sender
    return FictionalNumbersOnly(sender, lambda number: is_fictional(PhoneNumber(number)))


def _build_configured_sender(settings: Settings) -> SmsSender:
    sms = settings.sms
    if sms.adapter == "file":
        return FileSms(sms.file)
    if sms.adapter == "http" and sms.url is not None:
        return HttpSms(
            url=sms.url,
            headers={name: value.get_secret_value() for name, value in sms.headers.items()},
            template=sms.body_template,
            timeout=sms.timeout_seconds,
        )
    return ConsoleSms()


def _add_protocol(app: Flask, world: World, sign_in: SignIn, cookies: Cookies) -> None:
    settings = world.settings
    issuer = _issuer(settings)
    exchange = Exchange(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        keys=world.keys,
        policy=ExchangePolicy(
            issuer=issuer,
            access_token_lifetime=timedelta(seconds=settings.tokens.access_token_seconds),
            id_token_lifetime=timedelta(seconds=settings.tokens.id_token_seconds),
        ),
    )
    logout = Logout(
        issuer=issuer,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        keys=world.keys,
    )
    app.register_blueprint(
        oidc_blueprint(
            issuer=issuer,
            base=settings.origin,
            sign_in=sign_in,
            exchange=exchange,
            logout=logout,
            clients=world.clients,
            keys=world.keys,
            cookies=cookies,
        )
    )


def _check_hosts(app: Flask, settings: Settings) -> None:
    """Answer only to our own names: links and redirects are never built from a Host header that somebody made up."""
    hosts = settings.accepted_hosts
    log = structlog.get_logger("preau.web")

    @app.before_request
    def refuse_foreign_hosts() -> Response | None:
        if request.path not in {"/healthz", "/readyz"} and request.host.lower() not in hosts:
            return render_error("host-unknown")
        if caller_address(request.environ, settings.trusted_proxies) is None:
            log.warning("a proxy that no setting counts hides who is calling: ceilings by address are skipped")
            request.environ["REMOTE_ADDR"] = ""
        return None


def _answer_when_the_database_is_gone(app: Flask) -> None:
    log = structlog.get_logger("preau.web")

    @app.errorhandler(SQLAlchemyError)
    def apologise(failure: SQLAlchemyError) -> Response:
        log.error("the database did not answer", exc_info=failure)
        return render_error("service-unavailable", retry_after=30)


def _strength_ceiling(world: World) -> Callable[[str], int | None]:
    """Return what counts one strength estimate against its address."""

    def allow(address: str) -> int | None:
        if not address:
            return None
        now = world.clock.now()
        key = f"strength:{world.secrets.keyed_hash('quota', address)}"
        with world.stores.writing() as desk:
            quota = desk.quotas.take(key, limit=_STRENGTH_PER_MINUTE, window=timedelta(minutes=1), now=now)
        return None if quota.allowed else max(1, int((quota.resets_at - now).total_seconds()))

    return allow


def _health_checks(world: World) -> dict[str, Callable[[], str]]:
    """Return what readiness depends on; each check says "" when all is well."""
    outbox = build_outbox_worker(world)

    def database() -> str:
        try:
            with world.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1 FROM account WHERE 1 = 0")
        except SQLAlchemyError:
            return "does not answer, or has no tables: preau db upgrade"
        return ""

    def keys() -> str:
        try:
            world.keys.load_active_key("RS256")
        except (SQLAlchemyError, ValueError):
            return "the signing key cannot be read with this master key"
        return ""

    def messages() -> str:
        try:
            age = outbox.oldest_due_age(world.clock.now())
        except SQLAlchemyError:
            return "cannot be read"
        return "messages have been waiting for too long" if age is not None and age > _OUTBOX_AGE_LIMIT else ""

    return {"database": database, "keys": keys, "outbox": messages}
