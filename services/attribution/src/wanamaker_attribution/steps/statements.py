"""What was stated about deals, read from the facts, with all that merges tie to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import orjson
from sqlalchemy import BindParameter, Connection, bindparam, select

from wanamaker_shared.service.given import given, rows_of

from ..deals import Place, Statement
from ..tables import fact
from .run import DealKey

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_facts = select(fact.c.subject, fact.c.other, fact.c.at, fact.c.record_source, fact.c.event_id, fact.c.body)
_facts_about = _facts.select_from(
    _given.joined(fact, (fact.c.workspace == _w) & (fact.c.subject == _given.text(0)))
).where(fact.c.topic == "crm-events")
_facts_from = _facts.select_from(
    _given.joined(fact, (fact.c.workspace == _w) & (fact.c.other == _given.text(0)))
).where(fact.c.topic == "crm-events")


def subject_of(connection: str, deal_id: str) -> str:
    return f"deal:{connection}/{deal_id}"


def statements_about(
    connection: Connection, workspace: str, deals: Iterable[DealKey]
) -> tuple[dict[str, list[Statement]], set[DealKey]]:
    """By CRM connection the statements about these deals and those that merges tie to them; and the keys of all of these."""
    statements: dict[tuple[str, str], Statement] = {}
    wanted = {subject_of(*key) for key in deals}
    seen: set[str] = set()
    while wanted:
        seen |= wanted
        asked, wanted = {"workspace": workspace, "given": rows_of([(subject,) for subject in wanted])}, set()
        for query in (_facts_about, _facts_from):
            for subject, other, at, source, event_id, body in connection.execute(query, asked):
                statements[source, event_id] = Statement(Place(at, source, event_id), orjson.loads(body))
                wanted |= {name for name in (subject, other) if name and name not in seen}
    by_connection: dict[str, list[Statement]] = defaultdict(list)
    for (source, _), statement in statements.items():
        by_connection[source].append(statement)
    return by_connection, {_key(subject) for subject in seen}


def _key(subject: str) -> DealKey:
    name, _, deal_id = subject.removeprefix("deal:").partition("/")
    return name, deal_id
