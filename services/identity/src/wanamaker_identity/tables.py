"""Identity's tables: the records that count, what they state, and what follows from it.

Every table is a function of the set of records, but `version` (how often a key was emitted) and the outbox. Rows of a table
whose key is a record's stand where that record's neighbours are (a cookie's events together), so that taking in an event
costs the same however long the history is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.positions import position_table
from wanamaker_shared.service.database import Id

metadata = MetaData()
DERIVED = {"derived": True}


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    return Column(name, Id, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, BigInteger, primary_key=key, nullable=False, autoincrement=False)


def _flag(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False)


def _precedence() -> list[Column[Any]]:
    """Which of the records with one identity counts (contracts.record.Precedence)."""
    return [_number("negative_revision"), _number("received_at"), Column("digest", LargeBinary, nullable=False)]


def _table(name: str, *columns: Column[Any], with_rowid: bool = False) -> Table:
    """On SQLite the rows stand in the order of their key; with a rowid, for long rows and for those with further
    indexes, in the order they came, so that fewer pages change."""
    workspace, info = _text("workspace", key=True), DERIVED.copy()
    return Table(name, metadata, workspace, *columns, info=info, sqlite_with_rowid=with_rowid)


# Records that count, one for each identity.

web_record = _table(  # every web event, pages too: a page may win over an identify with its identity
    "web_record",
    _text("cookie", key=True),
    _text("source", key=True),
    _text("event_id", key=True),
    *_precedence(),
)

link = _table(  # the forms and identifications among them that name somebody
    "link",
    _text("cookie", key=True),
    _text("source", key=True),
    _text("event_id", key=True),
    _number("at"),
    _text("type"),
    _text("trust"),
    _text("user_id", null=True),
    _text("email_key", null=True),
    _text("previous_user_id", null=True),
    _text("identifier", null=True),  # what it links the cookie to; null: it names a previous user id only
    with_rowid=True,
)
Index(
    "link_of_identifier",
    *(link.c[name] for name in ("workspace", "identifier", "at", "source", "cookie", "event_id")),
)
Index("link_in_order", link.c.workspace, link.c.cookie, link.c.identifier, link.c.at, link.c.source, link.c.event_id)
Index(
    "link_of_user",
    link.c.workspace,
    link.c.cookie,
    link.c.user_id,
    sqlite_where=link.c.user_id.isnot(None),
    postgresql_where=link.c.user_id.isnot(None),
)

crm_record = _table(
    "crm_record",
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
    *_precedence(),
    _text("said"),  # what it says about people (sayings.Said), canonical JSON
    with_rowid=True,
)

decision = _table(
    "decision",
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
    *_precedence(),
    _number("at"),
    _text("a", null=True),  # a < b: the pair has no direction; null: it is about one identifier
    _text("b", null=True),
    _text("verdict"),  # link.revoke | link.release | person.erase
    _text("identifier", null=True),  # whose person is to be erased
    _text("via", null=True),  # who asked for that
)
Index(
    "decision_of_pair",
    *(decision.c[name] for name in ("workspace", "a", "b", "at", "source", "sender", "event_id")),
)

Index(
    "decision_to_erase",
    *(decision.c[name] for name in ("workspace", "identifier", "at", "source", "sender", "event_id")),
    sqlite_where=decision.c.identifier.isnot(None),
    postgresql_where=decision.c.identifier.isnot(None),
)
Index(
    "erasure_in_order",
    *(decision.c[name] for name in ("workspace", "at", "source", "sender", "event_id")),
    sqlite_where=decision.c.identifier.isnot(None),
    postgresql_where=decision.c.identifier.isnot(None),
)

erased_contact = _table(  # the records of CRMs that erased a contact, as long as no decision says it
    "erased_contact",
    _text("decision", key=True),  # the event id of the decision that it becomes
    _text("source"),
    _text("event_id"),
    _number("at"),
    _number("received_at"),
    _text("identifier"),  # contact:<connection>/<id>
)

setting = _table(
    "setting",
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
    *_precedence(),
    _number("at"),
    _text("stated"),  # canonical JSON object
)

# What they state. The first (or last) row of a subject is what holds; a record that no longer counts takes its rows away.

naming = _table(
    "naming",
    _text("identifier", key=True),
    _number("at", key=True),
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
    _text("via"),  # the record's type
)

statement = _table(  # that two identifiers are one person
    "statement",
    _text("a", key=True),
    _text("b", key=True),
    _number("at", key=True),
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
)

contact_value = _table(
    "contact_value",
    _text("contact", key=True),
    _text("property", key=True),  # email_keys | user_ids
    _number("at", key=True),
    _text("source", key=True),
    _text("sender", key=True),
    _text("event_id", key=True),
    _text("identifiers"),  # canonical JSON list
)

# Cookies: to whom they are tied, and which ties are in force.

cookie = _table(
    "cookie",
    _text("cookie", key=True),
    _text("profile"),  # the cookie's own profile id
    _flag("crowded"),  # 1: it names more e-mails than a cookie may
    _text("links"),  # SHA-256 of its active links as emitted; empty = none
    with_rowid=True,
)
Index("cookie_of_profile", cookie.c.workspace, cookie.c.profile)

tie = _table(  # all links of a cookie to one identifier
    "tie",
    _text("cookie", key=True),
    _text("identifier", key=True),
    _number("at"),  # its first link
    _text("source"),
    _text("event_id"),
    _text("verdict", null=True),  # the latest decision on the pair
    Column("turn", Integer),  # among the cookies of an e-mail: 0 released, 1 by its first link; null: not among them
    _flag("fits"),  # 1: among the cookies an e-mail may have
    _text("status"),  # active | quarantined | revoked
)
Index("tie_in_turn", *(tie.c[name] for name in ("workspace", "identifier", "turn", "at", "source", "cookie")))
Index(
    "tie_that_fits", tie.c.workspace, tie.c.identifier, sqlite_where=tie.c.fits == 1, postgresql_where=tie.c.fits == 1
)

# People.

identifier = _table(  # everything that was named, with the record that named it first
    "identifier",
    _text("identifier", key=True),
    _number("at"),
    _text("source"),
    _text("sender"),
    _text("event_id"),
    _text("via"),
    _text("own_profile"),
    _text("profile"),  # the person's: the own profile id of the earliest identifier of the component
    with_rowid=True,
)
Index("identifier_of_profile", identifier.c.workspace, identifier.c.profile)
Index("identifier_of_own_profile", identifier.c.workspace, identifier.c.own_profile)

pair = _table(  # the pairs that hold at present, with the first record that stated each
    "pair",
    _text("a", key=True),
    _text("b", key=True),
    _number("at"),
    _text("source"),
    _text("sender"),
    _text("event_id"),
    _text("verdict", null=True),
    _text("status"),  # joined | quarantined | revoked
    with_rowid=True,
)
Index("pair_of_a", *(pair.c[name] for name in ("workspace", "a", "at", "source", "sender", "event_id")))
Index("pair_of_b", *(pair.c[name] for name in ("workspace", "b", "at", "source", "sender", "event_id")))

# What was emitted.

version = Table(  # counts up per key; depends on the order of arrival, so no replay gives it again
    "version",
    metadata,
    _text("workspace", key=True),
    _text("identifier", key=True),
    _number("version"),
    sqlite_with_rowid=False,
)

outbox = outbox_table(metadata)
position = position_table(metadata)
