"""`preau serve`: web processes and one outbox process, under a parent that none outlives.

The parent imports the application, so that its children share that memory and start at once, but builds none: every process opens its own
database connections and parses its own keys, after the fork.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from idp.runtime import (
    BODIES_AT_ONCE,
    HEADER_BYTES,
    OUTBOUND_CALLS,
    WAITS,
    configure_logs,
    counting_directory,
    die_with_parent,
    granian_log_config,
    is_port_free,
)
from idp.settings import Settings, create_master_key, load_master_key

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from _typeshed.wsgi import WSGIApplication

WEB = "idp.app:create_app"  # called with the settings, returns a WSGI application
OUTBOX = "idp.world:run_outbox"  # called with the settings, returns after SIGTERM

_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

LAST_REQUESTS_SECONDS = 10  # what requests under way are given when the server stops
OUTBOX_PAUSE_SECONDS = 1.0  # before an outbox process that ended is replaced
HEADER_SECONDS = 10  # a browser that takes longer to say what it wants is let go
BLOCKING_THREADS_IDLE_SECONDS = 600
BACKLOG = 1024
SPARE_THREADS = 4  # of a process: they tell those who find no place to come back


class ServerError(Exception):
    """The server cannot start; its text is one sentence for the operator."""


def check_tables(settings: Settings) -> None:
    """Refuse a database that is not this version's.

    One that does not answer is no reason: the server starts, says so on every page, and recovers when it is back.

    Raises:
        ServerError: The tables are missing or another version's.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from idp.adapters.migrate import is_current

    try:
        current = is_current(settings.database_url)
    except SQLAlchemyError as error:
        structlog.get_logger("preau.serve").warning("the database does not answer yet", exc_info=error)
        return
    if not current:
        raise ServerError("The database's tables are missing or another version's: run preau db upgrade.")


def prepare_families(settings: Settings) -> None:
    """Take in the families documents that the settings name, if any. Nothing of it is even imported without.

    Raises:
        ServerError: They cannot be taken in.
    """
    if not settings.families.asked:
        return
    from sqlalchemy.exc import SQLAlchemyError

    from idp.families import load_families
    from idp.journeys.directory_desk import ImportUnderWay
    from idp.journeys.families.document import FamiliesRefused

    log = structlog.get_logger("preau.serve")
    try:
        report = load_families(settings)
    except (FamiliesRefused, ImportUnderWay) as refusal:
        raise ServerError(str(refusal)) from None
    except OSError as error:
        raise ServerError(
            f"{settings.families.file} cannot be read: {(error.strerror or str(error)).lower()}."
        ) from None
    except SQLAlchemyError as error:
        log.warning("the database does not answer yet: the families are not loaded", exc_info=error)
        return
    log.info("families loaded", records=report.added + report.changed, accounts=len(report.made), kept=len(report.kept))
    if report.notes:  # their words name accounts
        log.warning(
            "accounts or faults were left out: preau families load says which, and why", count=len(report.notes)
        )


