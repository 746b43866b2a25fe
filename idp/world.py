"""The composition root without pages: settings become adapters, and what runs beside the web processes."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from idp.adapters.client_keys import FetchedClientKeys
from idp.adapters.clients import ConfiguredClients, KnownClients
from idp.adapters.clock import SystemClock, TestClock
from idp.adapters.consistency import find_violations
from idp.adapters.delivery_faults import DeliveryFaults
from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_files import DirectoryFile, read_file
from idp.adapters.directory_rows import OnPhones
from idp.adapters.documents import HttpDocuments
from idp.adapters.expiry import Expiry
from idp.adapters.key_rotation import KeyRotation
from idp.adapters.links import Link
from idp.adapters.logout_sender import TIMEOUT_SECONDS, LogoutSender
from idp.adapters.messages import OutboxWorker
from idp.adapters.rejects import RejectWriter
from idp.adapters.repeating import repeat
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.stores import SqlStores, SqlUnit, make_engine, watch_errors
from idp.choices import (
    activation_policy,
    address_guard,
    algorithms_of,
    build_client,
    build_registered_client,
    issuer_of,
    longest_use_of_a_signature,
    trust_of,
)
from idp.journeys.children_told import ChildrenTold
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import
from idp.journeys.logout_notice import LOGOUT_CHANNEL
from idp.journeys.mails import MAIL_CHANNEL
from idp.journeys.phone_changes import PhoneChanges, PhoneMove
from idp.journeys.ports import Clock
from idp.runtime import (
    Bulkhead,
    Recorder,
    RunGate,
    Tracer,
    Waits,
)
from idp.senders import build_mail_sender, build_sms_sender
from idp.settings import Settings, load_master_key
from idp.watching import Watch, make_metrics, make_tracing, serve_metrics

CHILDREN_TOLD_EVERY_SECONDS = 2.0
LOGOUTS_AT_ONCE = 4  # of one outbox process
MAILS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a request needs, hung from one object: several may live in one process."""

    settings: Settings
    engine: Engine
    clock: Clock
    secrets: MasterKey
    stores: SqlStores
    keys: SqlSigningKeys
    rotation: KeyRotation
    clients: KnownClients
    documents: HttpDocuments
    client_keys: FetchedClientKeys
    gate: RunGate
    outbound: Bulkhead
    waits: Waits
    metrics: Recorder
    tracing: Tracer


def build_world(settings: Settings) -> World:
    """Open the adapters that the settings ask for. Nothing is read from the database yet.

    Raises:
        SettingsError: There is no usable master key.
    """
    secrets = MasterKey(load_master_key(settings))
    engine = make_engine(settings.database_url)
    clock = make_clock(settings, engine)
    gate, metrics, tracing = RunGate(settings.requests_at_once), make_metrics(settings), make_tracing(settings)
    if settings.metrics.listen:
        gate.watch(metrics.gate_wait)
        watch_errors(engine, metrics.database_error)
    tracing.watch(engine)
    outbound = Bulkhead(gate)
    documents = build_documents(settings, outbound.around)
    stores = SqlStores(engine, secrets, lambda event: metrics.journey(event.event, event.details))
    return World(
        settings=settings,
        engine=engine,
        clock=clock,
        secrets=secrets,
        stores=stores,
        keys=SqlSigningKeys(engine, secrets, clock, algorithms_of(settings)),
        rotation=KeyRotation(engine, secrets, clock, longest_use_of_a_signature(settings)),
        clients=KnownClients(
            ConfiguredClients([build_client(one, settings.tokens, secrets) for one in settings.clients]),
            stores,
            lambda row: build_registered_client(row, settings, secrets),
        ),
        documents=documents,
        client_keys=FetchedClientKeys(documents),
        gate=gate,
        outbound=outbound,
        waits=Waits(gate),
        metrics=metrics,
        tracing=tracing,
    )


def build_documents(
    settings: Settings, around: Callable[[], AbstractContextManager[None]] = nullcontext
) -> HttpDocuments:
    """Return what fetches from addresses of clients.

    Args:
        settings: Where that may lead.
        around: Entered for each call.
    """
    return HttpDocuments(address_guard(settings), around=around, tls=trust_of(settings))


def make_clock(settings: Settings, engine: Engine) -> Clock:
    """Return the clock: a tester may move it on a test instance, and nobody elsewhere."""
    return TestClock(engine) if settings.test_instance else SystemClock()


