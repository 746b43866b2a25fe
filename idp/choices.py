"""What an operator chose, in the terms of those who use it: clients, policies, the alarm."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from ssl import SSLContext, create_default_context

import structlog

from idp.adapters.address_guard import AddressGuard
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import ALWAYS
from idp.journeys.claims import AS_EDUCONNECT, WITH_EXTRA_CLAIMS, Releases
from idp.journeys.exchange_tools import ExchangePolicy
from idp.journeys.policy import AccountPolicy, ActivationPolicy, SignInPolicy
from idp.journeys.recovery_answers import LINK_DOOR, PASSWORD_DOOR
from idp.journeys.redemption import OFFLINE_ACCESS
from idp.journeys.registration import RegistrationPolicy
from idp.journeys.retention_rules import RetentionPolicy
from idp.journeys.rows import RegisteredClientRow
from idp.protocol.authentication_levels import Level, Levels
from idp.protocol.client import Client
from idp.protocol.client_documents import Fetch
from idp.protocol.client_keys import import_key_set
from idp.protocol.client_metadata import RegistrationRules
from idp.protocol.discovery import PAR_PATH, TOKEN_PATH
from idp.protocol.resource import Resource, Resources
from idp.protocol.standard_claims import SCOPE_CLAIMS
from idp.settings import ClientSettings, Settings, TokenSettings
from idp.settings.client_rules import uri_problem
from idp.settings.hosts import is_test_host
from idp.settings.registered_clients import metadata_faults, settings_of

_DAY = 86_400  # seconds


def issuer_of(settings: Settings) -> str:
    """Return the issuer as tokens name it, EduConnect's known quirk included where it is asked for."""
    return (
        f"{settings.issuer}/idp" if settings.issuer_quirk and not settings.issuer.endswith("/idp") else settings.issuer
    )


def resources_of(settings: Settings) -> Resources:
    """Return the servers that tokens may be for."""
    return Resources(
        issuer_of(settings),
        (
            Resource(
                resource=one.resource,
                name=one.name,
                scope=one.scope,
                access_token_format=one.access_token_format,
                access_token_lifetime=one.access_token_seconds,
                client_id=one.client_id,
            )
            for one in settings.resources
        ),
    )


def scopes_of(settings: Settings) -> tuple[str, ...]:
    """Return every scope that there is: of persons, then of resources."""
    return ("openid", *releases_of(settings).by_scope, OFFLINE_ACCESS, *resources_of(settings).scopes)


def releases_of(settings: Settings) -> Releases:
    """Return which scope releases what: testers may make things up of fictional people, and of nobody else."""
    return WITH_EXTRA_CLAIMS if settings.test_instance else AS_EDUCONNECT


def levels_of(settings: Settings) -> Levels:
    """Return the levels of authentication that an operator made up."""
    return Levels([Level(one.acr, one.second_factor) for one in settings.authentication_levels])


def build_client(one: ClientSettings, tokens: TokenSettings, secrets: MasterKey) -> Client:
    """Return a relying party as the protocol knows it: its secret as a keyed hash, the lives of its tokens its own or everybody's."""
    secret = one.client_secret.get_secret_value() if one.client_secret else None
    keys = import_key_set(one.jwks.get("keys", ()))
    return Client(
        client_id=one.client_id,
        client_name=one.client_name,
        redirect_uris=one.redirect_uris,
        post_logout_redirect_uris=one.post_logout_redirect_uris,
        backchannel_logout_uri=one.backchannel_logout_uri,
        backchannel_logout_session_required=one.backchannel_logout_session_required,
        frontchannel_logout_uri=one.frontchannel_logout_uri,
        frontchannel_logout_session_required=one.frontchannel_logout_session_required,
        client_secret_hash=None if secret is None else secrets.keyed_hash("client-secret", f"{one.client_id}:{secret}"),
        token_endpoint_auth_method=one.token_endpoint_auth_method,
        keys=keys.signing,
        encryption_keys=keys.encryption,
        jwks_uri=one.jwks_uri,
        id_token_encrypted_response_alg=one.id_token_encrypted_response_alg,
        id_token_encrypted_response_enc=one.id_token_encrypted_response_enc,
        userinfo_encrypted_response_alg=one.userinfo_encrypted_response_alg,
        userinfo_encrypted_response_enc=one.userinfo_encrypted_response_enc,
        token_endpoint_auth_signing_alg=one.token_endpoint_auth_signing_alg,
        scope=one.scope,
        grant_types=one.grant_types,
        resources=one.resources,
        pkce=one.pkce,
        request_uris=one.request_uris,
        request_object_signing_alg=one.request_object_signing_alg,
        require_signed_request_object=one.require_signed_request_object,
        require_pushed_authorization_requests=one.require_pushed_authorization_requests,
        id_token_signed_response_alg=one.id_token_signed_response_alg,
        userinfo_signed_response_alg=one.userinfo_signed_response_alg,
        access_token_lifetime=one.access_token_seconds or tokens.access_token_seconds,
        id_token_lifetime=one.id_token_seconds or tokens.id_token_seconds,
        refresh_token_lifetime=(one.refresh_token_days or tokens.refresh_token_days) * _DAY,
        access_token_format=one.access_token_format,
        dpop_bound_access_tokens=one.dpop_bound_access_tokens,
        subject_type=one.subject_type,
        sector_identifier=one.sector,
        claims_in_id_token=one.claims_in_id_token,
        omitted_claims=one.omitted_claims,
        introspection=one.introspection,
        default_max_age=one.default_max_age,
        default_acr_values=one.default_acr_values,
        consent=one.consent,
        logo_uri=one.logo_uri,
        policy_uri=one.policy_uri,
        tos_uri=one.tos_uri,
        home_uri=one.home_uri,
    )