def serve(
    settings: Settings,
    *,
    web: str = WEB,
    outbox: str | None = OUTBOX,
    check: Callable[[Settings], None] = check_tables,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: checked settings.
        web: "module:function" that makes the WSGI application from the settings.
        outbox: "module:function" that sends messages until SIGTERM, or None for no outbox process.
        check: refuses to start, with a ServerError.

    Raises:
        ServerError: The port is taken or cannot be used, the tables are not this version's, or the web processes die at once.
        SettingsError: There is no master key, and this is not a test instance, which would make one.
    """
    configure_logs(settings.log_level, settings.log_format)
    _check_port(settings.listen, settings.listen_address, "listen")
    if settings.metrics.listen:
        _check_port(settings.metrics.listen, settings.metrics.listen_address, "metrics.listen")
    if settings.test_instance and settings.master_key is None:
        create_master_key(settings.master_key_file)
    load_master_key(settings)
    with _nothing_collected():
        check(settings)
        make_application = load_function(web)
        send = load_function(outbox) if outbox else None
    prepare_families(settings)
    # Children inherit what the parent has imported; Python 3.14 would start them from nothing.
    multiprocessing.set_start_method("fork", force=True)
    _hold_signals_during_forks()
    sender = OutboxProcess(send, settings) if send else None
    with counting_directory() if settings.metrics.listen else nullcontext():
        if sender:
            sender.start()
        try:
            _run_web(settings, make_application)
        finally:
            if sender:
                sender.stop()


def load_function(target: str) -> Callable[[Settings], object]:
    """Return the function that "module:function" names."""
    module, _, name = target.partition(":")
    found: Callable[[Settings], object] = getattr(import_module(module), name)
    return found


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Import without looking for garbage, which takes a sixth of that time, and leave what was imported out of every later look.

    What looks for garbage writes in each object that it meets: a child would have its own copy of pages that it can share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _check_port(listen: str, place: tuple[str, int], setting: str) -> None:
    address, port = place
    try:
        free = is_port_free(address, port)
    except OSError as error:
        raise ServerError(f"Cannot listen on {listen}: {(error.strerror or str(error)).lower()}.") from None
    if not free:
        raise ServerError(
            f"Port {port} of {address} is taken by another program: stop it, or choose another port with {setting}."
        )


def _run_web(settings: Settings, make_application: Callable[[Settings], object]) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server import Server

    address, port = settings.listen_address
    parent = os.getpid()

    def load() -> "WSGIApplication":
        """Run in a web process, right after the fork."""
        begin_child(parent)
        with _without_words("a web process failed before its first request"):
            return make_application(settings)  # type: ignore[return-value]  # the target's contract

    server = Server(
        WEB,
        address=_numeric(address),
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=count_threads(settings),
        blocking_threads_idle_timeout=BLOCKING_THREADS_IDLE_SECONDS,
        backlog=BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_REQUESTS_SECONDS,
        log_dictconfig=granian_log_config(settings.log_format),
    )
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit:
        raise ServerError("The web processes ended as soon as they were started: the lines above say why.") from None


def count_threads(settings: Settings) -> int:
    """Return the threads of one web process: one for each place that a request may hold, and a few that are free to say no.

    Without the last ones, requests past capacity would queue in the server, unanswered.
    """
    waits = WAITS if settings.sandbox.enabled else 0
    return settings.requests_at_once + OUTBOUND_CALLS + BODIES_AT_ONCE + SPARE_THREADS + waits


def _hold_signals_during_forks() -> None:
    """Let every child that is forked from now on end by the signals that end us, from its first moment on.

    It inherits the parent's handlers: until the server sets its own, a SIGTERM would be taken and forgotten, and the child be waited for
    in vain. A signal that comes meanwhile waits until the child has its own way to take it.
    """

    def let_go() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def begin_anew() -> None:
        for one in _ENDS:
            signal.signal(one, signal.SIG_DFL)
        let_go()

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS),
        after_in_parent=let_go,
        after_in_child=begin_anew,
    )


def begin_child(parent: int) -> None:
    """Make a child that has just been forked its own: it dies with its parent, and the parent alone hears Ctrl-C.

    Args:
        parent: process id of the parent, taken before the fork.
    """
    # The server hands the environment to every request; the settings are read by now, and secrets among them.
    for name in [name for name in os.environ if name.startswith("PREAU_")]:
        del os.environ[name]
    # A terminal's Ctrl-C goes to the whole process group; the parent passes it on, once requests under way are counted.
    os.setpgid(0, 0)
    die_with_parent(parent)


@contextmanager
def _without_words(what: str) -> Iterator[None]:
    """End a child that fails; multiprocessing would print the exception's message, which may hold anything."""
    try:
        yield
    except Exception as failure:  # noqa: BLE001  whatever it is
        structlog.get_logger("preau.serve").critical(what, exc_info=failure)
        sys.exit(1)


class OutboxProcess:
    """The process that sends messages, and the thread of the parent that replaces it when it dies."""

    def __init__(self, run: Callable[[Settings], object], settings: Settings) -> None:
        self._run = run
        self._settings = settings
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._turn = threading.Lock()  # between deciding to start a process and having one to stop
        self._process: ForkProcess | None = None
        # Forked by this thread alone, because the kernel's tie is to the thread that forks.
        self._keeper = threading.Thread(target=self._keep, name="outbox-keeper", daemon=True)

    def start(self) -> None:
        """Start the process and keep it alive."""
        self._keeper.start()
        self._started.wait()

    def stop(self) -> None:
        """Let it finish the message under way, and wait for it."""
        with self._turn:
            self._stopping.set()
            if self._process:
                self._process.terminate()
        self._keeper.join(LAST_REQUESTS_SECONDS)
        if self._process and self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _keep(self) -> None:
        log = structlog.get_logger("preau.serve")
        parent = os.getpid()
        while process := self._start_one(parent):
            process.join()
            if not self._stopping.is_set():
                log.error("the outbox process ended and is replaced", exit=process.exitcode)
                self._stopping.wait(OUTBOX_PAUSE_SECONDS)

    def _start_one(self, parent: int) -> "ForkProcess | None":
        with self._turn:
            if self._stopping.is_set():
                return None
            fork = multiprocessing.get_context("fork")
            self._process = fork.Process(target=self._work, args=(parent,), name="preau-outbox")
            self._process.start()
            self._started.set()
            return self._process

    def _work(self, parent: int) -> None:
        begin_child(parent)
        with _without_words("the outbox process failed"):
            self._run(self._settings)
        sys.stderr.flush()


def _numeric(address: str) -> str:
    """The server wants an address, not a name."""
    return "127.0.0.1" if address == "localhost" else address
