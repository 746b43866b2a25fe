"""The file of rejected records: file, line, the record's id and the reason, in CSV. No other personal data."""

import csv
from pathlib import Path
from types import TracebackType
from typing import TextIO

from idp.journeys.directory_ports import RejectedRecord


class RejectWriter:
    """Writes rejected records as they come. The former import's file goes at once; without rejects there is none."""

    def __init__(self, path: Path) -> None:
        """Take the former file away.

        Raises:
            OSError: It cannot be taken away.
        """
        path.unlink(missing_ok=True)
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "RejectWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def __call__(self, rejected: RejectedRecord) -> None:
        """Write one line.

        Raises:
            OSError: The file cannot be written.
        """
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(("file", "line", "record", "reason"))
        csv.writer(self._file).writerow((rejected.file, rejected.line, rejected.jointure, rejected.reason))
