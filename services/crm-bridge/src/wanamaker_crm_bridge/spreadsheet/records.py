"""What a row states, as records of `crm-events`; a record is what it says and when, so that no two files say a thing twice."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wanamaker_crm_bridge.mapping import event_id
from wanamaker_shared.contracts.crm_events import CompanyRevised, ContactRevised, CrmEvent, DealRevised
from wanamaker_shared.contracts.record import Personal, canonical

from .rows import DealRow

AHEAD = 5 * 60 * 1_000_000
"""How far a row's own time may lie after the import began, in microseconds; clocks differ."""

Identify = Callable[[int, str, Mapping[str, Any], int], str]
"""(place in the row, type, what it says, when) → event id."""


@dataclass(frozen=True, slots=True)
class Said:
    """Of which import a row is. `begun_at` and `shift` in microseconds."""

    workspace: str
    connection: str
    begun_at: int
    revision: int = 0


def time_of(row: DealRow, begun_at: int, shift: int) -> int:
    """When the row is true: its own time, else when the import began; `shift` puts the later of two lines behind."""
    stated = begun_at if row.updated_at is None else min(row.updated_at, begun_at + AHEAD)
    return stated + shift


def by_content(connection: str, workspace_key: bytes) -> Identify:
    """Of rows that are good as they stand: the same statement in another file is the same record. Keyed, for it holds names."""

    def identify(_: int, kind: str, said: Mapping[str, Any], at: int) -> str:
        return hmac.digest(workspace_key, canonical(["spreadsheet", connection, kind, said, at]), "sha256").hex()

    return identify


def by_line(connection: str, delivery_id: str) -> Identify:
    """Of a row that was bad: it stays the record it is however often it is mended, and the highest revision counts."""

    def identify(place: int, _kind: str, _said: Mapping[str, Any], _at: int) -> str:
        return event_id(connection, delivery_id, place)

    return identify


def records_of(row: DealRow, said: Said, *, shift: int, identify: Identify) -> list[CrmEvent]:
    at = time_of(row, said.begun_at, shift)
    made: list[CrmEvent] = []

    def envelope(kind: str, statement: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "workspace": said.workspace,
            "source": said.connection,
            "event_id": identify(len(made), kind, statement, at),
            "revision": said.revision,
            "occurred_at": at,
            "received_at": said.begun_at,
        }

    contacts = [contact.contact_id for contact in row.contacts]
    deal = {"deal_id": row.deal_id, "properties": dict(row.properties), "contacts_added": contacts}
    named = Personal(key=row.deal_id, v={"name": row.name}) if row.name else None
    made.append(DealRevised(**envelope("deal", {**deal, "name": row.name}), **deal, personal=named))
    for contact in row.contacts:
        stated = {"contact_id": contact.contact_id, "properties": dict(contact.properties)}
        personal = Personal(key=contact.contact_id, v=dict(contact.personal)) if contact.personal else None
        made.append(
            ContactRevised(
                **envelope("contact", {**stated, "personal": dict(contact.personal)}), **stated, personal=personal
            )
        )
    if row.company is not None:
        company = {"company_id": row.company[0], "properties": dict(row.company[1])}
        made.append(CompanyRevised(**envelope("company", company), **company))
    return made
