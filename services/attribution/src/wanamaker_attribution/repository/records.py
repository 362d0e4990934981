"""Which records of the log made a conversion: the last step from a number back to raw events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from wanamaker_shared.service.sql import in_texts

from ..conversions import Conversion
from ..tables import cookie, deal, deal_contact, fact, lead_link


@dataclass(frozen=True, slots=True)
class Origin:
    """The identity of a record without its workspace; `sender` is the cookie of a web event, else empty."""

    topic: str
    source: str
    sender: str
    event_id: str
    at: int


def read_origins(
    connection: Connection, workspace: str, conversion: Conversion, identifiers: Collection[str]
) -> list[Origin]:
    """The records behind a conversion, in order: a deal's revisions, or the contacts' and links of its people.

    With the contacts' stand the revisions of the deals whose stage said it of them. `identifiers` are those of its people. What
    stands behind its touchpoints is told by each of them.
    """
    if conversion.deal_id is not None:
        found = _facts(connection, workspace, [f"deal:{conversion.connection}/{conversion.deal_id}"])
    else:
        contacts = [name for name in identifiers if name.startswith("contact:")]
        said = _deals_that_said(connection, workspace, conversion, contacts)
        found = _facts(connection, workspace, contacts) + _facts(connection, workspace, said)
    if conversion.kind == "lead":
        found += _lead_links(connection, workspace, identifiers)
    return sorted(found, key=lambda origin: (origin.at, origin.source, origin.sender, origin.event_id))


def _deals_that_said(
    connection: Connection, workspace: str, conversion: Conversion, contacts: Collection[str]
) -> list[str]:
    """The deals by whose stage one of the contacts reached the step then."""
    reached = deal.c.sql_at if conversion.kind == "sql" else deal.c.mql_at
    statement = (
        select(deal.c.connection, deal.c.deal_id)
        .distinct()
        .join(
            deal_contact,
            (deal_contact.c.workspace == deal.c.workspace)
            & (deal_contact.c.connection == deal.c.connection)
            & (deal_contact.c.deal_id == deal.c.deal_id),
        )
        .where(
            deal_contact.c.workspace == workspace,
            in_texts(deal_contact.c.identifier, contacts),
            reached == conversion.at,
        )
    )
    return [f"deal:{name}/{deal_id}" for name, deal_id in connection.execute(statement)]


def _facts(connection: Connection, workspace: str, subjects: Collection[str]) -> list[Origin]:
    """Records about the subjects and about what was merged into them."""
    known: set[str] = set()
    found: list[Origin] = []
    wanted = set(subjects)
    while wanted:
        rows = connection.execute(
            select(fact.c.topic, fact.c.record_source, fact.c.event_id, fact.c.at, fact.c.other)
            .where(fact.c.workspace == workspace, in_texts(fact.c.subject, sorted(wanted)))
            .order_by(fact.c.at, fact.c.record_source, fact.c.event_id)
        ).all()
        found += [Origin(row.topic, row.record_source, "", row.event_id, row.at) for row in rows]
        known |= wanted
        wanted = {row.other for row in rows if row.other is not None} - known
    return found


def _lead_links(connection: Connection, workspace: str, identifiers: Collection[str]) -> list[Origin]:
    """The forms and identifies that made a lead of one of the identifiers."""
    statement = (
        select(lead_link.c.identifier, lead_link.c.cookie, lead_link.c.at, cookie.c.links)
        .join(cookie, (cookie.c.workspace == lead_link.c.workspace) & (cookie.c.cookie == lead_link.c.cookie))
        .where(lead_link.c.workspace == workspace, in_texts(lead_link.c.identifier, identifiers))
    )
    return [
        Origin("web-events", source, name, event_id, at)
        for owner, name, at, links in connection.execute(statement)
        for its_at, source, event_id, its, _ in orjson.loads(links)
        if (its_at, its) == (at, owner)
    ]
