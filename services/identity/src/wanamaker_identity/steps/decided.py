"""What people decided and chose: revoked and released pairs, and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from wanamaker_shared.contracts.decisions import Decision, PersonErase
from wanamaker_shared.contracts.record import Precedence, canonical
from wanamaker_shared.contracts.settings import SettingsRevised, WorkspaceSettings

from ..causes import Cause, blame, cause_of
from ..reading import Key, Sighting, beating
from ..repository import erasures, records
from ..sayings import Pair, ordered
from ..tables import decision, setting
from .changes import Taken


@dataclass(frozen=True, slots=True)
class Limits:
    emails_per_cookie: int
    cookies_per_email: int
    identifiers_per_person: int


def load_limits(connection: Connection, workspace: str) -> Limits:
    """The limits in force: of each the latest statement, applied to everything, past and future."""
    stated: dict[str, object] = {}
    for row in records.load_settings(connection, workspace):
        stated |= orjson.loads(row.stated)
    return limits_of(stated)


def limits_of(stated: Mapping[str, object]) -> Limits:
    """None = the default. Looks at the limits alone. Raises pydantic.ValidationError if one has a value it cannot have."""
    given = {name: stated[name] for name in Limits.__slots__ if stated.get(name) is not None}
    chosen = WorkspaceSettings.model_validate(given)
    return Limits(chosen.emails_per_cookie, chosen.cookies_per_email, chosen.identifiers_per_person)


def take_in_decisions(
    connection: Connection, workspace: str, best: Mapping[Key, Sighting[Decision | PersonErase]], _: bytes
) -> Taken:
    stored = records.load_records(connection, decision, workspace, best)
    known = {key: Precedence(row.negative_revision, row.received_at, bytes(row.digest)) for key, row in stored.items()}
    winners = beating(best, known)
    dirty: dict[Pair, Cause] = {}
    rows = []
    for key, (record, rank) in winners.items():
        pair = ordered(record.a, record.b) if isinstance(record, Decision) else None
        before = (stored[key].a, stored[key].b) if key in stored and stored[key].a is not None else None
        blame(dirty, [each for each in (before, pair) if each is not None], cause_of(record))
        identity = dict(zip(("workspace", "source", "sender", "event_id"), (workspace, *key), strict=True))
        rows.append({**identity, **rank._asdict(), "at": record.occurred_at, **_decided(record, pair)})
    records.save_records(connection, decision, rows)
    erasures.settle_erased(connection, workspace, winners)
    return Taken(len(best) - len(known), decided=dirty)


def _decided(record: Decision | PersonErase, pair: Pair | None) -> dict[str, str | None]:
    """What the record decides, on a pair or on the person of an identifier."""
    a, b = pair or (None, None)
    identifier, via = (record.identifier, record.via) if isinstance(record, PersonErase) else (None, None)
    return {"a": a, "b": b, "verdict": record.type, "identifier": identifier, "via": via}


def take_in_settings(
    connection: Connection, workspace: str, best: Mapping[Key, Sighting[SettingsRevised]], _: bytes
) -> Taken:
    """Raises pydantic.ValidationError on a limit that cannot be."""
    before = load_limits(connection, workspace)
    stored = records.load_records(connection, setting, workspace, best)
    known = {key: Precedence(row.negative_revision, row.received_at, bytes(row.digest)) for key, row in stored.items()}
    winners = beating(best, known)
    rows = []
    for key, (record, rank) in winners.items():
        limits_of(record.stated)
        identity = dict(zip(("workspace", "source", "sender", "event_id"), (workspace, *key), strict=True))
        said = {"at": record.occurred_at, "stated": canonical(record.stated).decode()}
        rows.append({**identity, **rank._asdict(), **said})
    records.save_records(connection, setting, rows)
    new = len(best) - len(known)
    if not winners or load_limits(connection, workspace) == before:
        return Taken(new)
    return Taken(new, revised=cause_of(next(iter(winners.values())).record))
