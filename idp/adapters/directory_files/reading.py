"""One door for every kind of file."""

from collections.abc import Callable, Iterator

from idp.adapters.directory_files.aaf import AafRecords
from idp.adapters.directory_files.files import DirectoryFile
from idp.adapters.directory_files.siecle import SiecleRecords
from idp.adapters.directory_files.tables import read_table
from idp.journeys.directory_ports import Origin, RejectedRecord, SourceRecord


def read_file(
    file: DirectoryFile, *, on_bytes: Callable[[int], None] | None = None
) -> Iterator[SourceRecord | RejectedRecord]:
    """Yield the records of a file in their order, in constant memory.

    A record that breaks a bound or the format is yielded as a `RejectedRecord`, and so is the point from which nothing could be read.

    Args:
        file: As `find_files` gives it.
        on_bytes: Told how many more bytes were read, each time that some were.

    Raises:
        RejectedFile: The file cannot be opened, is not what it seemed, declares entities or an encoding that is not known.
    """
    heard = on_bytes or _ignore
    if file.format is Origin.CSV:
        yield from read_table(file, heard)
    elif file.format is Origin.SIECLE:
        with file.open() as stream:
            yield from SiecleRecords(file.name).read(stream, heard)
    else:
        with file.open() as stream:
            yield from AafRecords(file.name, file.format).read(stream, heard)


def _ignore(count: int) -> None:
    del count
