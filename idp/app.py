"""The composition root: settings become adapters, adapters journeys, journeys pages. Knows everyone; known by the command line alone."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.clients import ConfiguredClients
from idp.adapters.clock import SystemClock, TestClock
from idp.adapters.consistency import find_violations
from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_files import DirectoryFile, read_file
from idp.adapters.expiry import Expiry
from idp.adapters.messages import OutboxWorker
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.adapters.readiness import readiness_checks
from idp.adapters.rejects import RejectWriter
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.sms import ConsoleSms, FictionalNumbersOnly, FileSms, HttpSms, SmsSender
from idp.adapters.stores import SqlStores, make_engine, watch_errors
from idp.choices import activation_policy, build_client, issuer_of, sign_in_policy, sound_alarm
from idp.journeys.activation import Activation
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import
from idp.journeys.exchange import Exchange, ExchangePolicy
from idp.journeys.franceconnect import FranceConnect
from idp.journeys.login import SignIn
from idp.journeys.logout import Logout
from idp.journeys.ports import Clock
from idp.people.phones import PhoneNumber, is_fictional
from idp.protocol.discovery import DISCOVERY_PATH, JWKS_PATH
from idp.runtime import (
    Bulkhead,
    BusyAnswer,
    GatedApplication,
    OutboundRefusedError,
    Recorder,
    RunGate,
    Tracer,
    behind_proxies,
    caller_address,
    health_blueprint,
    install_request_log,
    new_reference,
)
from idp.settings import Settings, load_master_key
from idp.watching import Watch, make_metrics, make_tracing, serve_metrics
from idp.web.activation import activation_blueprint
from idp.web.cookies import Cookies
from idp.web.error_pages import MACHINE_PATHS, install_error_pages, render_error
from idp.web.help import help_blueprint
from idp.web.odd_input import install_input_check
from idp.web.oidc import oidc_blueprint
from idp.web.shell import install_shell
from idp.web.sign_in import sign_in_blueprint
from idp.web.strength import strength_blueprint
from idp.web.throttles import WINDOW_SECONDS, Throttle, ThrottlePolicy, install_throttles

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from idp.web.franceconnect import FranceConnectPages
    from idp.web.oidc import SignOutUpstream


_QUIET_ROUTES = frozenset({"/healthz", "/readyz", DISCOVERY_PATH, JWKS_PATH})


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
    outbound: Bulkhead
    metrics: Recorder
    tracing: Tracer


def build_world(settings: Settings) -> World:
    """Open the adapters that the settings ask for. Nothing is read from the database yet.

    Raises:
        SettingsError: There is no usable master key.
    """
    secrets = MasterKey(load_master_key(settings))
    engine = make_engine(settings.database_url)
    clock = _make_clock(settings, engine)
    gate, metrics, tracing = RunGate(settings.requests_at_once), make_metrics(settings), make_tracing(settings)
    if settings.metrics.listen:
        gate.watch(metrics.gate_wait)
        watch_errors(engine, metrics.database_error)
    tracing.watch(engine)
    return World(
        settings=settings,
        engine=engine,
        clock=clock,
        secrets=secrets,
        stores=SqlStores(engine, secrets, lambda event: metrics.journey(event.event, event.details)),
        keys=SqlSigningKeys(engine, secrets, clock),
        clients=ConfiguredClients([build_client(one, secrets) for one in settings.clients]),
        gate=gate,
        outbound=Bulkhead(gate),
        metrics=metrics,
        tracing=tracing,
    )


def _make_clock(settings: Settings, engine: Engine) -> Clock:
    return TestClock(engine) if settings.test_instance else SystemClock()


def create_app(settings: Settings) -> "WSGIApplication":
    """Return the provider as a WSGI application, behind its run gate."""
    world = build_world(settings)
    busy = BusyAnswer(test_instance=settings.test_instance, secure=settings.secure, machine_paths=MACHINE_PATHS)
    gated = GatedApplication(build_pages(world).wsgi_app, world.gate, busy)
    return behind_proxies(gated, settings.trusted_proxies)


def run_outbox(settings: Settings) -> None:
    """Send messages, and forget what has run out, until SIGTERM."""
    world = build_world(settings)
    # A daemon: each of its transactions is whole, so it may end with the process at any moment.
    expiry = Expiry(world.engine, world.clock)
    threading.Thread(target=expiry.run, args=(threading.Event(),), name="expiry", daemon=True).start()
    worker = build_outbox_worker(world)
    serve_metrics(settings, world.metrics, worker, world.clock)
    worker.run_until_terminated()


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


def check_consistency(settings: Settings) -> Iterator[str]:
    """Yield one sentence for each thing in the database that may not be.

    Raises:
        SettingsError: There is no usable master key.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
    """
    world = build_world(settings)
    return find_violations(world.engine, world.secrets, world.clock.now(), keeps_bodies=settings.test_instance)


def build_outbox_worker(world: World) -> OutboxWorker:
    """Return what sends the messages of the outbox."""
    return OutboxWorker(
        world.engine,
        world.secrets,
        world.clock,
        {"sms": _build_sms_sender(world)},
        keep_bodies=world.settings.test_instance,
        watch=Watch.of(world.settings, world.metrics, world.tracing),
    )


def build_pages(world: World) -> Flask:
    """Return the Flask application: pages, endpoints, health, and the control API where it is asked for."""
    settings = world.settings
    app = _Pages("idp", static_folder=None, template_folder=None)
    world.tracing.install(app)
    install_request_log(app, world.metrics.request if settings.metrics.listen else None, _QUIET_ROUTES)
    _check_hosts(app, settings)
    install_shell(
        app,
        test_instance=settings.test_instance,
        secure=settings.secure,
        franceconnect_enabled=settings.franceconnect.enabled,
    )
    install_error_pages(app, test_instance=settings.test_instance, make_reference=new_reference)
    install_input_check(app)
    _answer_when_others_are_gone(app)
    cookies = Cookies(secure=settings.secure)
    argon2 = settings.argon2
    hasher = Argon2Hasher(
        memory_kib=argon2.memory_kib,
        time_cost=argon2.time_cost,
        parallelism=argon2.parallelism,
        at_once=argon2.at_once,
        around=world.gate.released,
        watch=world.metrics,
    )
    judge = ZxcvbnJudge()
    activation = Activation(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        judge=judge,
        clients=world.clients,
        policy=activation_policy(settings),
        sound_alarm=sound_alarm,
    )
    sign_in = SignIn(
        issuer=issuer_of(settings),
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        clients=world.clients,
        policy=sign_in_policy(settings),
    )
    app.register_blueprint(activation_blueprint(activation, cookies))
    app.register_blueprint(sign_in_blueprint(sign_in, cookies))
    app.register_blueprint(help_blueprint())
    app.register_blueprint(strength_blueprint(judge, _strength_ceiling(settings)))
    franceconnect = _add_franceconnect(app, world, sign_in, activation, cookies)
    _add_protocol(app, world, sign_in, cookies, franceconnect.sign_out if franceconnect else None)
    app.register_blueprint(
        health_blueprint(readiness_checks(world.engine, world.keys, build_outbox_worker(world), world.clock))
    )
    install_throttles(
        app, ThrottlePolicy(settings.throttle.openings_per_minute, settings.throttle.client_failures_per_minute)
    )
    if settings.sandbox.enabled:
        from idp.sandbox.mount import sandbox_blueprint

        app.register_blueprint(sandbox_blueprint(world))
    return app


class _Pages(Flask):
    """Flask without the question whether a function is a coroutine, six times in each request: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`."""
        return func


def _build_sms_sender(world: World) -> SmsSender:
    settings = world.settings
    sender = _build_configured_sender(settings, world.outbound)
    if not settings.test_instance:
        return sender
    return FictionalNumbersOnly(sender, lambda number: is_fictional(PhoneNumber(number)))


def _build_configured_sender(settings: Settings, outbound: Bulkhead) -> SmsSender:
    sms = settings.sms
    if sms.adapter == "file":
        return FileSms(sms.file)
    if sms.adapter == "http" and sms.url is not None:
        return HttpSms(
            url=sms.url,
            headers={name: value.get_secret_value() for name, value in sms.headers.items()},
            template=sms.body_template,
            timeout=sms.timeout_seconds,
            around=outbound.around,
        )
    return ConsoleSms()


def _add_franceconnect(
    app: Flask, world: World, sign_in: SignIn, activation: Activation, cookies: Cookies
) -> "FranceConnectPages | None":
    """Mount FranceConnect where the settings name one; without, nothing of it is even imported."""
    settings = world.settings
    if not settings.franceconnect.enabled:
        return None
    from idp.mount_franceconnect import mount_franceconnect

    journey = FranceConnect(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        sign_in=sign_in,
        policy=sign_in_policy(settings),
        activation_policy=activation_policy(settings),
    )
    return mount_franceconnect(
        app,
        settings,
        journey=journey,
        activation=activation,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        cookies=cookies,
        outbound=world.outbound,
        metrics=world.metrics,
    )


def _add_protocol(
    app: Flask, world: World, sign_in: SignIn, cookies: Cookies, sign_out_upstream: "SignOutUpstream | None"
) -> None:
    settings = world.settings
    issuer = issuer_of(settings)
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
            backchannel_hosts=settings.backchannel_hosts,
            sign_out_upstream=sign_out_upstream,
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
        address = caller_address(request.environ, settings.trusted_proxies)
        if address is None:
            log.warning("a proxy that no setting counts hides who is calling: ceilings by address are skipped")
        # Not in the environment, which Werkzeug has read by now.
        request.remote_addr = address
        return None


def _answer_when_others_are_gone(app: Flask) -> None:
    log = structlog.get_logger("preau.web")

    @app.errorhandler(OutboundRefusedError)
    def refuse(_refusal: OutboundRefusedError) -> Response:
        log.error("as many calls to other services as a process may have are under way")
        return render_error("service-unavailable", retry_after=5)

    @app.errorhandler(SQLAlchemyError)
    def apologise(failure: SQLAlchemyError) -> Response:
        log.error("the database did not answer", exc_info=failure)
        return render_error("service-unavailable", retry_after=30)


def _strength_ceiling(settings: Settings) -> Callable[[str], int | None]:
    """Return what counts one strength estimate against its address."""
    throttle = Throttle(settings.throttle.strength_per_minute)
    return lambda address: WINDOW_SECONDS if address and not throttle.count(address) else None