def algorithms_of(settings: Settings) -> frozenset[str]:
    """Return the algorithms that keys are needed for: those of every instance, and what clients of the settings ask for."""
    asked = {
        algorithm
        for one in settings.clients
        for algorithm in (one.id_token_signed_response_alg, one.userinfo_signed_response_alg)
        if algorithm
    }
    return frozenset({*ALWAYS, *asked})


def longest_use_of_a_signature(settings: Settings) -> timedelta:
    """Return how long a token may be verified: while it lives, or as a hint when the person signs out of its session."""
    lives = [settings.tokens.id_token_seconds, settings.tokens.access_token_seconds]
    lives += [one.id_token_seconds or 0 for one in settings.clients]
    lives += [one.access_token_seconds or 0 for one in settings.clients]
    lives += [one.access_token_seconds or 0 for one in settings.resources]
    return max(timedelta(seconds=max(lives)), timedelta(hours=settings.sign_in.session_hours))


def build_registered_client(row: RegisteredClientRow, settings: Settings, secrets: MasterKey) -> Client:
    """Return a client that no settings file names, as the protocol knows it: an operator answers for those that she added herself."""
    client = replace(
        build_client(settings_of(row.client_id, row.metadata), settings.tokens, secrets),
        client_secret_hash=row.client_secret_hash,
        in_settings=False,
    )
    return client if row.registration_token_hash is None else replace(client, consent=settings.registration.consent)


def usual_scopes_of(settings: Settings) -> tuple[str, ...]:
    """Return what a client may ask for that names no scope: `scope` is no member of OpenID Connect Dynamic Client Registration 1.0.

    A library that follows that text alone asks for what discovery names. On a test instance the standard scopes are among it.
    """
    usual: tuple[str, ...] = ClientSettings.model_fields["scope"].default
    there_are = releases_of(settings).by_scope
    return (*usual, *(one for one in SCOPE_CLAIMS if one in there_are and one not in usual))


def registration_rules(settings: Settings, fetch: Fetch, *, by_operator: bool = False) -> RegistrationRules:
    """Return what may be said of a client that no settings file names.

    Args:
        settings: Of the instance.
        fetch: Returns what stands at an address of a client.
        by_operator: Whether an operator says it, and not the client itself.
    """
    test_hosts = settings.test_issuer_hosts if settings.test_instance else None
    return RegistrationRules(
        scopes=scopes_of(settings),
        signing_algorithms=algorithms_of(settings),
        usual_scopes=ClientSettings.model_fields["scope"].default if by_operator else usual_scopes_of(settings),
        find_address_fault=lambda uri: uri_problem(uri, test_hosts),
        find_faults=lambda metadata: metadata_faults(metadata, test_hosts),
        fetch=fetch,
        resources=[one.resource for one in settings.resources if by_operator or one.open_to_registration],
    )


def registration_policy(settings: Settings, secrets: MasterKey, fetch: Fetch) -> RegistrationPolicy:
    """Return who may register, and how many."""
    registration = settings.registration
    token = registration.initial_access_token if registration.mode == "token" else None
    return RegistrationPolicy(
        initial_access_token_hash=secrets.keyed_hash("initial-access-token", token.get_secret_value()) if token else "",
        most_clients=registration.most_clients,
        rules=registration_rules(settings, fetch),
    )


