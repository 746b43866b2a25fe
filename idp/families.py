"""Families documents and the world that takes them in. Apart from `world`, so that an instance without any imports nothing of it."""

import time

from idp.adapters.directory import DirectoryStore
from idp.adapters.passwords import Argon2Hasher, ZxcvbnJudge
from idp.choices import sign_in_policy
from idp.journeys.directory_desk import ImportUnderWay
from idp.journeys.families.loading import FamiliesLoader, FamiliesPolicy, FamiliesReport
from idp.journeys.families.reading import read_document
from idp.journeys.families.removing import FamiliesRemover
from idp.journeys.ports import PasswordHasher
from idp.journeys.session_end import SessionEnd
from idp.sandbox.fault_rules import DocumentFaults
from idp.settings import Settings
from idp.world import World, build_world, telling_of_phones

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds, before another look whether an import has ended


def build_families_loader(world: World, hasher: PasswordHasher | None = None) -> FamiliesLoader:
    """Return what takes families documents in.

    Args:
        world: The instance.
        hasher: Of the passwords of their accounts; None: one that waits for nobody.

    Raises:
        ValueError: This is no test instance: nothing fictional may ever stand among real persons.
    """
    settings = world.settings
    if not settings.test_instance:
        raise ValueError("families are for test instances")
    argon2 = settings.argon2
    hasher = hasher or Argon2Hasher(
        memory_kib=argon2.memory_kib, time_cost=argon2.time_cost, parallelism=argon2.parallelism, at_once=argon2.at_once
    )
    return FamiliesLoader(
        stores=world.stores,
        directory=DirectoryStore(world.engine, telling_of_phones(settings, lambda: world.secrets)),
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        is_common=ZxcvbnJudge().is_common,
        judge=DocumentFaults(world.clients.load_client),
        policy=FamiliesPolicy(
            franceconnect_issuer=settings.franceconnect.issuer,
            franceconnect_client_id=settings.franceconnect.client_id,
            sign_in=sign_in_policy(settings),
            faults_strike=settings.sandbox.enabled,
        ),
    )


def build_families_remover(world: World) -> FamiliesRemover:
    """Return what takes families out again.

    Raises:
        ValueError: This is no test instance.
    """
    if not world.settings.test_instance:
        raise ValueError("families are for test instances")
    return FamiliesRemover(
        stores=world.stores,
        directory=DirectoryStore(world.engine),
        clock=world.clock,
        ends=SessionEnd(world.clients, world.secrets),
    )


def load_families(settings: Settings) -> FamiliesReport:
    """Take in the families documents that the settings name.

    Raises:
        FamiliesRefused: What is wrong with them.
        ImportUnderWay: Another process imports, and did not end in time.
        OSError: The file cannot be read.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    documents = [read_document(text, name) for name, text in settings.families.load_texts()]
    world = build_world(settings)
    loader = build_families_loader(world)
    try:
        for pause in _PAUSES:
            try:
                return loader.load(documents)
            except ImportUnderWay:  # another replica that starts
                time.sleep(pause)
        return loader.load(documents)
    finally:
        world.engine.dispose()  # whoever is forked later opens connections of his own
