"""Erasures: contacts that their CRM erased, the decisions that this became, and those on a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.service.given import rows_of
from wanamaker_shared.service.sql import in_texts, upsert

from ..erasing import SOURCE, ErasedContact, decision_id, erased_by
from ..tables import decision, erased_contact, tie
from .lookup import Person, find_by_identifier
from .rows import delete_rows, rows_by_key

_ORDER = (decision.c.at, decision.c.source, decision.c.sender, decision.c.event_id)
_ERASURE = (decision.c.identifier, decision.c.via, *_ORDER)


class Erasure(NamedTuple):
    """A decision to erase the person of an identifier; `at` in microseconds."""

    identifier: str
    via: str
    at: int
    source: str
    sender: str
    event_id: str

    @property
    def place(self) -> ErasurePlace:
        return ErasurePlace(*self[2:])


class ErasurePlace(NamedTuple):
    """A decision's place in order."""

    at: int
    source: str
    sender: str
    event_id: str


def take_in_erased(connection: Connection, workspace: str, counted: Collection[CrmEvent]) -> None:
    """Keep the erased contacts among the records that count now, unless a decision says it. What counted before goes."""
    ids = {decision_id(workspace, record.source, record.event_id): erased_by(record) for record in counted}
    delete_rows(connection, erased_contact, [{"workspace": workspace, "decision": each} for each in ids])
    found = {each: erased for each, erased in ids.items() if erased is not None}
    if found:
        keys = rows_of((SOURCE, "", each) for each in found)
        decided = connection.execute(_DECIDED, {"workspace": workspace, "given": keys})
        for (each,) in decided.all():
            del found[each]
    upsert(connection, erased_contact, [_row(each) for each in found.values()])


def settle_erased(connection: Connection, workspace: str, decisions: Iterable[tuple[str, str, str]]) -> None:
    """Forget the erased contacts that a decision says now; `decisions` are (source, sender, event id)."""
    said = [event_id for source, sender, event_id in decisions if (source, sender) == (SOURCE, "")]
    delete_rows(connection, erased_contact, [{"workspace": workspace, "decision": each} for each in said])


def undecided(connection: Connection, *, limit: int) -> list[ErasedContact]:
    """Erased contacts of all workspaces that no decision says yet, as far as decisions were taken in."""
    columns = [erased_contact.c[name] for name in ErasedContact.__slots__]
    statement = select(*columns).order_by(erased_contact.c.workspace, erased_contact.c.decision).limit(limit)
    return [ErasedContact(*row) for row in connection.execute(statement)]


def erasure_of(connection: Connection, workspace: str, person: Person) -> Erasure | None:
    """The first decision to erase this person: on one of its identifiers, or on a cookie that is the person's."""
    if person.cookie is not None:
        names = [person.name]
    else:
        names = [each.identifier for each in person.members] + _cookies_named(connection, workspace, person)
    statement = select(*_ERASURE).where(decision.c.workspace == workspace, in_texts(decision.c.identifier, names))
    row = connection.execute(statement.order_by(*_ORDER).limit(1)).first()
    return None if row is None else Erasure._make(row)


def page_of_erasures(
    connection: Connection, workspace: str, *, after: ErasurePlace | None, limit: int
) -> list[tuple[Erasure, str | None]]:
    """The next decisions in order, each with the profile id of the person, if anybody has the identifier."""
    statement = select(*_ERASURE).where(decision.c.workspace == workspace, decision.c.identifier.isnot(None))
    statement = statement.order_by(*_ORDER).limit(limit)
    rows = connection.execute(statement if after is None else statement.where(tuple_(*_ORDER) > tuple_(*after)))
    return [(each, _profile(connection, workspace, each.identifier)) for each in map(Erasure._make, rows.all())]


def _profile(connection: Connection, workspace: str, identifier: str) -> str | None:
    person = find_by_identifier(connection, workspace, identifier)
    return None if person is None else person.profile


def _cookies_named(connection: Connection, workspace: str, person: Person) -> list[str]:
    """The cookies that a decision names and that belong to this person now; only those linked to it are looked at."""
    members = [each.identifier for each in person.members]
    statement = (
        select(decision.c.identifier)
        .distinct()
        .join(tie, (tie.c.workspace == decision.c.workspace) & (decision.c.identifier == "cookie:" + tie.c.cookie))
        .where(decision.c.workspace == workspace, in_texts(tie.c.identifier, members), tie.c.status == "active")
    )
    named = connection.scalars(statement).all()
    return [each for each in named if _profile(connection, workspace, each) == person.profile]


def _row(each: ErasedContact) -> dict[str, str | int]:
    return {
        "workspace": each.workspace,
        "decision": each.decision_id,
        "source": each.source,
        "event_id": each.event_id,
        "at": each.at,
        "received_at": each.received_at,
        "identifier": each.identifier,
    }


_DECIDED = rows_by_key(decision, ("source", "sender", "event_id"), decision.c.event_id)
