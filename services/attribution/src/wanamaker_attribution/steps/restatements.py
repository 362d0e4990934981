"""Restatements: a credit that had been shown and changes after its day has ended is written down, once, with its cause.

A late record changes every model's credits: records are built as plain dicts, a test holds their bytes equal to the contract's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from wanamaker_shared.contracts import restatements as contract
from wanamaker_shared.contracts.record import canonical as canonical_bytes
from wanamaker_shared.eventlog.outbox import emit
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.sql import insert_ignore

from ..canonical import canonical
from ..conversions import Conversion, Credit, unattributed_place
from ..days import day_of
from ..tables import outbox, restatement
from .run import ConversionKey, Run

Place = tuple[str, str, str]
"""(touchpoint, day, channel)"""
Shown = dict[Place, tuple[int, int]]
"""Place → (micro, revenue_minor)"""
Difference = tuple[Place, int, int]
"""Place, micro, revenue_minor"""


def restate(
    run: Run,
    keys: Iterable[ConversionKey],
    before: Mapping[ConversionKey, Conversion],
    after: Mapping[ConversionKey, Conversion],
    old: Mapping[ConversionKey, Mapping[str, Credit]],
    new: Mapping[ConversionKey, Mapping[str, Credit]],
) -> None:
    """Write what changed in the credits of conversions that were there before, where the day was over when its cause came in.

    So news that came in time is no restatement, however long it waited to be read. Of a batch's causes the last received counts.
    """
    if not run.keeps_history:
        return
    changes: list[tuple[ConversionKey, str, list[Difference]]] = []
    for key in keys:
        received_on = day_of(run.conversions[key].received_at, run.settings.zone)
        if all(received_on <= day for found in (before, after) if key in found for day in _days(found[key])):
            continue
        had = _touches(before[key])
        has = _touches(after[key]) if key in after else []
        for model, credit in old[key].items():
            now = _shown(after[key], has, new[key][model]) if key in after else {}
            shown = _shown(before[key], had, credit)
            differences = [each for each in _differences(shown, now) if each[0][1] < received_on]
            if differences:
                changes.append((key, model, differences))
    _write(run, changes)


def _days(conversion: Conversion) -> Iterator[str]:
    yield conversion.day
    for item in conversion.adjustments:
        yield item.day


def _touches(conversion: Conversion) -> list[tuple[str, str]]:
    """(id, channel) of what its credits stand for, in their order."""
    return [(touch.id, touch.channel) for touch in conversion.journey] or [("", unattributed_place(conversion)[1])]


def _shown(conversion: Conversion, touches: Sequence[tuple[str, str]], credit: Credit) -> Shown:
    """What a model showed of a conversion by date basis `conversion`."""
    day = conversion.day
    shown: Shown = {
        (touch, day, channel): amounts
        for (touch, channel), amounts in zip(touches, zip(credit.micro, credit.revenue, strict=True), strict=True)
    }
    for item, parts in zip(conversion.adjustments, credit.adjustments, strict=True):
        for (touch, channel), part in zip(touches, parts, strict=True):
            micro, revenue = shown.get((touch, item.day, channel), (0, 0))
            shown[touch, item.day, channel] = (micro, revenue + part)
    return shown


def _differences(before: Shown, after: Shown) -> list[Difference]:
    changes = []
    for place in sorted({place for place, _ in before.items() ^ after.items()}):
        had, has = before.get(place, (0, 0)), after.get(place, (0, 0))
        if had != has:
            changes.append((place, has[0] - had[0], has[1] - had[1]))
    return changes


def _write(run: Run, changes: Sequence[tuple[ConversionKey, str, list[Difference]]]) -> None:
    rows, records = [], []
    for key, model, differences in changes:
        kind, conversion = key
        cause = run.conversions[key].identity
        listed: list[Sequence[str | int]] = [[*place, micro, revenue] for place, micro, revenue in differences]
        digest = hashlib.sha256(orjson.dumps([run.workspace, kind, conversion, model, cause, listed, run.now]))
        named = {"kind": kind, "conversion": conversion, "model": model, "cause": cause}
        rows.append(run.row(id=digest.hexdigest(), written_at=run.now, differences=canonical(listed), **named))
        value = restatement_record(run.workspace, digest.hexdigest(), run.now, named, listed)
        records.append(NewRecord(contract.TOPIC, contract.key(run.workspace, f"{kind}/{conversion}"), value))
    insert_ignore(run.connection, restatement, rows)
    emit(run.connection, outbox, records)


def restatement_record(
    workspace: str, event_id: str, at: int, named: Mapping[str, str], differences: Iterable[Sequence[str | int]]
) -> bytes:
    """The bytes of a contracts.restatements.ConversionRestated; a difference is its five fields in order."""
    return canonical_bytes(
        {
            "type": "conversion.restated",
            "workspace": workspace,
            "source": "attribution",
            "sender": "",
            "event_id": event_id,
            "revision": 0,
            "occurred_at": at,
            "received_at": at,
            "schema_version": 1,
            **named,
            "differences": [dict(zip(_FIELDS, each, strict=True)) for each in differences],
        }
    )


_FIELDS = tuple(contract.Difference.model_fields)
