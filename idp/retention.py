"""Retention and the world in which it works. Apart from `world`, so that web processes import nothing of it."""

import threading
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.choices import retention_policy
from idp.journeys.ports import ClientRegistry, Clock
from idp.journeys.retention import Retention
from idp.journeys.session_end import SessionEnd
from idp.settings import Settings

_BROKEN_SECONDS = 60.0  # before another look at a database that did not answer


class RetentionWorld(Protocol):
    """What a purge works on."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def stores(self) -> SqlStores:
        """The database."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def secrets(self) -> MasterKey:
        """What seals messages."""

    @property
    def clients(self) -> ClientRegistry:
        """Who is told that a session ended."""


def build_retention(world: RetentionWorld) -> Retention:
    """Return what purges."""
    return Retention(
        stores=world.stores,
        clock=world.clock,
        ends=SessionEnd(world.clients, world.secrets),
        policy=retention_policy(world.settings),
    )


def purge_until(world: RetentionWorld, stop: threading.Event) -> None:
    """Purge every few hours, as the settings say, until `stop` is set; a database that is gone is waited for."""
    retention = build_retention(world)
    pause = timedelta(hours=world.settings.retention.every_hours).total_seconds()
    log = structlog.get_logger("preau.retention")
    while not stop.is_set():
        try:
            report = retention.run()
        except SQLAlchemyError as failure:
            log.exception("the purge stopped, and goes on later", exc_info=failure)
            stop.wait(_BROKEN_SECONDS)
            continue
        if report.has_done:
            log.info(
                "purged",
                warned=report.warned,
                unreachable=report.unreachable,
                closed=report.closed,
                ended=report.ended,
                audit_lines=report.audit_lines,
                messages=report.messages,
                postponed=report.postponed,
            )
        stop.wait(pause)
