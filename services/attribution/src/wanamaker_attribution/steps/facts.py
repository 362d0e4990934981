"""Step 1, facts: of the records with one identity keep the one that counts, and say what that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from wanamaker_shared.contracts.record import Precedence
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..canonical import canonical
from ..glance import WebGlance
from ..tables import fact, web_event
from .run import Cause, Run, mark


@dataclass(frozen=True, slots=True)
class Taken:
    """A record with its rank among those of its identity."""

    record: Any
    precedence: Precedence

    @property
    def cause(self) -> Cause:
        return Cause(self.record.received_at, canonical(self.record.identity))


@dataclass(frozen=True, slots=True)
class Moved:
    """From when on a cookie's history changed."""

    at: int
    cause: Cause


class Changed(NamedTuple):
    """A web event that counts now. `before` is when that happened in whose place it came, `was_page` if that was a page view."""

    cookie: str
    at: int
    before: int | None
    was_page: bool
    cause: Cause
    event: WebGlance


class Counted(NamedTuple):
    """A record that counts now; `replaces`: in the place of another with its identity."""

    record: Any
    replaces: bool


_given = given()
_web_known = select(
    web_event.c.cookie,
    web_event.c.record_source,
    web_event.c.event_id,
    web_event.c.at,
    web_event.c.type,
    web_event.c.revision,
    web_event.c.received_at,
    web_event.c.digest,
).select_from(
    _given.joined(
        web_event,
        (web_event.c.workspace == bindparam("workspace"))
        & (web_event.c.cookie == _given.text(0))
        & (web_event.c.record_source == _given.text(1))
        & (web_event.c.event_id == _given.text(2)),
    )
)
_fact_known = select(
    fact.c.record_source,
    fact.c.event_id,
    fact.c.subject,
    fact.c.other,
    fact.c.body,
    fact.c.revision,
    fact.c.received_at,
    fact.c.digest,
).select_from(
    _given.joined(
        fact,
        (fact.c.workspace == bindparam("workspace"))
        & (fact.c.topic == bindparam("topic"))
        & (fact.c.record_source == _given.text(0))
        & (fact.c.event_id == _given.text(1)),
    )
)


def take_web_events(run: Run, taken: Sequence[Taken]) -> tuple[list[Changed], int]:
    """Keep the web events that count. Gives those that did not before, and how many records were duplicates."""
    best = _best(taken)
    known = {
        (row.cookie, row.record_source, row.event_id): row
        for row in run.look_up(_web_known, ((i.sender, i.source, i.event_id) for i in best))
    }
    rows, changed = [], list[Changed]()
    for identity, candidate in best.items():
        event: WebGlance = candidate.record
        old = known.get((identity.sender, identity.source, identity.event_id))
        if old is not None and _rank(old) <= candidate.precedence:
            continue
        rows.append(_web_row(run, event, candidate.precedence))
        before, was_page = (None, False) if old is None else (old.at, old.type == "page")
        changed.append(Changed(identity.sender, event.occurred_at, before, was_page, candidate.cause, event))
    upsert(run.connection, web_event, rows)
    return changed, len(taken) - len(best) + len(known)


def take_facts(
    run: Run, topic: str, taken: Sequence[Taken], subjects: Mapping[str, Any]
) -> tuple[dict[str, Cause], list[Counted], int]:
    """Keep the rarer facts that count. `subjects` tells by type what a record is about: (subject, other or None).

    Gives the subjects that changed (of a replaced record too), the records that count now, and how many were duplicates.
    """
    best = _best(taken)
    known = {
        (row.record_source, row.event_id): row
        for row in run.look_up(_fact_known, ((i.source, i.event_id) for i in best), topic=topic)
    }
    rows: list[dict[str, Any]] = []
    changed: dict[str, Cause] = {}
    counted: list[Counted] = []
    for identity, candidate in best.items():
        old = known.get((identity.source, identity.event_id))
        if old is not None and _rank(old) <= candidate.precedence:
            continue
        record = candidate.record
        counted.append(Counted(record, old is not None))
        subject, other = subjects[record.type](record)
        rows.append(
            run.row(
                topic=topic,
                record_source=record.source,
                event_id=record.event_id,
                subject=subject,
                other=other,
                at=record.occurred_at,
                received_at=record.received_at,
                revision=record.revision,
                digest=candidate.precedence.digest,
                body=canonical(record.model_dump(mode="json", exclude={"personal"})),
            )
        )
        touched = [subject, other] if old is None else [subject, other, old.subject, old.other]
        for name in filter(None, touched):
            mark(changed, [name], candidate.cause)
    upsert(run.connection, fact, rows)
    return changed, counted, len(taken) - len(best) + len(known)


def _best(taken: Iterable[Taken]) -> dict[Any, Taken]:
    best: dict[Any, Taken] = {}
    for candidate in taken:
        identity = candidate.record.identity
        if identity not in best or candidate.precedence < best[identity].precedence:
            best[identity] = candidate
    return best


def _rank(row: Any) -> Precedence:
    return Precedence(-row.revision, row.received_at, bytes(row.digest))


def _web_row(run: Run, event: WebGlance, precedence: Precedence) -> dict[str, Any]:
    page = canonical(event.page or {}) if event.type == "page" else None
    return run.row(
        cookie=event.sender,
        record_source=event.source,
        event_id=event.event_id,
        at=event.occurred_at,
        received_at=event.received_at,
        revision=event.revision,
        digest=precedence.digest,
        type=event.type,
        bot=int(event.bot),
        page=page,
    )
