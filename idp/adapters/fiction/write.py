"""Writes an export: household by household, into the files of every format at once."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from idp.adapters.fiction.aaf import AafWriter, Dialect
from idp.adapters.fiction.aaf1d import FirstDegree
from idp.adapters.fiction.aaf2d import SecondDegree
from idp.adapters.fiction.ent_directory import EntDirectoryWriter
from idp.adapters.fiction.export import Export, ExportFault, Format, Progress
from idp.adapters.fiction.households import draw_households
from idp.adapters.fiction.places import Enrolment, Land
from idp.adapters.fiction.siecle import SiecleWriter
from idp.adapters.fiction.tables import TableWriter

_STEP = 1000  # pupils between two words of progress
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the day that a ZIP gives what has no day


class _Writer(Protocol):
    def take(self, enrolments: Sequence[Enrolment]) -> None: ...

    def close(self) -> list[Path]: ...

    def abandon(self) -> None: ...


def write_export(folder: Path, export: Export, on_progress: Progress = lambda _: None) -> list[Path]:
    """Write an export's files in constant memory: the same bytes for the same export, on any machine.

    A ZIP holds the same files, and its own bytes depend on the machine's zlib.

    Args:
        folder: Where to; made when it is not there.
        export: What to write.
        on_progress: Called now and then with the number of pupils written.

    Returns:
        The files, ent-directory.json last when there is one.

    Raises:
        ExportFault: The folder holds something already: files of two exports side by side would be read as one.
        OSError: The files cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ExportFault(f"{folder} is not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    land = Land(export.school_count, export.academies)
    writers = _writers(folder, export, land)
    try:
        for enrolments in _enrolments(export, land, on_progress):
            for writer in writers:
                writer.take(enrolments)
        paths = [writer.close() for writer in writers]
    finally:
        for writer in writers:
            writer.abandon()
    ent = paths.pop() if export.has_ent_directory else []
    written = [path for group in paths for path in group]
    return [*(_zip(written, export) if export.zipped else written), *ent]


def _writers(folder: Path, export: Export, land: Land) -> list[_Writer]:
    dialects: dict[Format, Dialect] = {
        Format.AAF_2D: SecondDegree(export.codes),
        Format.AAF_1D: FirstDegree(export.codes, export.links),
    }
    writers: list[_Writer] = [AafWriter(folder, export, land, dialects[one]) for one in export.aaf]
    if Format.SIECLE in export.formats:
        writers.append(SiecleWriter(folder, export, land))
    if Format.CSV in export.formats:
        writers.append(TableWriter(folder, export, land))
    if export.has_ent_directory:
        writers.append(EntDirectoryWriter(folder / "ent-directory.json", [dialects[one] for one in export.aaf]))
    return writers


def _enrolments(export: Export, land: Land, on_progress: Progress) -> Iterator[list[Enrolment]]:
    """Yield the children of one household after the other until there are as many as asked for: the last household may be cut."""
    degrees = export.degrees
    written = told = 0
    for household in draw_households(export.seed, degrees):
        own = land.enrol(household, degrees)[: export.pupils - written]
        yield own
        written += len(own)
        if written >= export.pupils or written - told >= _STEP:
            told = written
            on_progress(written)
        if written >= export.pupils:
            return


def _zip(paths: Sequence[Path], export: Export) -> list[Path]:
    """Put the files of each folder into one ZIP there, and return the ZIPs."""
    by_folder: dict[Path, list[Path]] = {}
    for path in paths:
        by_folder.setdefault(path.parent, []).append(path)
    archives = []
    for folder, own in by_folder.items():
        archive = folder / f"export_{export.exported_on:%Y%m%d}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(own):
                entry = zipfile.ZipInfo(path.name, _EARLIEST)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, packed.open(entry, "w") as target:
                    while chunk := source.read(1 << 20):
                        target.write(chunk)
                path.unlink()
        archives.append(archive)
    return archives
