"""A contact that its CRM erased for privacy, and the decision that this becomes.

Pure. The decision is a function of the CRM's record alone, so that however often it is said, it is one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wanamaker_shared.contracts.crm_events import ContactErased, CrmEvent
from wanamaker_shared.contracts.decisions import PersonErase
from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.contracts.record import canonical

SOURCE = "identity"


@dataclass(frozen=True, slots=True)
class ErasedContact:
    """A record `contact.erased`; times in microseconds. `identifier` is `contact:<connection>/<id>`."""

    workspace: str
    source: str
    event_id: str
    at: int
    received_at: int
    identifier: str

    @property
    def decision_id(self) -> str:
        return decision_id(self.workspace, self.source, self.event_id)

    def decision(self) -> PersonErase:
        return PersonErase(
            workspace=self.workspace,
            source=SOURCE,
            event_id=self.decision_id,
            occurred_at=self.at,
            received_at=self.received_at,
            identifier=self.identifier,
            via="contact.erased",
        )


def erased_by(record: CrmEvent) -> ErasedContact | None:
    """What a record of a CRM erases."""
    if not isinstance(record, ContactErased):
        return None
    return ErasedContact(
        workspace=record.workspace,
        source=record.source,
        event_id=record.event_id,
        at=record.occurred_at,
        received_at=record.received_at,
        identifier=contact_identifier(record.connection, record.contact_id),
    )


def decision_id(workspace: str, source: str, event_id: str) -> str:
    """The event id of the decision that a CRM's record with this identity becomes."""
    return hashlib.sha256(canonical(["contact.erased", workspace, source, event_id])).hexdigest()[:32]
