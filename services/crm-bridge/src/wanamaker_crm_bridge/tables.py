"""The crm-bridge's tables: which deliveries it has mapped, what it still has to ask, what reconciling found, until when CRMs
tell us what changes, and what waits to be relayed.

None is compared by `verify`: the inbox they come from is kept 30 days only, so no replay could make them again. The facts
themselves are in `crm-events`, for ever.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.service.database import Id

metadata = MetaData()

received = Table(
    "received",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("delivery_id", Id, primary_key=True),
    # the precedence of the delivery that counts (contracts.record.Precedence)
    Column("negative_revision", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

fetch_queue = Table(
    "fetch_queue",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("fetch_id", Id, primary_key=True),
    Column("dialect", Id, nullable=False),
    Column("parameters", Id, nullable=False),  # JSON object, text → text
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # microseconds; while one fetches, the end of its lease
    Index("fetch_queue_due", "workspace", "connection", "due_at"),
)

stated = Table(  # the records emitted of CRMs that say one thing several times, by webhook and by API
    "stated",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("event_id", Id, primary_key=True),
    Column("revision", Integer, primary_key=True),
)

run = Table(  # a reconciliation
    "reconcile_run",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("run", Id, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("lists", Integer, nullable=False),
    Column("lists_read", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("statements", BigInteger, nullable=False),
    Column("missed", BigInteger, nullable=False),
    Column("unreadable", BigInteger, nullable=False),
    Column("failed", Id),  # why it stopped
)

missed = Table(  # the first of a run's statements that no webhook had brought
    "reconcile_missed",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("run", Id, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("about", Id, nullable=False),
    Column("what", Id, nullable=False),
    Column("at", BigInteger, nullable=False),
)

watch = Table(  # a channel by which a CRM tells us what changes, and which ends unless it is renewed
    "crm_watch",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("connection", Id, primary_key=True),
    Column("wanted", Id, nullable=False),  # names what is asked of the CRM: other wishes are due at once
    Column("due_at", BigInteger, nullable=False),  # microseconds; while one renews it, the end of its lease
    Column("ends_at", BigInteger),  # none was ever opened: null
    Column("attempts", Integer, nullable=False),
)

outbox = outbox_table(metadata)

imports = Table(
    "imports",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("import_id", Id, primary_key=True),
    Column("of_file", Id, nullable=False),  # what the ids of one file under one reading have in common
    Column("again", Integer, nullable=False),  # how often that file had been stated anew
    Column("connection", Id, nullable=False),
    Column("state", Id, nullable=False),
    Column("reason", Id),
    Column("begun_at", BigInteger),  # the time of rows without one: kept, so that going on says the same
    Column("told_at", BigInteger, nullable=False),  # when the process at work last said so, microseconds
    Column("reading", Id),  # JSON: columns and formats as they are told, nothing of a row
    Column("rows_read", BigInteger, nullable=False),
    Column("good", BigInteger, nullable=False),
    Column("warned", BigInteger, nullable=False),
    Column("bad", BigInteger, nullable=False),
    Column("deals", BigInteger, nullable=False),
    Column("deliveries", BigInteger, nullable=False),
    Column("appended", BigInteger, nullable=False),  # deliveries of it that are durable in the inbox
    Column("rows_mapped", BigInteger, nullable=False),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("import_id", Id, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("verdict", Id, nullable=False),
    Column("reasons", Id, nullable=False),  # JSON list of texts, which quote no cell
)
