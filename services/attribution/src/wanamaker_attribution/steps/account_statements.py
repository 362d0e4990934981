"""Accounts, first half: keep what the records that count state of e-mails' domains, contacts' companies and companies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, delete, select

from wanamaker_shared.contracts import crm_events, web_events
from wanamaker_shared.service.edges import ORDER, edge_row
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..account_tables import account_statement
from ..accounts import DOMAIN, Place, Stated, Statement, statements_of
from .facts import Changed, Counted
from .run import Run

_s = account_statement.c
_w: BindParameter[str] = bindparam("workspace")
_given = given()
_of_records = select(_s.subject, _s.property).select_from(
    _given.joined(
        account_statement,
        (_s.workspace == _w)
        & (_s.topic == bindparam("topic"))
        & (_s.source == _given.text(0))
        & (_s.sender == _given.text(1))
        & (_s.event_id == _given.text(2)),
    )
)
_forget = delete(account_statement).where(
    _s.workspace == bindparam("w"),
    _s.topic == bindparam("t"),
    _s.source == bindparam("o"),
    _s.sender == bindparam("s"),
    _s.event_id == bindparam("e"),
)
_of_latest: list[Any] = [
    _given.text(0),
    _given.text(1),
    edge_row(_given, account_statement, ("subject", "property"), (*ORDER, "value"), last=True),
]
_latest = select(*_of_latest).select_from(_given.source)


def take_web_statements(run: Run, changed: Iterable[Changed]) -> None:
    """A form or identification states the domain of the address that it names."""
    said: list[tuple[Any, list[Statement]]] = []
    replaced: list[Any] = []
    for each in changed:
        event = each.event
        if each.before is not None:
            replaced.append(event)
        if event.email_key and event.email_domain and event.type in ("form", "identify") and not event.bot:
            said.append((event, [Statement(f"email:{event.email_key}", DOMAIN, event.email_domain)]))
    _replace(run, web_events.TOPIC, replaced, said)


def take_crm_statements(run: Run, counted: Sequence[Counted]) -> None:
    replaced = [each.record for each in counted if each.replaces]
    said = [(each.record, statements_of(each.record)) for each in counted]
    _replace(run, crm_events.TOPIC, replaced, said)


def latest(run: Run, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Stated]:
    """By (subject, property) what holds; what nothing was said of is left out."""
    return {
        (subject, name): Stated(Place(*row[:4]), row[4])
        for subject, name, found in run.look_up(_latest, wanted)
        if found is not None
        for row in [orjson.loads(found)]
    }


def _replace(run: Run, topic: str, replaced: Sequence[Any], said: Sequence[tuple[Any, list[Statement]]]) -> None:
    """Take away what records said that count no more, and put down what those say that do now."""
    if replaced:
        keys = [(record.source, record.sender, record.event_id) for record in replaced]
        run.stated.update((subject, name) for subject, name in run.look_up(_of_records, keys, topic=topic))
        run.connection.execute(
            _forget, [{"w": run.workspace, "t": topic, "o": key[0], "s": key[1], "e": key[2]} for key in keys]
        )
    rows = [row for record, statements in said for row in _rows(run, topic, record, statements)]
    run.stated.update((row["subject"], row["property"]) for row in rows)
    upsert(run.connection, account_statement, rows)


def _rows(run: Run, topic: str, record: Any, statements: Iterable[Statement]) -> Iterator[dict[str, Any]]:
    for each in statements:
        yield run.row(
            subject=each.subject,
            property=each.property,
            at=record.occurred_at,
            source=record.source,
            sender=record.sender,
            event_id=record.event_id,
            topic=topic,
            value=each.value,
        )
