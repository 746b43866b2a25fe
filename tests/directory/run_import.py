"""A process of its own that imports a file and, after so many transactions, kills itself as `kill -9` would."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_files import find_files, read_file
from idp.adapters.stores import make_engine
from idp.journeys.directory_import import ImportPolicy, ImportReport, run_import


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return always the same moment."""
        return datetime(2031, 3, 14, 9, 26, tzinfo=UTC)


def main(database_url: str, file: str, batches: int) -> None:
    """Import, and be killed after so many batches of the second reading."""
    files = find_files([Path(file)])
    written = 0
    last = 0

    def watch(report: ImportReport) -> None:
        nonlocal written, last
        # The second reading counts from the beginning again.
        written = written + 1 if report.read < last or written else 0
        last = report.read
        if written == batches:
            os.kill(os.getpid(), signal.SIGKILL)

    run_import(
        lambda: (one for found in files for one in read_file(found)),
        DirectoryStore(make_engine(database_url)),
        Fixed(),
        ImportPolicy(test_instance=True, batch_size=10),
        on_reject=lambda _: None,
        on_progress=watch,
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
