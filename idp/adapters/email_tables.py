"""The tables of e-mail addresses (owner: adapters/emails.py)."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from idp.adapters.tables import Moment, Serial, metadata

email_address = Table(
    "email_address",
    metadata,
    Column("account_id", Serial, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("address", LargeBinary, nullable=False),  # sealed
    Column("address_hash", String(64), nullable=False, index=True),  # keyed, of the address in small letters
    Column("confirmed_at", Moment, nullable=False),
    # Keyed hash of the link that confirmed it: its POST may come twice.
    Column("token_hash", String(64), nullable=True, unique=True),
)

email_change = Table(
    "email_change",
    metadata,
    Column("account_id", Serial, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("address", LargeBinary, nullable=False),  # sealed
    Column("token_hash", String(64), nullable=False, unique=True),  # keyed hash of what the mailed link ends with
    Column("password_at", Moment, nullable=True),  # of the account when it was asked for: void once that is another one
    Column("requested_at", Moment, nullable=False),
    Column("sent_at", Moment, nullable=False),  # of the latest mail
    Column("expires_at", Moment, nullable=False, index=True),
)
