"""CRM events: which count, and what they say of contacts."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection

from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.record import Precedence, canonical

from ..causes import cause_of
from ..reading import Key, Sighting, beating
from ..repository import erasures, records
from ..sayings import Statement, said_by_crm
from ..tables import crm_record
from .changes import Change, Taken


def take_in(connection: Connection, workspace: str, best: Mapping[Key, Sighting[CrmEvent]], _: bytes) -> Taken:
    """Raises NotAList."""
    stored = records.load_records(connection, crm_record, workspace, best)
    known = {key: Precedence(row.negative_revision, row.received_at, bytes(row.digest)) for key, row in stored.items()}
    winners = beating(best, known)
    changes, rows = [], []
    for key, (record, rank) in winners.items():
        after = said_by_crm(record)
        before = Statement.from_json(orjson.loads(stored[key].said)) if key in stored else None
        changes.append(Change(cause_of(record), before, after))
        identity = dict(zip(("workspace", "source", "sender", "event_id"), (workspace, *key), strict=True))
        rows.append({**identity, **rank._asdict(), "said": canonical(after.to_json()).decode()})
    records.save_records(connection, crm_record, rows)
    erasures.take_in_erased(connection, workspace, [seen.record for seen in winners.values()])
    return Taken(len(best) - len(known), changes)
