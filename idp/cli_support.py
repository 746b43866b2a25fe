"""What every file of commands uses: the settings handed over, and faults said in one sentence each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
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
        from idp.settings import SettingsError, load_settings

        try:
            command(load_settings(context.find_root().params["config"]), *args, **kwargs)
        except SettingsError as error:
            refuse(str(error))

    return run


def refuse(sentence: str, status: int = 1) -> NoReturn:
    """Say why a command does nothing, and end it."""
    click.echo(sentence, err=True)
    sys.exit(status)


def tell_without_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an exception that nobody expected, as `sys.excepthook`: its message is left out, because it may hold a person's row."""
    del kind, trace
    from idp.runtime import describe_exception

    click.echo("This was not expected. Its words are left out, they may be personal:", err=True)
    click.echo("\n".join(describe_exception(error)), err=True)


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
