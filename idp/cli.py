"""The `preau` command. Each command imports what it needs when it runs: the server starts before migrations are even read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp import __version__
from idp.cli_backup import backup, restore
from idp.cli_clients import client
from idp.cli_directory import directory
from idp.cli_families import families
from idp.cli_guide import guide
from idp.cli_keys import keys
from idp.cli_purge import purge
from idp.cli_support import database_faults, refuse, tell_without_words, with_settings

if TYPE_CHECKING:
    from idp.settings import Settings


@contextmanager
def _revision_faults() -> Iterator[None]:
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        refuse(f"The database was made by another version of Préau, or there is no such revision: {error}.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings file. Default: $PREAU_CONFIG, else ./preau.toml when there is one. PREAU_* variables win over it.",
)
@click.version_option(__version__, prog_name="preau")
def main(config: Path | None) -> None:
    """Préau, an OpenID Connect provider that behaves like EduConnect."""
    del config  # read by `cli_support.with_settings`


@main.command()
@with_settings
def serve(settings: "Settings") -> None:
    """Serve until Ctrl-C or SIGTERM: web processes and one outbox process."""
    from idp.serve import ServerError
    from idp.serve import serve as run

    try:
        run(settings)
    except ServerError as error:
        refuse(str(error))


@main.command()
@with_settings
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
@click.option("--fc-host", default="localhost", show_default=True, help="The name of FranceConnect's simulator.")
@click.option("--idp-port", type=click.IntRange(1, 65535), default=8400, show_default=True, help="The provider's port.")
@click.option("--ent-port", type=click.IntRange(1, 65535), default=8402, show_default=True, help="The ENT's port.")
@click.option("--fc-port", type=click.IntRange(1, 65535), default=8401, show_default=True, help="The simulator's port.")
@click.option("--cases", is_flag=True, help="With the named cases of the library too: preau families list.")
def demo(
    directory: Path,
    idp_host: str,
    ent_host: str,
    fc_host: str,
    idp_port: int,
    ent_port: int,
    fc_port: int,
    *,
    cases: bool,
) -> None:
    """Start the provider with a fictional school, FranceConnect's simulator and the sample ENT, until Ctrl-C."""
    from idp.demo import Demo, DemoError, run_demo

    try:
        run_demo(Demo(directory, idp_host, ent_host, idp_port, ent_port, fc_host, fc_port, cases))
    except DemoError as error:
        refuse(str(error))


@main.command("franceconnect-simulator", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def franceconnect_simulator(options: tuple[str, ...]) -> None:
    """Start a simulator of FranceConnect, a program of its own, until Ctrl-C (--help for its options)."""
    # In the place of this process: whoever stops it stops the simulator. Not imported: it shares no code with us.
    os.execv(sys.executable, [sys.executable, "-m", "franceconnect_bridge.simulator", *options])  # noqa: S606  our own program


@main.command()
@click.argument("address", default="http://127.0.0.1:8400/readyz")
def health(address: str) -> None:
    """Ask a program on this machine whether it is well, for a container's health check; exit 1 when it is not.

    Without ADDRESS: the provider's /readyz, which knows the database, the keys and the sender of texts.
    """
    from idp.healthcheck import ask_health

    said = ask_health(address)
    if said:
        refuse(said)


@main.group()
def config() -> None:
    """Look at the settings."""


@config.command("check")
@with_settings
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
@with_settings
def db_upgrade(settings: "Settings") -> None:
    """Make the tables, or bring them up to this version."""
    from idp.adapters import migrate

    with database_faults(), _revision_faults():
        migrate.upgrade(settings.database_url)
    click.echo("The database is up to date.")


@db.command("downgrade")
@click.argument("revision")
@with_settings
def db_downgrade(settings: "Settings", revision: str) -> None:
    """Bring the tables back to REVISION (`base`: none). What later revisions kept is lost."""
    from idp.adapters import migrate

    with database_faults(), _revision_faults():
        migrate.downgrade(settings.database_url, revision)
    click.echo(f"The database is at {revision}.")


@db.command("check")
@with_settings
def db_check(settings: "Settings") -> None:
    """Walk the database and say what may not be, one sentence each, and exit 1; or say that all is well. The service may be running."""
    from idp.world import check_consistency

    clean = True
    with database_faults():
        for sentence in check_consistency(settings):
            click.echo(sentence, err=True)
            clean = False
    if not clean:
        sys.exit(1)
    click.echo("Nothing is wrong in the database.")


main.add_command(client)
main.add_command(directory)
main.add_command(families)
main.add_command(guide)

main.add_command(keys)

main.add_command(backup)
main.add_command(restore)
main.add_command(purge)


def run() -> None:
    """Be the `preau` of a shell."""
    sys.excepthook = tell_without_words
    main()


if __name__ == "__main__":
    run()
