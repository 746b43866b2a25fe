"""Messages that go no further than a file of this machine: one JSON object a line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def append_line(path: Path, members: Mapping[str, Any]) -> None:
    """Append one line to a file readable by its owner alone; its directory is made.

    Raises:
        OSError: The file cannot be written.
    """
    line = json.dumps(members, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    # Unbuffered and in append mode: one write, so that lines of two workers never mix.
    with path.open("ab", buffering=0) as file:
        file.write(line.encode())
