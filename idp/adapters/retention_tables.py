"""The tables of retention (owner: adapters/retention.py)."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from idp.adapters.tables import Moment, Serial, metadata

# Of an account that nobody uses: what its person was told. A later sign-in makes it void, and the next purge forgets it.
closing_warning = Table(
    "closing_warning",
    metadata,
    Column("account_id", Serial, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("stage", Integer, nullable=False),  # how many warnings went out
    Column("warned_at", Moment, nullable=False),  # the latest
    Column("closes_at", Moment, nullable=False),  # as the latest said
    Column("look_at", Moment, nullable=False, index=True),  # when something is to be done about it, at the earliest
)

# Up to when lines were forgotten: of what is older, nobody may ask that a line says it.
purge_mark = Table(
    "purge_mark",
    metadata,
    Column("trail", String(8), primary_key=True),  # journeys.retention_ports.Trail
    Column("before", Moment, nullable=False),
)
