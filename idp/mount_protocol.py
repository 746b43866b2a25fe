"""What clients talk to: tokens, authorization, logout, registration, discovery. Apart from `app`, which mounts it in one line."""

from typing import TYPE_CHECKING

from flask import Flask

from idp.choices import (
    assertion_audiences,
    bases_of,
    exchange_policy,
    issuer_of,
    levels_of,
    registration_policy,
    releases_of,
    resources_of,
    scopes_of,
)
from idp.journeys.authorization import Authorization
from idp.journeys.client_desk import ClientDesk
from idp.journeys.client_office import ClientOffice
from idp.journeys.exchange import Exchange
from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.introspection import Introspection
from idp.journeys.logout import Logout
from idp.journeys.proof_desk import ProofDesk
from idp.journeys.pushed_authorization import PushedAuthorization
from idp.journeys.registration import Registration
from idp.journeys.revocation import Revocation
from idp.web.cookies import Cookies
from idp.web.description import description_blueprint
from idp.web.oidc import deployment_of, oidc_blueprint
from idp.web.registration import registration_blueprint
from idp.web.tokens import tokens_blueprint
from idp.world import World

if TYPE_CHECKING:
    from idp.web.logout import SignOutUpstream


def mount_protocol(
    app: Flask,
    world: World,
    authorization: Authorization,
    cookies: Cookies,
    sign_out_upstream: "SignOutUpstream | None",
) -> None:
    """Build what clients talk to and mount its endpoints, with discovery and the description.

    Args:
        app: Where they are mounted.
        world: The adapters.
        authorization: Answers authorization requests.
        cookies: Of pages.
        sign_out_upstream: Takes somebody who signs out to FranceConnect; None without it.
    """
    settings = world.settings
    issuer = issuer_of(settings)
    scopes, claims, levels = scopes_of(settings), releases_of(settings).names, levels_of(settings)
    tools = ExchangeTools(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        desk=ClientDesk(
            stores=world.stores,
            clock=world.clock,
            secrets=world.secrets,
            clients=world.clients,
            client_keys=world.client_keys,
            audiences=assertion_audiences(settings),
        ),
        proofs=ProofDesk(
            stores=world.stores,
            clock=world.clock,
            secrets=world.secrets,
            bases=bases_of(settings),
            wants_nonce=settings.tokens.dpop_nonce == "required",
        ),
        keys=world.keys,
        client_keys=world.client_keys,
        policy=exchange_policy(settings),
    )
    pushed = PushedAuthorization(
        issuer=issuer,
        desk=tools.desk,
        proofs=tools.proofs,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        clients=world.clients,
        keys=world.keys,
        client_keys=world.client_keys,
        documents=world.documents,
        claim_names=claims,
        resources=resources_of(settings),
        levels=levels,
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
        tokens_blueprint(
            exchange=Exchange(tools),
            revocation=Revocation(tools),
            introspection=Introspection(tools),
            is_public_origin=world.clients.is_public_origin,
        )
    )
    registers = settings.registration.mode != "off"
    if registers:
        office = ClientOffice(world.stores, world.clock, world.secrets)
        app.register_blueprint(
            registration_blueprint(
                Registration(
                    office, world.secrets, registration_policy(settings, world.secrets, world.documents.fetch)
                ),
                base=settings.origin,
                backchannel_hosts=settings.backchannel_hosts,
            )
        )
    app.register_blueprint(
        oidc_blueprint(
            issuer=issuer,
            base=settings.origin,
            authorization=authorization,
            pushed=pushed,
            logout=logout,
            keys=world.keys,
            scopes=scopes,
            claims=claims,
            levels=levels.names,
            cookies=cookies,
            backchannel_hosts=settings.backchannel_hosts,
            registers_clients=registers,
            sign_out_upstream=sign_out_upstream,
        )
    )
    app.register_blueprint(
        description_blueprint(
            deployment_of(issuer, settings.origin, scopes, claims, levels.names, registers_clients=registers),
            secure=settings.secure,
            franceconnect_enabled=settings.franceconnect.enabled,
        )
    )
