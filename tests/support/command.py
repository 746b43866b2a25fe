"""The product's command line, as an operator types it."""

import subprocess
import sys
from pathlib import Path


def run_preau(settings: Path, *words: str) -> str:
    """Run the product's command line and return what it printed.

    Raises:
        AssertionError: The command failed; the message holds its output.
    """
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "idp.cli", "--config", str(settings), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"preau {words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout
