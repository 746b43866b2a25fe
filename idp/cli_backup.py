"""`preau backup` and `preau restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.settings import Settings

_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
@with_settings
def backup(settings: "Settings", file: Path) -> None:
    """Write every table, as it is now, to a new FILE that `restore` takes. May run while the server does."""
    from idp.adapters.backup import write_backup
    from idp.adapters.backup_file import BackupRefused
    from idp.adapters.clock import SystemClock
    from idp.adapters.secrets import MasterKey
    from idp.adapters.stores import make_engine
    from idp.settings import load_master_key

    secrets = MasterKey(load_master_key(settings))
    with database_faults():
        engine = make_engine(settings.database_url)
        try:
            count = write_backup(file, engine, secrets, test_instance=settings.test_instance, now=SystemClock().now())
        except BackupRefused as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"{file} cannot be written: {(error.strerror or str(error)).lower()}.")
    click.echo(f"{count} rows are in {file}. Without the master key they cannot be restored: keep it elsewhere.")


@click.command()
@_file
@click.option("--replace", is_flag=True, help="Delete what the database holds first.")
@with_settings
def restore(settings: "Settings", file: Path, *, replace: bool) -> None:
    """Put the rows of FILE, made by `backup`, into this database: all of them, or none."""
    from idp.adapters.backup_file import BackupRefused
    from idp.adapters.restore import restore_backup
    from idp.adapters.secrets import MasterKey
    from idp.adapters.stores import make_engine
    from idp.settings import load_master_key

    secrets = MasterKey(load_master_key(settings))
    with database_faults():
        engine = make_engine(settings.database_url)
        try:
            count = restore_backup(file, engine, secrets, test_instance=settings.test_instance, replace=replace)
        except BackupRefused as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.")
    click.echo(f"{count} rows were restored from {file}.")
