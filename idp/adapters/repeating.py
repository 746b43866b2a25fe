"""Something to be done again and again beside the outbox: a database that is gone is waited for."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError


def repeat(act: Callable[[], object], every_seconds: float, stop: threading.Event, name: str) -> None:
    """Do something until `stop` is set.

    Args:
        act: What.
        every_seconds: Pause between two times.
        stop: Ends it.
        name: For the log, when the database does not answer.
    """
    log = structlog.get_logger("preau.repeating")
    while not stop.is_set():
        try:
            act()
        except SQLAlchemyError:
            log.exception("it cannot be done now", what=name)
        stop.wait(every_seconds)
