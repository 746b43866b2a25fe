"""From what was named on a command line to the files that are to be read, in their order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from idp.adapters.directory_files.archives import ARCHIVE_MARK, list_members, printable
from idp.adapters.directory_files.files import DirectoryFile, Place
from idp.adapters.directory_files.heads import FILE_KIND, Head, read_head
from idp.journeys.directory_ports import Origin, RejectedFile

MAX_FILES = 10_000  # in all: a folder named by mistake is not walked to its end

_JUNK = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_SPLIT = re.compile(r"_([0-9]{4})(\.[A-Za-z]+)$")


class FoundFiles(list[DirectoryFile]):
    """The files to be read, and the names of those in folders and archives that are no directory files."""

    def __init__(self, files: Iterable[DirectoryFile], ignored: Iterable[str]) -> None:
        super().__init__(files)
        self.ignored = tuple(ignored)


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: Place
    head: Head


def find_files(paths: Sequence[Path]) -> FoundFiles:
    """Return the directory files of these paths: schools first, then pupils, guardians and links, each in the order of their names.

    Folders are looked through, archives too, without unpacking them. In both, DTDs, hidden files and what systems leave behind are passed
    over, and other unknown files are listed as ignored; a file that is named itself must be a directory file.

    Args:
        paths: Files, folders and ZIP archives.

    Raises:
        RejectedFile: A path is not there, not readable, or holds something that may not be read; no directory file at all; a part of a
            split full export is missing.
    """
    candidates: list[_Candidate] = []
    ignored: list[str] = []
    for place, is_named in _places(paths):
        first_bytes = place.load_head()
        if place.member is not None and first_bytes.startswith(ARCHIVE_MARK):
            raise RejectedFile(f"{place.name} is an archive in an archive: unpack the outer one first.")
        head = read_head(PurePosixPath(place.name).name, first_bytes)
        if head.format is not None:
            candidates.append(_Candidate(place, head))
        elif is_named or FILE_KIND.search(place.name):
            raise RejectedFile(f"{place.name} {head.fault}.")
        else:
            ignored.append(place.name)
    if not candidates:
        raise RejectedFile("No directory file was found.")
    files = [_make_file(candidate, candidates) for candidate in candidates]
    _check_parts(files)
    return FoundFiles(sorted(files, key=lambda file: (file.rank, file.name)), sorted(ignored))


def _places(paths: Sequence[Path]) -> Iterator[tuple[Place, bool]]:
    """Yield what is in these paths, each file once, and whether it was named itself."""
    seen: set[Path] = set()
    count = 0
    for path, is_named in _walk(paths):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        for place in _places_in(path):
            count += 1
            if count > MAX_FILES:
                raise RejectedFile(f"More than {MAX_FILES} files: name the folders of the exports themselves.")
            yield place, is_named and place.member is None


def _walk(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            for count, inner in enumerate(sorted(path.rglob("*"))):
                if count > 2 * MAX_FILES:
                    raise RejectedFile(f"{path.name} holds too many files to be a folder of exports.")
                if inner.is_file() and not _is_junk(inner.relative_to(path).parts):
                    yield inner, False
        elif path.is_file():
            yield path, True
        elif path.exists():
            raise RejectedFile(f"{path.name} is neither a file nor a folder.")
        else:
            raise RejectedFile(f"{path.name} cannot be read: no such file or directory.")


def _places_in(path: Path) -> Iterator[Place]:
    """Yield the file itself, or the members of the archive that it is."""
    shown = printable(path.name)
    try:
        plain = Place(shown, path, path.stat().st_size)
        if not _is_archive(plain):
            yield plain
            return
        for member in list_members(path):
            if not _is_junk(PurePosixPath(member.name).parts):
                yield Place(f"{shown}!{printable(member.name)}", path, member.size, member)
    except OSError as error:
        raise RejectedFile(f"{shown} cannot be read: {(error.strerror or 'unknown cause').lower()}.") from None


def _is_archive(place: Place) -> bool:
    return place.path.suffix.lower() == ".zip" or place.load_head().startswith(ARCHIVE_MARK)


def _is_junk(parts: Sequence[str]) -> bool:
    return parts[-1].lower().endswith(".dtd") or any(part.startswith(".") or part.lower() in _JUNK for part in parts)


def _make_file(candidate: _Candidate, all_of_them: Sequence[_Candidate]) -> DirectoryFile:
    place, head = candidate.place, candidate.head
    known = head.format or Origin.AAF_2D
    if not head.sure:
        known = _degree_by_others(all_of_them) or known
    return DirectoryFile(place.name, place.size, head.full, known, head.uai, head.rank, place)


def _degree_by_others(candidates: Sequence[_Candidate]) -> Origin | None:
    """Return the degree of the AAF files that show theirs, None when they differ: a file of deletions alone goes with its neighbours."""
    seen = {
        one.head.format for one in candidates if one.head.sure and one.head.format in {Origin.AAF_1D, Origin.AAF_2D}
    }
    return seen.pop() if len(seen) == 1 else None


def _check_parts(files: Iterable[DirectoryFile]) -> None:
    """Refuse a split export of which a part is missing: whoever is in it would be taken for gone.

    Raises:
        RejectedFile: A part between two others is not there.
    """
    sets: dict[str, set[int]] = {}
    for file in files:
        part = _SPLIT.search(file.name)
        if part and file.full is not False:
            sets.setdefault(_SPLIT.sub(r"_????\2", file.name), set()).add(int(part[1]))
    for name, numbers in sets.items():
        missing = set(range(min(numbers), max(numbers))) - numbers
        if missing:
            raise RejectedFile(f"{name}: part {min(missing):04} is missing.")
