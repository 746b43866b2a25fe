"""`python -m franceconnect_bridge.simulator`: serve a simulator of FranceConnect, one worker, at http://localhost:8401."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from franceconnect_bridge.simulator.persons import PersonError, load_everybody
from franceconnect_bridge.simulator.runtime import configure_logs, port_is_taken
from franceconnect_bridge.simulator.settings import Settings, SettingsError, load_clients

THREADS = 64  # a slow fault holds one for as long as it lasts
TOKEN_VARIABLE = "PREAU_SANDBOX_TOKEN"  # noqa: S105  a variable's name
_PR_SET_PDEATHSIG = 1


class ServeError(Exception):
    """The server cannot start; the message is one sentence."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. One worker: what is under way lives in its memory.

    Raises:
        ServeError: The port is taken.
        PersonError: The persons' file cannot be used.
    """
    # Slow to import: not for those who only want `create_app`.
    from granian import Granian
    from granian.constants import Interfaces

    host, port = settings.listen_address
    load_everybody(settings.persons, settings.families)  # a sentence now, rather than a worker that dies later
    if port_is_taken(host, port):
        raise ServeError(f"Port {port} of {host} is taken: stop the other program, or use --listen.")
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
    server.serve(target_loader=partial(_load_in_worker, settings, os.getpid()), wrap_loader=False)


def _load_in_worker(settings: Settings, parent: int) -> Callable[..., Any]:
    from franceconnect_bridge.simulator.app import create_app

    _die_with(parent)
    configure_logs()
    return create_app(settings)


def _die_with(parent: int) -> None:
    """Ask Linux to end this worker when its parent dies, kill -9 included; elsewhere do nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: list[str] | None = None) -> int:
    """Read the options and serve; 1 and one sentence when something is wrong."""
    try:
        serve(read_options(arguments))
    except (SettingsError, PersonError, ServeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def read_options(arguments: list[str] | None = None) -> Settings:
    """Return the settings that a command line asks for.

    Raises:
        SettingsError: They cannot work together.
    """
    usual = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m franceconnect_bridge.simulator",
        description="A strict simulator of FranceConnect v2, with fictional persons. docs/reference/franceconnect-simulator.md",
    )
    parser.add_argument("--base-url", default=usual.base_url, help=f"origin that browsers see ({usual.base_url})")
    parser.add_argument("--listen", default=usual.listen, help=f"host and port of the server ({usual.listen})")
    parser.add_argument(
        "--idp-origin",
        default=usual.idp_origin,
        help=f"origin of the provider that the default client is registered for ({usual.idp_origin})",
    )
    parser.add_argument(
        "--backchannel-host",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="another host at which servers reach it, as containers do; may be given again",
    )
    parser.add_argument("--clients", type=Path, metavar="FILE", help="TOML file of clients, besides the default one")
    parser.add_argument("--persons", type=Path, metavar="FILE", help="TOML file of persons, in the place of ours")
    parser.add_argument(
        "--families",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="families document, or a folder of them, whose guardians are persons too; may be given again",
    )
    parser.add_argument(
        "--sandbox-token",
        default=os.environ.get(TOKEN_VARIABLE, ""),
        help=f"token of the control API; needed when other machines reach it (else {TOKEN_VARIABLE})",
    )
    parser.add_argument("--no-single-sign-on", action="store_true", help="ask for an account at every sign-in")
    parser.add_argument(
        "--strict-skin",
        action="store_true",
        help="without the link « Ce n'est pas vous ? », which today's real page does not have",
    )
    parser.add_argument("--accept-unknown-parameters", action="store_true", help="do not refuse PKCE and the like")
    told = parser.parse_args(arguments)
    return Settings(
        base_url=told.base_url.rstrip("/"),
        listen=told.listen,
        idp_origin=told.idp_origin.rstrip("/"),
        backchannel_hosts=tuple(told.backchannel_host),
        clients=load_clients(told.clients) if told.clients else (),
        persons=told.persons,
        families=tuple(told.families),
        sandbox_token=told.sandbox_token,
        single_sign_on=not told.no_single_sign_on,
        shows_way_back=not told.strict_skin,
        refuses_unknown_parameters=not told.accept_unknown_parameters,
    )


if __name__ == "__main__":
    sys.exit(main())
