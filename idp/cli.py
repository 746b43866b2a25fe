"""The `preau` command. Each command imports what it needs when it runs: the server starts before migrations are even read."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from idp import __version__

if TYPE_CHECKING:
    from idp.settings import Settings

Words = ParamSpec("Words")


def _with_settings(command: "Callable[Concatenate[Settings, Words], None]") -> Callable[Words, None]:
    """Hand a command the settings; print each fault as one sentence and exit 1 when there are any."""

    @click.pass_context
    @wraps(command)
    def run(context: click.Context, /, *args: Words.args, **kwargs: Words.kwargs) -> None:
        from idp.settings import SettingsError, load_settings

        try:
            command(load_settings(context.find_root().params["config"]), *args, **kwargs)
        except SettingsError as error:
            _refuse(str(error))

    return run


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(1)


@contextmanager
def _database_faults() -> Iterator[None]:
    """Say what the database, or the order of its revisions, has against a command, in one sentence."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except OSError as error:
        _refuse(f"The database's file cannot be made: {(error.strerror or str(error)).lower()}.")
    except DBAPIError as error:
        _refuse(f"The database refuses: {(str(error.orig).strip() or 'no reason given').splitlines()[0]}.")
    except SQLAlchemyError as error:
        _refuse(f"The database cannot be used: {str(error).splitlines()[0]}.")


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
def directory_generate(folder: Path) -> None:
    """Write the demo's fictional school as AAF files, and the ENT's own copy of it."""
    from idp.adapters.aaf_writer import write_aaf, write_ent_directory
    from idp.people.fiction import FAMILIES

    try:
        files = write_aaf(FAMILIES, folder)
        write_ent_directory(FAMILIES, folder / "ent-directory.json")
    except OSError as error:
        _refuse(f"Cannot write in {folder}: {(error.strerror or 'unknown cause').lower()}.")
    click.echo(f"{len(files)} AAF files and ent-directory.json are in {folder}.")


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


if __name__ == "__main__":
    main()
