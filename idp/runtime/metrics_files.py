"""The files that processes count in, and what becomes of those whose process is dead."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Read by prometheus-client when it is first imported, in each process.
FILES_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# Never a process that could count: what dead processes had counted.
_DEAD = 0


@contextmanager
def counting_directory() -> Iterator[None]:
    """Give the processes that are started inside a directory to count in; it goes with them."""
    with tempfile.TemporaryDirectory(prefix="preau-metrics-") as directory:
        os.environ[FILES_VARIABLE] = directory
        try:
            yield
        finally:
            del os.environ[FILES_VARIABLE]


def files_directory() -> str | None:
    """Return where this server's processes count, or None outside `preau serve`."""
    return os.environ.get(FILES_VARIABLE)


def bury_dead_processes(directory: Path) -> None:
    """Move what dead processes had counted into one file, and take their gauges away.

    A counter may not fall when a process is replaced, and files may not pile up when that happens again and again.

    Raises:
        OSError: The files cannot be read or written.
    """
    from prometheus_client import mmap_dict

    open_file: Any = mmap_dict.MmapedDict  # the library gives it no types
    for path in sorted(directory.glob("*_*.db")):
        kind, _, number = path.stem.rpartition("_")
        pid = int(number) if number.isdecimal() else _DEAD
        if pid == _DEAD or _is_alive(pid):
            continue
        if not kind.startswith("gauge"):
            grave = open_file(str(directory / f"{kind}_{_DEAD}.db"))
            try:
                for key, value, _, _ in open_file.read_all_values_from_file(str(path)):
                    grave.write_value(key, grave.read_value(key)[0] + value, 0.0)
            finally:
                grave.close()
        path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return False
