"""Restatements: a credit that had been shown and changes after its day has ended is written down, once, with its cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from wanamaker_shared.contracts import restatements as contract
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.outbox import emit
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.sql import insert_ignore

from ..conversions import Conversion, Credit, unattributed_place
from ..days import day_of
from ..tables import outbox, restatement
from .run import ConversionKey, Run, canonical

Shown = dict[tuple[str, str, str], tuple[int, int]]
"""(touchpoint, day, channel) → (micro, revenue_minor)"""


def restate(
    run: Run,
    keys: Iterable[ConversionKey],
    before: Mapping[ConversionKey, Conversion],
    after: Mapping[ConversionKey, Conversion],
    old: Mapping[ConversionKey, Mapping[str, Credit]],
    new: Mapping[ConversionKey, Mapping[str, Credit]],
) -> None:
    """Write what changed in the credits of conversions that were there before, where the changed day is over."""
    if not run.keeps_history:
        return
    today = day_of(run.now, run.settings.zone)
    records = []
    for key in keys:
        for model, shown in old[key].items():
            now = _shown(after[key], new[key][model]) if key in after else {}
            differences = [
                [*place, micro, revenue]
                for place, micro, revenue in _differences(_shown(before[key], shown), now)
                if place[1] < today
            ]
            if differences:
                records.append(_record(run, key, model, differences))
    _write(run, records)


def _shown(conversion: Conversion, credit: Credit) -> Shown:
    """What a model showed of a conversion by date basis `conversion`."""
    places = [(touch.id, touch.channel) for touch in conversion.journey] or [("", unattributed_place(conversion)[1])]
    shown: Shown = {}
    for index, (touch, channel) in enumerate(places):
        shown[touch, conversion.day, channel] = (credit.micro[index], credit.revenue[index])
    for item, parts in zip(conversion.adjustments, credit.adjustments, strict=True):
        for (touch, channel), part in zip(places, parts, strict=True):
            micro, revenue = shown.get((touch, item.day, channel), (0, 0))
            shown[touch, item.day, channel] = (micro, revenue + part)
    return shown


def _differences(before: Shown, after: Shown) -> list[tuple[tuple[str, str, str], int, int]]:
    changes = []
    for place in sorted(before.keys() | after.keys()):
        had, has = before.get(place, (0, 0)), after.get(place, (0, 0))
        if had != has:
            changes.append((place, has[0] - had[0], has[1] - had[1]))
    return changes


def _record(run: Run, key: ConversionKey, model: str, differences: list[list[Any]]) -> contract.ConversionRestated:
    cause = run.conversions[key]
    event_id = hashlib.sha256(orjson.dumps([run.workspace, *key, model, cause, differences, run.now])).hexdigest()
    return contract.ConversionRestated(
        workspace=run.workspace,
        source="attribution",
        event_id=event_id,
        occurred_at=run.now,
        received_at=run.now,
        kind=key[0],
        conversion=key[1],
        model=model,
        cause=cause,
        differences=[
            contract.Difference(touchpoint=touch, day=day, channel=channel, micro=micro, revenue_minor=revenue)
            for touch, day, channel, micro, revenue in differences
        ],
    )


def _write(run: Run, records: list[contract.ConversionRestated]) -> None:
    insert_ignore(
        run.connection,
        restatement,
        [
            run.row(
                id=record.event_id,
                written_at=run.now,
                kind=record.kind,
                conversion=record.conversion,
                model=record.model,
                cause=record.cause,
                differences=canonical([list(item.model_dump().values()) for item in record.differences]),
            )
            for record in records
        ],
    )
    emit(
        run.connection,
        outbox,
        [
            NewRecord(contract.TOPIC, contract.key(run.workspace, f"{record.kind}/{record.conversion}"), encode(record))
            for record in records
        ],
    )
