"""`preau directory`: the school's directory, as whoever runs the service sees it."""

import csv
import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.journeys.directory_report import ImportReport
    from idp.settings import Settings

_BAR_WIDTH = 24
_TERMINAL_SECONDS = 0.2  # between two looks of the bar
_PLAIN_SECONDS = 5.0  # between two lines where there is no terminal


@click.group()
def directory() -> None:
    """The school's directory."""


@directory.command("generate")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--pupils", type=click.IntRange(1), help="How many pupils. Default: the demo's school, fifteen families.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same people.")
@click.option("--schools", type=click.IntRange(1), help="Schools of each degree. Default: one for each 600 pupils.")
@click.option("--academies", type=click.IntRange(1), default=1, show_default=True, help="A folder for each.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["aaf2d", "aaf1d", "siecle", "csv", "all"]),
    default="aaf2d",
    show_default=True,
    help="The files' format; `all` makes a folder for each.",
)
@click.option("--split", type=click.IntRange(1), default=5000, show_default=True, help="Records in one AAF file.")
@click.option("--zip", "zipped", is_flag=True, help="Put the files of each folder into one ZIP.")
@click.option("--delta", is_flag=True, help="Write what changed the day after besides (AAF).")
@click.option("--codes", type=click.Choice(["modern", "old"]), default="modern", show_default=True, help="Of links.")
@click.option(
    "--links",
    type=click.Choice(["pupil", "guardian"]),
    default="pupil",
    show_default=True,
    help="Whose record states a link, in AAF of first degree.",
)
@click.option(
    "--siecle-fields", type=click.Choice(["new", "old"]), default="new", show_default=True, help="Of links in SIECLE."
)
@click.option(
    "--csv-encoding",
    type=click.Choice(["utf-8", "windows-1252"]),
    default="utf-8",
    show_default=True,
    help="Windows-1252 takes accents away that it lacks.",
)
def directory_generate(folder: Path, pupils: int | None, **options: Any) -> None:
    """Write a fictional directory: the demo's school, or, with --pupils, one of any size from a seed; and the ENT's own copy of it."""
    from idp.adapters.fiction.command import write_demo, write_volume
    from idp.adapters.fiction.export import ExportFault

    given = click.get_current_context().get_parameter_source
    if pupils is None and any(given(name) is not ParameterSource.DEFAULT for name in options):
        raise click.UsageError("The demo's school has no options: give --pupils.")
    try:
        said = write_demo(folder) if pupils is None else write_volume(folder, pupils, options, sys.stderr)
    except ExportFault as fault:
        refuse(str(fault))
    except OSError as error:
        refuse(f"Cannot write in {folder}: {(error.strerror or 'unknown cause').lower()}.")
    else:
        click.echo(said)


@directory.command("import")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--academy", default="", help="National code of the files' academy. Default: read from the files.")
@click.option("--uai", default="", help="The school of spreadsheets that name none.")
@click.option(
    "--full/--delta",
    default=None,
    help="Whether the files hold all that their schools have. Default: what their names and first lines say.",
)
@click.option("--dry-run", is_flag=True, help="Read everything, write nothing, and say what would change.")
@click.option(
    "--confirm-changes", is_flag=True, help="Go on although more than 5 % of a school's phones or links change."
)
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("rejects.csv"),
    show_default=True,
    help="Where rejected records are listed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--force-real-data", is_flag=True, help="Let a test instance take phones and INEs that may be real.")
@with_settings
def directory_import(
    settings: "Settings",
    paths: tuple[Path, ...],
    academy: str,
    uai: str,
    full: bool | None,
    dry_run: bool,
    confirm_changes: bool,
    rejects: Path,
    as_json: bool,
    force_real_data: bool,
) -> None:
    """Read directory files, folders or ZIPs of one academy and account for every record.

    Exits with 0 when all is well, 1 when nothing could be done, 2 when records were rejected, 3 when too much of a school would change.
    """
    from idp.adapters.directory_files import find_files
    from idp.journeys.directory_desk import ImportUnderWay
    from idp.journeys.directory_import import ImportPolicy, ImportRefused, ImportStopped, believe_full
    from idp.journeys.directory_ports import Origin, RejectedFile
    from idp.world import import_directory

    try:
        found = find_files(paths)
        for name in found.ignored:
            click.echo(f"{name} is no directory file.", err=True)
        files = [
            dataclasses.replace(file, uai=file.uai or uai.upper()) if file.format is Origin.CSV else file
            for file in found
        ]
        note = ""
        if full is None:
            full, note = believe_full({file.name: file.full for file in files})
        policy = ImportPolicy(
            settings.test_instance,
            academy,
            force_real_data,
            full=full,
            uais=frozenset(file.uai for file in files if file.uai),
            note=note,
            confirm_changes=confirm_changes,
            dry_run=dry_run,
        )
        progress = Progress(2 * sum(file.size for file in files))
        with database_faults():
            report = import_directory(
                settings, files, policy, rejects, on_progress=progress.note_records, on_bytes=progress.note_bytes
            )
        progress.end()
    except ImportStopped as stopped:
        _tell_schools(stopped.report, err=True)
        refuse(str(stopped), 3)
    except (ImportRefused, ImportUnderWay, RejectedFile) as error:
        refuse(str(error))
    click.echo(report.to_json()) if as_json else _tell(report)
    _tell_faults(report, rejects)
    if not report.clean:
        sys.exit(2)


