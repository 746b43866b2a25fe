"""Tables about children of accounts (owners: adapters/link_news.py and adapters/children.py), in the one `metadata` of `tables`."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from idp.adapters.tables import Moment, metadata

_Key = BigInteger().with_variant(Integer, "sqlite")

# What an import brought for somebody who has an account. A link that another record proves may stand here too: readers look again.
link_news = Table(
    "link_news",
    metadata,
    Column("account_id", _Key, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("kinship_id", _Key, ForeignKey("kinship.id"), primary_key=True, autoincrement=False, index=True),
    Column("kind", String(8), primary_key=True),  # journeys.children_ports.NewsKind
    Column("since", Moment, nullable=False),
    Column("told_at", Moment, nullable=True, index=True),  # None: no text has gone yet
)

# What a session is asked before it goes on, and how far it is with it.
session_question = Table(
    "session_question",
    metadata,
    Column("session_id", String(32), ForeignKey("op_session.id"), primary_key=True),
    Column("question", String(16), primary_key=True),  # journeys.questions.Question
    Column("turn", Integer, nullable=False),  # one up at each accepted POST: the single-use step token
    Column("state", LargeBinary, nullable=False),  # sealed JSON
    Column("last_answer", LargeBinary, nullable=True),  # sealed JSON, as in `interaction`
)

# An account that its person grouped into another one of hers. It signs in no more and holds no record; `account.closes_at` is `until`, so
# that a purge removes it then, and this row with it.
account_group = Table(
    "account_group",
    metadata,
    Column("account_id", _Key, ForeignKey("account.id"), primary_key=True, autoincrement=False),  # set aside
    Column("into_id", _Key, ForeignKey("account.id"), nullable=False, index=True),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # it may be undone before
    Column(
        "set_aside", Text, nullable=False
    ),  # JSON: ids of the records that moved, link with FranceConnect, end that was planned
)