def address_guard(settings: Settings) -> AddressGuard:
    """Return what says where clients' addresses may lead: on a test instance, test hosts are anywhere that the tester likes."""
    listed = settings.test_issuer_hosts
    is_free = (lambda host: is_test_host(host, listed)) if settings.test_instance else (lambda _: False)
    return AddressGuard(networks=[ip_network(one) for one in settings.outbound.allowed_networks], is_free_host=is_free)


def trust_of(settings: Settings) -> SSLContext | None:
    """Return whom clients' servers may be known by besides the usual authorities, None where there is nobody."""
    ca_file = settings.outbound.ca_file
    return None if ca_file is None else create_default_context(cafile=ca_file)


def activation_policy(settings: Settings) -> ActivationPolicy:
    """Return the ceilings and delays of activations."""
    activation, sms = settings.activation, settings.sms
    return ActivationPolicy(
        session_lifetime=timedelta(hours=settings.sign_in.session_hours),
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
        sms_per_prefix_hour=sms.per_prefix_hour,
        sms_per_prefix_day=sms.per_prefix_day,
        sms_per_address_hour=sms.per_address_hour,
        sms_per_address_day=sms.per_address_day,
        sms_per_hour=sms.per_hour,
        sms_per_day=sms.per_day,
        recovery_page=settings.origin + PASSWORD_DOOR,
        recovery_link=f"{settings.origin}{LINK_DOOR}?l=",
    )


def sound_alarm(name: str) -> None:
    """Say at level error that a ceiling of the whole service was reached."""
    structlog.get_logger("preau.limits").error(
        "a budget of the whole service is spent: nothing more leaves", budget=name
    )


def sign_in_policy(settings: Settings) -> SignInPolicy:
    """Return the ceilings and lifetimes of signing in."""
    sign_in = settings.sign_in
    return SignInPolicy(
        tries_per_identifiant_and_address=sign_in.tries_per_identifiant_and_address,
        tries_per_identifiant=sign_in.tries_per_identifiant,
        tries_per_address=sign_in.tries_per_address,
        session_idle=timedelta(minutes=sign_in.session_idle_minutes),
        session_lifetime=timedelta(hours=sign_in.session_hours),
        code_lifetime=timedelta(seconds=settings.tokens.code_seconds),
        levels=levels_of(settings),
        identity_check=sign_in.identity_check,
        identity_interval=timedelta(days=sign_in.identity_check_days),
        sms_countries=settings.sms.countries,
    )


def account_policy(settings: Settings) -> AccountPolicy:
    """Return the delays of « Mon compte »."""
    account = settings.account
    return AccountPolicy(
        idle=timedelta(minutes=account.idle_minutes),
        proof_lifetime=timedelta(minutes=account.proof_minutes),
        closing_delay=timedelta(days=account.closing_days),
    )


def retention_policy(settings: Settings) -> RetentionPolicy:
    """Return for how long things are kept."""
    given = settings.retention
    return RetentionPolicy(
        closes_unused=given.unused_days > 0,
        unused_after=timedelta(days=given.unused_days),
        warned_before=tuple(timedelta(days=days) for days in given.warned_days_before),
        warnings_per_hour=given.warnings_per_hour,
        audit_kept=timedelta(days=given.audit_days) if given.audit_days else None,
        messages_kept=timedelta(days=given.messages_days) if given.messages_days else None,
        fiction=settings.test_instance,
        sms_countries=settings.sms.countries,
    )


def exchange_policy(settings: Settings) -> ExchangePolicy:
    """Return who we are in tokens, and what they tell."""
    return ExchangePolicy(issuer=issuer_of(settings), releases=releases_of(settings), resources=resources_of(settings))


def assertion_audiences(settings: Settings) -> frozenset[str]:
    """Return the values of `aud` in a client's assertion that mean us: the issuer, and every address of the token endpoint and of PAR."""
    return frozenset(
        {issuer_of(settings), *(base + path for base in bases_of(settings) for path in (TOKEN_PATH, PAR_PATH))}
    )


def bases_of(settings: Settings) -> tuple[str, ...]:
    """Return scheme, host and port of every address at which servers reach us, that of browsers first."""
    return (settings.origin, *(f"http://{host}" for host in sorted(settings.backchannel_hosts)))
