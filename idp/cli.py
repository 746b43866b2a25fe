"""The `preau` command. Each command imports what it needs when it runs: the server starts before migrations are even read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from idp import __version__
from idp.cli_backup import backup, restore
from idp.cli_support import database_faults as _database_faults
from idp.cli_support import refuse as _refuse
from idp.cli_support import tell_without_words
from idp.cli_support import with_settings as _with_settings

if TYPE_CHECKING:
    from idp.settings import Settings


@contextmanager
def _revision_faults() -> Iterator[None]:
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        _refuse(f"The database was made by another version of Préau, or there is no such revision: {error}.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings file. Default: $PREAU_CONFIG, else ./preau.toml when there is one. PREAU_* variables win over it.",
)
@click.version_option(__version__, prog_name="preau")
def main(config: Path | None) -> None:
    """Préau, an OpenID Connect provider that behaves like EduConnect."""
    del config  # read by `_with_settings`


@main.command()
@_with_settings
def serve(settings: "Settings") -> None:
    """Serve until Ctrl-C or SIGTERM: web processes and one outbox process."""
    from idp.serve import ServerError
    from idp.serve import serve as run

    try:
        run(settings)
    except ServerError as error:
        _refuse(str(error))


@main.command()
@_with_settings
def init(settings: "Settings") -> None:
    """Make the master key's file, readable by its owner alone, unless there is one. Keep a copy of it: see docs/how-to/configure.md."""
    from idp.settings import create_master_key, load_master_key

    made = settings.master_key is None and create_master_key(settings.master_key_file)
    load_master_key(settings)
    click.echo(
        f"{settings.master_key_file} was made. Keep a copy in a safe place."
        if made
        else "There is a master key already."
    )


@main.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Its files.",
)
@click.option(
    "--idp-host", default="localhost", show_default=True, help="The provider's name: localhost or anything.localhost."
)
@click.option("--ent-host", default="localhost", show_default=True, help="The ENT's name.")
@click.option("--idp-port", type=click.IntRange(1, 65535), default=8400, show_default=True, help="The provider's port.")
@click.option("--ent-port", type=click.IntRange(1, 65535), default=8402, show_default=True, help="The ENT's port.")
def demo(directory: Path, idp_host: str, ent_host: str, idp_port: int, ent_port: int) -> None:
    """Start the provider with a fictional school, and the sample ENT, until Ctrl-C."""
    from idp.demo import Demo, DemoError, run_demo

    try:
        run_demo(Demo(directory, idp_host, ent_host, idp_port, ent_port))
    except DemoError as error:
        _refuse(str(error))


@main.group()
def config() -> None:
    """Look at the settings."""


@config.command("check")
@_with_settings
def config_check(settings: "Settings") -> None:
    """Read the settings as `serve` would; say what is wrong, one sentence each, and exit 1; or say that all is well."""
    count = len(settings.clients)
    kind = "a test instance" if settings.test_instance else "an instance for real people"
    click.echo(f"The settings are right: {settings.issuer}, {kind}, {count} client{'' if count == 1 else 's'}.")


@config.command("reference")
def config_reference() -> None:
    """Print docs/reference/settings.md: every setting, its default and its meaning."""
    from idp.settings.reference import render_reference

    click.echo(render_reference(), nl=False)


@main.group()
def db() -> None:
    """The database's tables."""


@db.command("upgrade")
@_with_settings
def db_upgrade(settings: "Settings") -> None:
    """Make the tables, or bring them up to this version."""
    from idp.adapters import migrate

    with _database_faults(), _revision_faults():
        migrate.upgrade(settings.database_url)
    click.echo("The database is up to date.")


@db.command("downgrade")
@click.argument("revision")
@_with_settings
def db_downgrade(settings: "Settings", revision: str) -> None:
    """Bring the tables back to REVISION (`base`: none). What later revisions kept is lost."""
    from idp.adapters import migrate

    with _database_faults(), _revision_faults():
        migrate.downgrade(settings.database_url, revision)
    click.echo(f"The database is at {revision}.")


@db.command("check")
@_with_settings
def db_check(settings: "Settings") -> None:
    """Walk the database and say what may not be, one sentence each, and exit 1; or say that all is well. The service may be running."""
    from idp.app import check_consistency

    clean = True
    with _database_faults():
        for sentence in check_consistency(settings):
            click.echo(sentence, err=True)
            clean = False
    if not clean:
        sys.exit(1)
    click.echo("Nothing is wrong in the database.")


@main.group()
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
        _refuse(str(fault))
    except OSError as error:
        _refuse(f"Cannot write in {folder}: {(error.strerror or 'unknown cause').lower()}.")
    else:
        click.echo(said)


@directory.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--academy", default="", help="National code of the files' academy. Default: read from the files.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("rejects.csv"),
    show_default=True,
    help="Where rejected records are listed.",
)
@click.option("--force-real-data", is_flag=True, help="Let a test instance take phones and INEs that may be real.")
@_with_settings
def directory_import(
    settings: "Settings", files: tuple[Path, ...], academy: str, rejects: Path, force_real_data: bool
) -> None:
    """Read the AAF files of one export and account for every record. Exits with 2 when some were rejected."""
    from idp.app import import_directory
    from idp.journeys.directory_import import ImportPolicy, ImportRefused
    from idp.journeys.directory_ports import RejectedFile

    policy = ImportPolicy(settings.test_instance, academy, force_real_data)
    interactive = sys.stderr.isatty()
    try:
        with _database_faults():
            report = import_directory(
                settings,
                files,
                policy,
                rejects,
                on_progress=lambda so_far: (
                    click.echo(f"\r{so_far.read} records read", nl=False, err=True) if interactive else None
                ),
            )
    except (ImportRefused, RejectedFile) as error:
        _refuse(str(error))
    if interactive:
        click.echo(err=True)
    click.echo(
        f"Academy {report.academy}: {report.read} records read = {report.added} added + {report.modified} modified"
        f" + {report.deleted} deleted + {report.unchanged} unchanged + {report.rejected} rejected."
    )
    if report.skipped:
        click.echo(f"Skipped: {', '.join(f'{count} {kind}' for kind, count in sorted(report.skipped.items()))}.")
    for name in report.incomplete_files:
        click.echo(f"{name} was not read to its end.", err=True)
    if not report.clean:
        click.echo(f"{report.rejected} rejected record{'s' if report.rejected > 1 else ''}: see {rejects}.", err=True)
        sys.exit(2)


main.add_command(backup)
main.add_command(restore)


def run() -> None:
    """Be the `preau` of a shell."""
    sys.excepthook = tell_without_words
    main()


if __name__ == "__main__":
    run()
