"""ZIP archives, whose members are read where they are and never written out.

A hostile archive is refused before a byte of a member is read: the list of members, the size of each and the ratio to what is stored are
bounded, and Python's reader gives no more bytes of a member than the list says. The ratio is also that of all members to the archive's own
size, so that members which share the same bytes gain nothing.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from idp.journeys.directory_ports import RejectedFile

ARCHIVE_MARK = b"PK\x03\x04"
"""The first bytes of a ZIP."""
MAX_MEMBERS = 1_000
MAX_MEMBER = 4 * 1024**3 - 1  # bytes, uncompressed: what a ZIP without the 64-bit extension can hold
MAX_RATIO = 200  # directory files shrink to a tenth, made-up ones to a fiftieth
_RATIO_MATTERS = 1_048_576  # bytes: below, a ratio harms nobody
_LARGEST_READ = 2 * 1_048_576  # bytes: the list of members, which Python reads at once
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)
# What Python's reader says of lists of members and of headers that make no sense.
_SENSELESS = (*_DAMAGED, ValueError, NotImplementedError, OverflowError, struct.error)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    archive: str  # the archive's name
    name: str  # with its folders
    offset: int  # tells it from another one of the same name
    size: int  # bytes, uncompressed


def list_members(path: Path) -> list[Member]:
    """Return the files of an archive, in its order.

    Raises:
        RejectedFile: It is no archive, or one that is not read: damaged, encrypted, too large, or made to harm.
        OSError: It cannot be opened.
    """
    with _opened(path) as archive:
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        if len(infos) > MAX_MEMBERS:
            raise RejectedFile(f"{path.name} holds more than {MAX_MEMBERS} files.")
        for info in infos:
            _check_member(path.name, info)
        total = sum(info.file_size for info in infos)
        if total > max(_RATIO_MATTERS, MAX_RATIO * path.stat().st_size):
            raise RejectedFile(f"{path.name} would grow more than {MAX_RATIO} times: it is not opened.")
        return [Member(path.name, info.filename, info.header_offset, info.file_size) for info in infos]


@contextmanager
def opened_member(path: Path, member: Member) -> Iterator[BinaryIO]:
    """Open a member's bytes, uncompressed as they are read.

    Raises:
        RejectedFile: The archive is damaged, or is not the one that was listed.
        OSError: It cannot be opened.
    """
    with _opened(path) as archive:
        info = next((one for one in archive.infolist() if one.header_offset == member.offset), None)
        if info is None or info.filename != member.name:
            raise RejectedFile(f"{path.name} has changed while it was read.")
        try:
            stream = archive.open(info)
        except (*_SENSELESS, RuntimeError):
            raise RejectedFile(f"{path.name} is damaged, or no ZIP archive.") from None
        with stream:
            yield cast(BinaryIO, stream)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with _Bounded(path) as file:
        damaged = RejectedFile(f"{path.name} is damaged, or no ZIP archive.")
        try:
            archive = zipfile.ZipFile(file)
        except _SENSELESS:
            raise damaged from None
        try:
            with archive:
                yield archive
        except _DAMAGED:
            raise damaged from None


class _Bounded(io.FileIO):
    """A file that is never read in one piece larger than the list of members of an honest archive."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = _LARGEST_READ  # the archive's last 64 KB are asked for in this way
        if size > _LARGEST_READ:
            raise RejectedFile(f"{Path(str(self.name)).name} has a list of members that is too long.")
        return super().read(size) or b""


def _check_member(archive: str, info: zipfile.ZipInfo) -> None:
    shown = f"{archive}!{printable(info.filename)}"
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if not name.parts:
        raise RejectedFile(f"{archive} holds a file without a name.")
    if name.is_absolute() or ".." in name.parts or (name.parts and name.parts[0].endswith(":")):
        raise RejectedFile(f"{shown} has a name that leads out of its archive.")
    if name.suffix.lower() in {".zip", ".7z", ".gz", ".rar"}:
        raise RejectedFile(f"{shown} is an archive in an archive: unpack the outer one first.")
    if info.flag_bits & _ENCRYPTED:
        raise RejectedFile(f"{shown} is encrypted: unpack it first.")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise RejectedFile(f"{shown} is compressed in a way that is not read here: unpack it first.")
    if info.file_size > MAX_MEMBER:
        raise RejectedFile(f"{shown} is larger than {MAX_MEMBER} bytes.")
    if info.file_size > max(_RATIO_MATTERS, MAX_RATIO * info.compress_size):
        raise RejectedFile(f"{shown} would grow more than {MAX_RATIO} times: it is not opened.")


def printable(name: str) -> str:
    """Return a name as a report can show it: a hostile one may hold line ends or worse."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:200])
