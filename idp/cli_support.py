"""What every file of commands uses: the settings handed over, and faults said in one sentence each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec

import click

if TYPE_CHECKING:
    from idp.settings import Settings

Words = ParamSpec("Words")


def with_settings(command: "Callable[Concatenate[Settings, Words], None]") -> Callable[Words, None]:
    """Hand a command the settings; print each fault as one sentence and exit 1 when there are any."""

    @click.pass_context
    @wraps(command)
    def run(context: click.Context, /, *args: Words.args, **kwargs: Words.kwargs) -> None:
        from idp.runtime import configure_logs
        from idp.settings import SettingsError, load_settings

        try:
            settings = load_settings(context.find_root().params["config"])
            # An exception that nobody expects is told in our words: its own may hold a person's row.
            configure_logs(settings.log_level, settings.log_format)
            command(settings, *args, **kwargs)
        except SettingsError as error:
            refuse(str(error))

    return run


def refuse(sentence: str) -> NoReturn:
    """Say why not, and exit 1."""
    click.echo(sentence, err=True)
    sys.exit(1)


@contextmanager
def database_faults() -> Iterator[None]:
    """Say what the database, or the order of its revisions, has against a command, in one sentence."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except OSError as error:
        refuse(f"The database's file cannot be made: {(error.strerror or str(error)).lower()}.")
    except DBAPIError as error:
        refuse(f"The database refuses: {(str(error.orig).strip() or 'no reason given').splitlines()[0]}.")
    except SQLAlchemyError as error:
        refuse(f"The database cannot be used: {str(error).splitlines()[0]}.")
