"""A directory file: its name in reports, what it is, and its bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from idp.adapters.directory_files.archives import Member, opened_member
from idp.journeys.directory_ports import Origin, RejectedFile

HEAD_SIZE = 65_536  # bytes of a file that say what it is


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes are: a file, or a member of a ZIP."""

    name: str
    path: Path
    size: int
    member: Member | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the bytes.

        Raises:
            RejectedFile: They cannot be opened or read.
        """
        try:
            if self.member is not None:
                with opened_member(self.path, self.member) as stream:
                    yield stream
            else:
                with self.path.open("rb") as stream:
                    yield stream
        except OSError as error:
            raise RejectedFile(f"{self.name} cannot be read: {(error.strerror or 'unknown cause').lower()}.") from None

    def load_head(self) -> bytes:
        """Return the first bytes.

        Raises:
            RejectedFile: They cannot be read.
        """
        with self.open() as stream:
            return stream.read(HEAD_SIZE)


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """One file to be read.

    Attributes:
        name: As reports show it: ``file.xml``, or ``export.zip!folder/file.xml``.
        size: Bytes, uncompressed.
        full: Whether it holds all that its school has; None when nothing says so.
        format: What it is, by its first bytes.
        uai: The school that its name or its first lines give, "" when they give none. A CSV that names no school may be given one with
            `dataclasses.replace`.
        rank: Its turn among the files of an import: schools 0, pupils 1, guardians 2, links 3.
        place: Where its bytes are.
    """

    name: str
    size: int
    full: bool | None
    format: Origin
    uai: str
    rank: int
    place: Place = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file's bytes.

        Raises:
            RejectedFile: It cannot be opened or read.
        """
        with self.place.open() as stream:
            yield stream
