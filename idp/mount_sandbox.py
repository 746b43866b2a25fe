"""The testers' control API, composed for an instance that has one; no other even imports it."""

from flask import Flask

from idp.adapters.recorded_exchanges import RecordedExchanges
from idp.adapters.siblings import Siblings
from idp.choices import activation_policy, registration_rules, sign_in_policy
from idp.families import build_families_loader, build_families_remover
from idp.journeys.client_office import ClientOffice
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.person_reports import PersonReports
from idp.journeys.ports import PasswordHasher, PasswordJudge
from idp.journeys.rehearsal import Rehearsal
from idp.retention import build_retention
from idp.sandbox.mount import sandbox_blueprint
from idp.sandbox.recorder import install_recorder
from idp.sandbox.tools import Tools
from idp.world import World


def record_exchanges(app: Flask, world: World) -> None:
    """Keep every request of `app` and its answer, without secrets: called before anything else answers."""
    install_recorder(app, RecordedExchanges(world.engine), world.stores, world.secrets, world.clock)


def mount_sandbox(app: Flask, world: World, hasher: PasswordHasher, judge: PasswordJudge) -> None:
    """Add the control API to the pages."""
    settings = world.settings
    ceilings = SignInCeilings(world.secrets, sign_in_policy(settings))
    policy = activation_policy(settings)
    rehearsal = Rehearsal(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        judge=judge,
        clients=world.clients,
        policy=policy,
        ceilings=ceilings,
    )
    tools = Tools(
        rehearsal=rehearsal,
        persons=PersonReports(world.stores, world.clock, ceilings, policy),
        families=build_families_loader(world, hasher),
        remover=build_families_remover(world),
        clients=ClientOffice(world.stores, world.clock, world.secrets),
        rules=registration_rules(settings, world.documents.fetch, by_operator=True),
        siblings=Siblings(
            settings.sandbox.siblings,
            settings.sandbox.token.get_secret_value() if settings.sandbox.token else None,
            around=world.outbound.around,
        ),
        configured={one.client_id: one.model_dump(mode="json", exclude={"client_secret"}) for one in settings.clients},
        retention=build_retention(world),
    )
    app.register_blueprint(sandbox_blueprint(world, tools))
