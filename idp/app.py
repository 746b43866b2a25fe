"""The composition root: settings become adapters, adapters journeys, journeys pages. Knows everyone; known by the command line alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from idp.account import mount_account
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.adapters.readiness import readiness_checks
from idp.choices import (
    activation_policy,
    issuer_of,
    releases_of,
    resources_of,
    sign_in_policy,
    sound_alarm,
)
from idp.journeys.accounts import Accounts
from idp.journeys.activation import Activation
from idp.journeys.authorization import Authorization
from idp.journeys.consent import Consent
from idp.journeys.franceconnect import FranceConnect
from idp.journeys.login import SignIn
from idp.journeys.own_franceconnect import OwnFranceConnect
from idp.journeys.step_up import StepUp
from idp.mount_children import mount_children
from idp.mount_protocol import mount_protocol
from idp.protocol.discovery import DISCOVERY_PATH, JWKS_PATH
from idp.recovery import mount_recovery
from idp.runtime import (
    BusyAnswer,
    GatedApplication,
    OutboundRefusedError,
    behind_proxies,
    caller_address,
    health_blueprint,
    install_request_log,
    new_reference,
    refusals,
)
from idp.settings import Settings
from idp.web.accounts import accounts_blueprint
from idp.web.activation import activation_blueprint
from idp.web.consent import consent_blueprint
from idp.web.cookies import Cookies
from idp.web.error_pages import MACHINE_PATHS, install_error_pages, render_error
from idp.web.help import help_blueprint
from idp.web.languages import speak, tell_choice
from idp.web.odd_input import install_input_check
from idp.web.shell import install_shell
from idp.web.sign_in import sign_in_blueprint
from idp.web.step_up import step_up_blueprint
from idp.web.strength import strength_blueprint
from idp.web.throttles import WINDOW_SECONDS, Throttle, ThrottlePolicy, install_throttles
from idp.world import World, build_outbox_worker, build_world

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from idp.web.franceconnect import FranceConnectPages


_QUIET_ROUTES = frozenset({"/healthz", "/readyz", DISCOVERY_PATH, JWKS_PATH})


def create_app(settings: Settings) -> "WSGIApplication":
    """Return the provider as a WSGI application, behind its run gate."""
    world = build_world(settings)
    test_instance, secure = settings.test_instance, settings.secure
    gated = GatedApplication(
        build_pages(world).wsgi_app,
        world.gate,
        BusyAnswer(test_instance=test_instance, secure=secure, machine_paths=MACHINE_PATHS),
        refusals(test_instance=test_instance, secure=secure, machine_paths=MACHINE_PATHS),
    )
    return behind_proxies(gated, settings.trusted_proxies)


def build_pages(world: World) -> Flask:
    """Return the Flask application: pages, endpoints, health, and the control API where it is asked for."""
    settings = world.settings
    app = _Pages("idp", static_folder=None, template_folder=None)
    world.tracing.install(app)
    if settings.sandbox.enabled and settings.sandbox.recorder:
        from idp.mount_sandbox import record_exchanges

        record_exchanges(app, world)
    install_request_log(
        app,
        world.metrics.request if settings.metrics.listen else None,
        _QUIET_ROUTES,
        tells_debug=settings.log_level == "debug",
    )
    _check_hosts(app, settings)
    install_shell(
        app,
        test_instance=settings.test_instance,
        secure=settings.secure,
        franceconnect_enabled=settings.franceconnect.enabled,
    )
    install_error_pages(app, test_instance=settings.test_instance, make_reference=new_reference)
    install_input_check(app, json_below="/sandbox/v1/")
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
        language=speak,
    )
    authorization = Authorization(
        issuer=issuer_of(settings),
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        keys=world.keys,
        client_keys=world.client_keys,
        documents=world.documents,
        claim_names=releases_of(settings).names,
        resources=resources_of(settings),
        policy=sign_in_policy(settings),
    )
    sign_in = SignIn(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        clients=world.clients,
        policy=sign_in_policy(settings),
        chosen_language=tell_choice,
    )
    app.register_blueprint(activation_blueprint(activation, cookies))
    app.register_blueprint(sign_in_blueprint(sign_in, cookies))
    consent = Consent(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        releases=releases_of(settings),
        resources=resources_of(settings),
    )
    app.register_blueprint(consent_blueprint(consent, cookies))
    accounts = Accounts(authorization=authorization, stores=world.stores, clock=world.clock, secrets=world.secrets)
    app.register_blueprint(accounts_blueprint(accounts, cookies))
    step_up = StepUp(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=activation_policy(settings),
        sound_alarm=sound_alarm,
        language=speak,
    )
    app.register_blueprint(step_up_blueprint(step_up, cookies))
    rooms = mount_account(app, world, authorization, hasher, judge, cookies)
    mount_children(app, world, authorization, hasher, rooms, cookies)
    mount_recovery(app, world, hasher, judge, cookies)
    app.register_blueprint(help_blueprint())
    app.register_blueprint(strength_blueprint(judge, _strength_ceiling(settings)))
    franceconnect = _add_franceconnect(app, world, authorization, activation, rooms.linking, cookies)
    mount_protocol(app, world, authorization, cookies, franceconnect.sign_out if franceconnect else None)
    app.register_blueprint(
        health_blueprint(readiness_checks(world.engine, world.keys, build_outbox_worker(world), world.clock))
    )
    install_throttles(
        app,
        ThrottlePolicy(
            settings.throttle.openings_per_minute,
            settings.throttle.client_failures_per_minute,
            settings.throttle.registrations_per_minute,
        ),
    )
    if settings.sandbox.enabled:
        from idp.mount_sandbox import mount_sandbox

        mount_sandbox(app, world, hasher, judge)
    return app


class _Pages(Flask):
    """Flask without the question whether a function is a coroutine, six times in each request: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`."""
        return func


def _add_franceconnect(
    app: Flask,
    world: World,
    authorization: Authorization,
    activation: Activation,
    linking: OwnFranceConnect,
    cookies: Cookies,
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
        authorization=authorization,
        policy=sign_in_policy(settings),
        activation_policy=activation_policy(settings),
        linking=linking,
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
