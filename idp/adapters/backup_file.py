"""The file of a backup: what is in it, and how one knows that it is whole.

Lines of JSON, compressed by gzip: a header; for each table a line that names it and its columns, then one line for each row; at the end the
number of rows and a hash of every line before, keyed by the master key. So a file that was cut or changed is told before it is used, and
nobody who lacks the key can make one that would be taken.
"""

import gzip
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from idp.journeys.ports import Secrets

FORMAT = "preau-backup"
FORMAT_VERSION = 1
_LONGEST_LINE = 64 * 1024 * 1024  # bytes; a row is far shorter, and a file made to fill memory is refused
_PURPOSE = "backup"
_FINGERPRINT_PURPOSE = "backup-fingerprint"


class BackupRefused(Exception):  # noqa: N818  it is an answer, not a fault
    """A file that may not be restored, or a backup that may not be made; its text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line.

    Attributes:
        revision: Of the tables.
        master_key: What `fingerprint` says of the key that sealed the rows.
        test_instance: Whether its people are fictional.
        made_at: When, ISO 8601 in UTC.
        database: ``sqlite`` or ``postgresql``: where it comes from; it may go to the other.
    """

    revision: str
    master_key: str
    test_instance: bool
    made_at: str
    database: str


def fingerprint(secrets: Secrets) -> str:
    """Return what tells one master key from another and reveals nothing of it: a hash of a constant, keyed by it."""
    return secrets.keyed_hash(_FINGERPRINT_PURPOSE, FORMAT)


class BackupWriter:
    """Writes a file of backup, line by line.

    Args:
        target: Where the bytes go.
        header: The first line.
        secrets: What the last line's hash is keyed by.
    """

    def __init__(self, target: BinaryIO, header: Header, secrets: Secrets) -> None:
        # Neither name nor time in the wrapping: equal contents make equal files.
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=6, mtime=0)
        self._digest = hashlib.sha256()
        self._secrets = secrets
        self._rows = 0
        self._line({"format": FORMAT, "version": FORMAT_VERSION, **asdict(header)})

    def begin_table(self, name: str, columns: list[str]) -> None:
        """Say whose rows follow."""
        self._line({"table": name, "columns": columns})

    def add_row(self, values: list[Any]) -> None:
        """Add one row: numbers, texts, true, false and null."""
        self._line(values)
        self._rows += 1

    def end(self) -> int:
        """Write the last line and return the number of rows."""
        seal = self._secrets.keyed_hash(_PURPOSE, self._digest.hexdigest())
        self._line({"rows": self._rows, "hash": seal})
        self._packed.close()
        return self._rows

    def _line(self, value: object) -> None:
        line = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._packed.write(line)


class BackupReader:
    """Reads a file of backup.

    Args:
        path: The file.
        secrets: What the last line's hash is keyed by.
    """

    def __init__(self, path: Path, secrets: Secrets) -> None:
        self._path = path
        self._secrets = secrets

    def load_header(self) -> Header:
        """Read the first line alone.

        Raises:
            BackupRefused: It is no backup, another format's, or damaged.
            OSError: The file cannot be read.
        """
        return _header(next(self._lines(), b""))

    def check_whole(self) -> int:
        """Read the file to its end and return the number of its rows.

        Raises:
            BackupRefused: It was cut, changed, or made by somebody who lacks the master key.
            OSError: The file cannot be read.
        """
        return sum(1 for _ in self.rows())

    def rows(self) -> Iterator[tuple[str, list[str], list[Any]]]:
        """Give each row with its table's name and columns, in the order of the file; the last step tells whether the file was whole.

        Raises:
            BackupRefused: It was cut, changed, or made by somebody who lacks the master key.
            OSError: The file cannot be read.
        """
        digest = hashlib.sha256()
        lines = self._lines()
        first = next(lines, b"")
        _header(first)
        digest.update(first)
        table, columns, count = "", list[str](), 0
        for line in lines:
            said = _parse(line)
            if isinstance(said, list):
                count += 1
                yield table, columns, said
            elif "table" in said:
                table, columns = said["table"], said["columns"]
            else:
                self._check_end(said, digest, count, next(lines, b""))
                return
            digest.update(line)
        raise _damaged()

    def _check_end(self, said: dict[str, Any], digest: "hashlib._Hash", count: int, rest: bytes) -> None:
        expected = self._secrets.keyed_hash(_PURPOSE, digest.hexdigest())
        if rest or said.get("rows") != count or not hmac.compare_digest(str(said.get("hash")), expected):
            raise _damaged()

    def _lines(self) -> Iterator[bytes]:
        try:
            with gzip.open(self._path, "rb") as unpacked:
                while line := unpacked.readline(_LONGEST_LINE):
                    if not line.endswith(b"\n"):
                        raise _damaged()
                    yield line
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise _damaged() from None


def _header(line: bytes) -> Header:
    said = _parse(line)
    if not isinstance(said, dict) or said.pop("format", None) != FORMAT:
        raise BackupRefused("The file is no backup of Préau.")
    if said.pop("version", None) != FORMAT_VERSION:
        raise BackupRefused("The file is a backup in a format that this version of Préau does not know.")
    try:
        return Header(**said)
    except TypeError:
        raise _damaged() from None


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise _damaged() from None


def _damaged() -> BackupRefused:
    return BackupRefused("The file is damaged: it was cut short, or changed after it was made. Nothing was written.")
