"""How Alembic reaches the database: given its address by `idp.adapters.migrate`, in one transaction, one caller at a time."""

from alembic import context
from sqlalchemy import text

from idp.adapters.schema import metadata
from idp.adapters.stores import make_engine

_LOCK = 0x50524541  # any number that nothing else in this database locks


def run() -> None:
    """Run the migrations that Alembic's command asks for."""
    engine = make_engine(context.config.attributes["database_url"])
    try:
        # SQLite takes its write lock at BEGIN.
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            context.configure(
                connection=connection,
                target_metadata=metadata,
                # SQLite's tables too are made and dropped in the transaction: a migration that fails half-way leaves nothing.
                transactional_ddl=True,
                # SQLite changes a column by copying its table.
                render_as_batch=True,
            )
            context.run_migrations()
    finally:
        engine.dispose()


run()