def run_outbox(settings: Settings) -> None:
    """Send messages, and forget what has run out, until SIGTERM."""
    world = build_world(settings)
    # A daemon: each of its transactions is whole, so it may end with the process at any moment.
    expiry = Expiry(world.engine, world.clock)
    threading.Thread(target=expiry.run, args=(threading.Event(),), name="expiry", daemon=True).start()
    _tell_of_children(world)
    if settings.retention.every_hours and not settings.test_instance:  # a tester's year must not pass by surprise
        from idp.retention import purge_until

        threading.Thread(target=purge_until, args=(world, threading.Event()), name="retention", daemon=True).start()
    worker = build_outbox_worker(world)
    serve_metrics(settings, world.metrics, worker, world.clock)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # Threads of their own: an ENT or a mail server that hangs holds up some of its own, and no security code.
    teams = (("mail", build_mail_worker(world), MAILS_AT_ONCE), ("logout", build_logout_worker(world), LOGOUTS_AT_ONCE))
    threads = [
        threading.Thread(target=_run_thread, args=(team, stop), name=f"{name}-{number}", daemon=True)
        for name, team, at_once in teams
        for number in range(at_once)
    ]
    for thread in threads:
        thread.start()
    worker.run_until(stop)
    for thread in threads:
        thread.join(TIMEOUT_SECONDS)  # what is under way is finished; what is not is sent again after its lease


def _tell_of_children(world: World) -> None:
    """Look for what imports changed of people's children; a daemon, as above."""
    telling = ChildrenTold(
        stores=world.stores, clock=world.clock, secrets=world.secrets, policy=activation_policy(world.settings)
    )
    threading.Thread(
        target=repeat,
        args=(telling.run_once, CHILDREN_TOLD_EVERY_SECONDS, threading.Event(), "children"),
        name="children",
        daemon=True,
    ).start()


def _run_thread(worker: OutboxWorker, stop: threading.Event) -> None:
    """Send in a thread. One that fails ends its process, which is replaced: nobody would miss the thread alone."""
    try:
        worker.run_until(stop)
    except Exception as failure:  # noqa: BLE001  whatever it is
        structlog.get_logger("preau.outbox").critical("a thread of the outbox failed", exc_info=failure)
        stop.set()


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
    engine = make_engine(settings.database_url)
    # The master key is read when there is somebody to tell, and not before: an import by itself seals nothing.
    telling = telling_of_phones(settings, lambda: MasterKey(load_master_key(settings)))
    with RejectWriter(rejects) as reject:
        return run_import(
            lambda: (record for file in files for record in read_file(file, on_bytes=on_bytes)),
            DirectoryStore(engine, telling),
            make_clock(settings, engine),
            policy,
            on_reject=reject,
            on_progress=on_progress,
        )


def telling_of_phones(settings: Settings, load_secrets: Callable[[], MasterKey]) -> OnPhones:
    """Return what tells people that an import changed their number, in the import's own transaction."""
    changes = PhoneChanges(activation_policy(settings))

    def tell(connection: Connection, moves: Sequence[PhoneMove], at: datetime) -> None:
        changes.tell(SqlUnit(Link(connection, repeats=False), load_secrets()), moves, at)

    return tell


def check_consistency(settings: Settings) -> Iterator[str]:
    """Yield one sentence for each thing in the database that may not be.

    Raises:
        SettingsError: There is no usable master key.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
    """
    world = build_world(settings)
    return find_violations(world.engine, world.secrets, world.clock.now(), keeps_bodies=settings.test_instance)


def build_outbox_worker(world: World) -> OutboxWorker:
    """Return what sends the texts of the outbox."""
    return OutboxWorker(
        world.engine,
        world.secrets,
        world.clock,
        {"sms": build_sms_sender(world.settings, world.outbound.around)},
        keep_bodies=world.settings.test_instance,
        watch=Watch.of(world.settings, world.metrics, world.tracing),
        before_first_try=DeliveryFaults(world.engine, world.secrets).meet if world.settings.sandbox.enabled else None,
    )


def build_mail_worker(world: World) -> OutboxWorker:
    """Return what sends the mails of the outbox."""
    return OutboxWorker(
        world.engine,
        world.secrets,
        world.clock,
        {MAIL_CHANNEL: build_mail_sender(world.settings, world.secrets, world.outbound.around)},
        keep_bodies=world.settings.test_instance,
        beats=False,
        watch=Watch.of(world.settings, world.metrics, world.tracing),
        before_first_try=DeliveryFaults(world.engine, world.secrets).meet if world.settings.sandbox.enabled else None,
    )


def build_logout_worker(world: World) -> OutboxWorker:
    """Return what tells ENTs that somebody signed out."""
    sender = _build_logout_sender(world)
    return OutboxWorker(
        world.engine,
        world.secrets,
        world.clock,
        {LOGOUT_CHANNEL: sender},
        keep_bodies=False,
        beats=False,
        watch=Watch.of(world.settings, world.metrics, world.tracing),
    )


def _build_logout_sender(world: World) -> LogoutSender:
    surroundings: dict[str, Any] = {
        "issuer": issuer_of(world.settings),
        "clients": world.clients,
        "keys": world.keys,
        "clock": world.clock,
        "secrets": world.secrets,
        "around": world.outbound.around,
        "guard": address_guard(world.settings),
        "tls": trust_of(world.settings),
    }
    if not world.settings.sandbox.enabled:
        return LogoutSender(**surroundings)
    from idp.adapters.armed_faults import ArmedFaults
    from idp.sandbox.fault_board import FaultBoard
    from idp.sandbox.logout_faults import FaultyLogoutSender

    return FaultyLogoutSender(FaultBoard(ArmedFaults(world.engine), world), **surroundings)