@directory.command("waiting")
@with_settings
def directory_waiting(settings: "Settings") -> None:
    """List as CSV the links that are not made yet: their pupil is not known, or two pupils could be meant. Record ids only."""
    from idp.adapters.directory import DirectoryStore
    from idp.adapters.stores import make_engine

    table = csv.writer(sys.stdout, lineterminator="\n")
    with database_faults():
        table.writerow(("academy", "origin", "guardian", "pupil", "pupil id", "school", "why", "file", "line"))
        for one in DirectoryStore(make_engine(settings.database_url)).load_waiting():
            why = "several pupils" if one.homonyms else "no such pupil yet"
            key, value = one.pupil_key.value, one.pupil_value
            table.writerow(
                (
                    one.academy,
                    one.origin.value,
                    one.guardian_jointure,
                    key,
                    value,
                    one.pupil_uai,
                    why,
                    one.file,
                    one.line,
                )
            )


@directory.command("confirm-phone")
@click.argument("number")
@with_settings
def directory_confirm_phone(settings: "Settings", number: str) -> None:
    """Let a number that an import changed recover accounts at once, on the word of the school's office, instead of after 72 hours.

    Exits with 1 when nobody has this number.
    """
    from idp.choices import activation_policy
    from idp.journeys.phone_changes import PhoneChanges
    from idp.people.phones import PhoneFault, parse_mobile
    from idp.world import build_world

    try:
        mobile = parse_mobile("+33", number, fiction=settings.test_instance).e164
    except PhoneFault:
        refuse("This is no mobile number: write it with + and the country's code.")
    with database_faults():
        world = build_world(settings)
        with world.stores.writing() as desk:
            count = PhoneChanges(activation_policy(settings)).confirm(desk, mobile, world.clock.now())
    if not count:
        refuse("No record of the directory has this number.")
    click.echo(f"Confirmed: {count} record{'s' if count > 1 else ''} of the directory.")


class Progress:
    """Says on stderr how far an import is: a bar on a terminal, else a line every few seconds."""

    def __init__(self, total: int) -> None:
        """Begin.

        Args:
            total: Bytes to be read, in all readings.
        """
        self._total = total
        self._done = 0
        self._records = 0
        self._terminal = sys.stderr.isatty()
        self._began = self._told = time.monotonic()

    def note_bytes(self, count: int) -> None:
        """Take in that so many more bytes were read."""
        self._done += count
        self._tell()

    def note_records(self, report: "ImportReport") -> None:
        """Take in the report so far."""
        self._records = report.read
        self._tell()

    def end(self) -> None:
        """Leave the line of the bar."""
        if self._terminal:
            click.echo(err=True)

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told < (_TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS):
            return
        self._told = now
        # A look for the academy may read the first file once more.
        part = min(1.0, self._done / self._total) if self._total else 1.0
        rate = self._done / 1e6 / (now - self._began)
        words = f"{part:4.0%}, {rate:.1f} MB/s, {self._records} records"
        if self._terminal:
            bar = "#" * round(part * _BAR_WIDTH)
            click.echo(f"\r[{bar:<{_BAR_WIDTH}}] {words} ", nl=False, err=True)
        else:
            click.echo(words, err=True)


def _tell(report: "ImportReport") -> None:
    if report.dry_run:
        click.echo("Dry run: nothing was written. What an import would do:")
        _tell_schools(report, err=False)
    click.echo(
        f"Academy {report.academy}: {report.read} records read = {report.added} added + {report.modified} modified"
        f" + {report.deleted} deleted + {report.unchanged} unchanged + {report.rejected} rejected."
    )
    if report.absent:
        click.echo(f"Absent: {report.absent} records that this full export no longer holds.")
    if report.linked or report.waiting or report.homonyms:
        click.echo(
            f"Links stated by guardians' files: {report.linked} made, {report.waiting} waiting for their pupil,"
            f" {report.homonyms} that two pupils could be meant by."
        )
    if report.skipped:
        click.echo(f"Skipped: {', '.join(f'{count} {kind}' for kind, count in sorted(report.skipped.items()))}.")


def _tell_schools(report: "ImportReport", *, err: bool) -> None:
    for uai, school in sorted(report.schools.items()):
        said: Sequence[str] = [
            f"{value} {name.replace('_', ' ')}" for name, value in dataclasses.asdict(school).items() if value
        ]
        if said:
            click.echo(f"{uai or 'no school'}: {', '.join(said)}.", err=err)


def _tell_faults(report: "ImportReport", rejects: Path) -> None:
    for sentence in report.notes:
        click.echo(sentence, err=True)
    for name in report.incomplete_files:
        click.echo(f"{name} was not read to its end.", err=True)
    count = report.rejected
    if count:
        click.echo(f"{count} rejected record{'s' if count > 1 else ''}: see {rejects}.", err=True)
    if report.homonyms:
        click.echo(f"Links that two pupils could be meant by are in {rejects} too.", err=True)
