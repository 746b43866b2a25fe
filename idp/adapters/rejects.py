"""The file of rejected records: file, line, the record's id and the reason, in CSV. No other personal data."""

import csv
from pathlib import Path
from types import TracebackType

from idp.journeys.directory_ports import RejectedRecord


class RejectWriter:
    """Writes rejected records as they come; a file with its headings alone says that there were none."""

    def __init__(self, path: Path) -> None:
        """Begin the file, in place of the former one.

        Raises:
            OSError: It cannot be written.
        """
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(("file", "line", "record", "reason"))

    def __enter__(self) -> "RejectWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __call__(self, rejected: RejectedRecord) -> None:
        """Write one line."""
        self._rows.writerow((rejected.file, rejected.line, rejected.jointure, rejected.reason))
