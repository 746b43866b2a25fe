"""The whole schema: what a backup keeps, what a check looks through, and what migrations are held against.

A table is known once its module was imported; here all of them are.
"""

from idp.adapters import (
    children_tables,
    directory_tables,
    email_tables,
    recovery_tables,
    retention_tables,
    tester_tables,
)
from idp.adapters.tables import metadata

MODULES = (children_tables, directory_tables, email_tables, recovery_tables, retention_tables, tester_tables)

__all__ = ["MODULES", "metadata"]
