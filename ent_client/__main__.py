"""`python -m ent_client`: serve the ENT with granian, one worker, where ENT_LISTEN says (127.0.0.1:8402)."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ent_client.client_key import load_client_key
from ent_client.directory import DirectoryError, load_directory
from ent_client.runtime import configure_logs, port_is_taken
from ent_client.settings import Settings, SettingsError, load_settings

THREADS = 16
_PR_SET_PDEATHSIG = 1


class ServeError(Exception):
    """The server cannot start; the message is one sentence."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. One worker, because sessions live in its memory; threads, because sign-ins wait.

    Raises:
        ServeError: when the port is taken.
        DirectoryError: when the directory file cannot be used.
        SettingsError: when the private key cannot.
    """
    # Slow to import: not for those who only want `create_app`.
    from granian import Granian
    from granian.constants import Interfaces

    host, port = settings.listen_address
    # A sentence now, rather than a worker that dies later.
    load_directory(settings.directory)
    if settings.private_key_file:
        load_client_key(settings.private_key_file)
    if port_is_taken(host, port):
        raise ServeError(f"Port {port} of {host} is taken: stop the other program or set ENT_LISTEN.")
    server = Granian(
        "ent_client",
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
    from ent_client.app import create_app

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
    """Read the settings and serve; 1 and one sentence when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m ent_client", description="The sample ENT.")
    parser.add_argument(
        "--config", type=Path, help="TOML file of settings (else ENT_CONFIG, else ENT_* variables alone)"
    )
    options = parser.parse_args(arguments)
    try:
        serve(load_settings(os.environ, options.config))
    except (SettingsError, DirectoryError, ServeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
