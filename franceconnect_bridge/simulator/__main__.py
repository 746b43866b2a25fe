"""`python -m franceconnect_bridge.simulator`: serve the simulator with granian, one worker, on http://localhost:8401."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from franceconnect_bridge.simulator.persons import Person, load_persons
from franceconnect_bridge.simulator.records import RecordError
from franceconnect_bridge.simulator.runtime import configure_logs, is_port_taken
from franceconnect_bridge.simulator.settings import Client, Settings, SettingsError, default_client, load_clients

THREADS = 32  # a slow fault holds one
_PR_SET_PDEATHSIG = 1


def parse(arguments: Sequence[str] | None) -> tuple[Settings, tuple[Person, ...]]:
    """Return what the command line asks for.

    Raises:
        SettingsError: An option is wrong.
        RecordError: A file of clients or persons is.
    """
    parser = argparse.ArgumentParser(
        prog="preau franceconnect-simulator", description="A strict FranceConnect v2 look-alike, with fictional people."
    )
    add = parser.add_argument
    add("--base-url", default="http://localhost:8401", help="its origin, as browsers write it (%(default)s)")
    add("--listen", default="127.0.0.1:8401", help="host:port of its server (%(default)s)")
    add(
        "--idp-origin",
        action="append",
        help="an origin of the identity provider, whose callback is registered; may be repeated (http://localhost:8400)",
    )
    add(
        "--backchannel-host",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="another host at which programs call it, as in containers; may be repeated",
    )
    add(
        "--sandbox-token",
        default=os.environ.get("PREAU_FC_SANDBOX_TOKEN", ""),
        help="what callers of the control API must send ($PREAU_FC_SANDBOX_TOKEN)",
    )
    add("--clients", type=Path, metavar="FILE", help="TOML file of more services, [[clients]]")
    add("--persons", type=Path, metavar="FILE", help="TOML file of more persons, [[persons]]")
    add("--no-sso", action="store_true", help="let a person choose her account each time")
    add("--strict-skin", action="store_true", help="hide the link that the real pages do not have")
    add("--lenient", action="store_true", help="pass over parameters that FranceConnect refuses, PKCE among them")
    options = parser.parse_args(arguments)
    settings = Settings(
        clients=_clients(tuple(options.idp_origin or ("http://localhost:8400",)), options.clients),
        base_url=options.base_url.rstrip("/"),
        listen=options.listen,
        backchannel_hosts=tuple(options.backchannel_host),
        sandbox_token=options.sandbox_token,
        sso=not options.no_sso,
        strict_skin=options.strict_skin,
        lenient=options.lenient,
    )
    return settings, load_persons(options.persons)


def _clients(idp_origins: tuple[str, ...], path: Path | None) -> tuple[Client, ...]:
    try:
        first = default_client(idp_origins)
    except ValueError as error:
        raise SettingsError(f"--idp-origin: {error}.") from None
    more = load_clients(path) if path is not None else ()
    return tuple({client.client_id: client for client in (first, *more)}.values())


def serve(settings: Settings, people: tuple[Person, ...]) -> None:
    """Serve until SIGINT or SIGTERM. One worker, because everything is in its memory; threads, because faults are slow.

    Raises:
        SettingsError: The port is taken.
    """
    # Slow to import: not for those who only want to know what is wrong with an option.
    from granian import Granian
    from granian.constants import Interfaces

    host, port = settings.listen_address
    if is_port_taken(host, port):
        raise SettingsError(f"Port {port} of {host} is taken: stop the other program, or see --listen.")
    server = Granian(
        "franceconnect_bridge.simulator",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    )
    server.serve(target_loader=partial(_load_in_worker, settings, people, os.getpid()), wrap_loader=False)


def _load_in_worker(settings: Settings, people: tuple[Person, ...], parent: int) -> Callable[..., Any]:
    from franceconnect_bridge.simulator.app import create_app

    _die_with(parent)
    configure_logs()
    return create_app(settings, people)


def _die_with(parent: int) -> None:
    """Ask Linux to end this worker when its parent dies, kill -9 included; elsewhere do nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options and serve; 1 and one sentence when something is wrong."""
    try:
        serve(*parse(arguments))
    except (SettingsError, RecordError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
