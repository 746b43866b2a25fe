"""`preau purge`."""

import time
from typing import TYPE_CHECKING

import click

from idp.cli_support import database_faults, with_settings

if TYPE_CHECKING:
    from idp.journeys.retention import PurgeReport
    from idp.settings import Settings

_PROGRESS_SECONDS = 5.0  # between two lines of what was done so far


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what would be done, and do nothing.")
@with_settings
def purge(settings: "Settings", *, dry_run: bool) -> None:
    """Do what [retention] asks for: warn of the end of unused accounts, close them, forget old lines and messages.

    May run while the server does, beside another purge, and be killed: the next one goes on. Exits with 1 when the database refuses.
    """
    from idp.retention import build_retention
    from idp.world import build_world

    told_at = time.monotonic()

    def tell_progress(report: "PurgeReport") -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _PROGRESS_SECONDS:
            told_at = time.monotonic()
            click.echo(f"So far: {_say(report)}", err=True)

    with database_faults():
        world = build_world(settings)
        try:
            report = build_retention(world).run(dry=dry_run, on_progress=tell_progress)
        finally:
            world.engine.dispose()
    click.echo(f"{'To be done' if dry_run else 'Done'}: {_say(report)}")
    if report.postponed:
        click.echo("More persons are to be warned than one hour may see (retention.warnings_per_hour): run this again.")


def _say(report: "PurgeReport") -> str:
    unreachable = f" ({report.unreachable} cannot be reached)" if report.unreachable else ""
    asked = f"{_count(report.ended, 'account')} as asked"
    return (
        f"{_count(report.warned, 'person')} warned{unreachable}, {_count(report.closed, 'unused account')} and {asked} closed, "
        f"{_count(report.audit_lines, 'line')} of the audit trail and {_count(report.messages, 'message')} forgotten."
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
