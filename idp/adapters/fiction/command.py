"""What `preau directory generate` does with its words, and the sentence that it says at the end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from idp.adapters.aaf_writer import write_aaf, write_ent_directory
from idp.adapters.fiction.export import MAX_ENT_PUPILS, CsvEncoding, Export, Format, LinkSide, SiecleFields
from idp.adapters.fiction.write import write_export
from idp.people.fiction import FAMILIES
from idp.people.population import Codes

_ALL = "all"


def write_demo(folder: Path) -> str:
    """Write the demo's school.

    Raises:
        OSError: It cannot be written.
    """
    files = write_aaf(FAMILIES, folder)
    write_ent_directory(FAMILIES, folder / "ent-directory.json")
    return f"{len(files)} AAF files and ent-directory.json are in {folder}."


def write_volume(folder: Path, pupils: int, words: Mapping[str, Any], terminal: TextIO) -> str:
    """Write an export from the command's words.

    Args:
        folder: Where to.
        pupils: How many.
        words: The options' values, by their names.
        terminal: Where progress is shown, when it is a terminal.

    Raises:
        ExportFault: It cannot be.
        OSError: It cannot be written.
    """
    asked = words["file_format"]
    export = Export(
        pupils,
        seed=words["seed"],
        schools=words["schools"],
        academies=words["academies"],
        formats=tuple(Format) if asked == _ALL else (Format(asked),),
        split=words["split"],
        zipped=words["zipped"],
        delta=words["delta"],
        codes=Codes(words["codes"]),
        links=LinkSide(words["links"]),
        siecle_fields=SiecleFields(words["siecle_fields"]),
        csv_encoding=CsvEncoding(words["csv_encoding"]),
    )
    interactive = terminal.isatty()

    def show(written: int) -> None:
        if interactive:
            terminal.write(f"\r{written} of {pupils} pupils written")
            terminal.flush()

    files = write_export(folder, export, show)
    if interactive:
        terminal.write("\n")
    count = len(files) - export.has_ent_directory
    kind = "ZIP file" if export.zipped else "file" if asked == _ALL else f"{asked} file"
    said = f"{_counted(pupils, 'pupil')} of seed {export.seed}: {_counted(count, kind)}"
    if export.has_ent_directory:
        return f"{said} and ent-directory.json are in {folder}."
    why = f"; no ent-directory.json, which is for {MAX_ENT_PUPILS} pupils at most" if export.aaf else ""
    return f"{said} {'is' if count == 1 else 'are'} in {folder}{why}."


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
