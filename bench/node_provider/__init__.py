"""oidc-provider, the certified OpenID provider for Node, on this machine: found, described and run.

`server.mjs` sets it up, `stores.mjs` is what it keeps its tokens in; the lock beside them names every package of it. Its version is the
one of `make interop`: 8.8 runs on the Node of Debian 12, 9.13 does not, and costs the same.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.places import PASSWORD, free_port
from bench.server import running_command
from bench.visitor import (
    CLIENT_ID,
    CLIENT_SECRET,
    MACHINE_ID,
    MACHINE_SCOPE,
    REDIRECT_URI,
    REFRESHING_ID,
    RESOURCE,
    SCOPE,
)

HERE = Path(__file__).parent
MEMORY, SQLITE = "memory", "SQLite"
_CODE = "authorization_code"
_CLIENTS: Mapping[str, tuple[str, ...]] = {
    CLIENT_ID: (_CODE,),
    REFRESHING_ID: (_CODE, "refresh_token"),
    MACHINE_ID: ("client_credentials",),
}


@dataclass(frozen=True, slots=True)
class Node:
    """What this machine runs it with.

    Attributes:
        path: Of the program.
        version: Of Node, without the v.
        library: Version of oidc-provider.
        stores: Of `MEMORY` and `SQLITE`, those that it can have: Node brings a driver of SQLite from 22.13 on.
    """

    path: str
    version: str
    library: str
    stores: tuple[str, ...]

    def describe(self) -> str:
        """Say in one line what was measured."""
        return f"oidc-provider {self.library} on Node {self.version}"


def find_node(name: str = "node", folder: Path = HERE) -> Node:
    """Look for Node, and for the packages of the lock.

    Args:
        name: The program, or its path.
        folder: Where the packages are installed.

    Raises:
        SystemExit: One of them is missing.
    """
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is missing: this bench needs Node (apt-get install nodejs npm).")
    package = folder / "node_modules/oidc-provider/package.json"
    if not package.exists():
        raise SystemExit(
            "oidc-provider is missing: `make bench-beside` installs it from bench/node_provider/package-lock.json."
        )
    version = _run(path, "--version").stdout.strip().removeprefix("v")
    has_sqlite = _run(path, "-e", "require('node:sqlite')").returncode == 0
    library = json.loads(package.read_text("utf-8"))["version"]
    return Node(path, version, library, (MEMORY, SQLITE) if has_sqlite else (MEMORY,))


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own command


@contextmanager
def running_node(
    node: Node, folder: Path, store: str, people: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, int]]:
    """Serve with it, and give its address and its process id.

    Args:
        node: Of `find_node`.
        folder: For its log, and for its database.
        store: One of `node.stores`.
        people: The claims of everybody who may sign in with the bench's password, by identifiant.

    Raises:
        SystemExit: It did not answer in 30 s.
    """
    port = free_port()
    told = {
        "port": port,
        "store": MEMORY if store == MEMORY else str(folder / "oidc-provider.db"),
        "clients": [_register(client_id, grant_types) for client_id, grant_types in _CLIENTS.items()],
        "scope": SCOPE,
        "resource": {"client": MACHINE_ID, "identifier": RESOURCE, "scope": MACHINE_SCOPE},
        "people": people,
        "password": PASSWORD,
    }
    command = [node.path, "server.mjs", json.dumps(told)]
    base = f"http://localhost:{port}"
    with running_command(command, folder / f"oidc-provider-{store}.log", base, folder=HERE) as pid:
        yield base, pid


def _register(client_id: str, grant_types: tuple[str, ...]) -> Mapping[str, object]:
    """Return a client's metadata (OpenID Connect Dynamic Client Registration 1.0 section 2)."""
    by_browser = _CODE in grant_types
    return {
        "client_id": client_id,
        "client_secret": CLIENT_SECRET,
        "grant_types": grant_types,
        "redirect_uris": [REDIRECT_URI] if by_browser else [],
        "response_types": ["code"] if by_browser else [],
    }
