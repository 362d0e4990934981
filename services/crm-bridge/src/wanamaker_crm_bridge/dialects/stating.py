"""Records that are known by what they say and when it was so, not by the delivery that brought them.

For CRMs whose webhooks, API and files tell the same thing several times: whichever comes first, it is one record. What is said
may be personal, so the id is a keyed hash (docs/adr/0017).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from wanamaker_crm_bridge.emails import email_properties
from wanamaker_crm_bridge.mapping import Webhook
from wanamaker_shared.contracts.crm_events import (
    CompanyMerged,
    CompanyRevised,
    ContactMerged,
    ContactRevised,
    CrmEvent,
    DealMerged,
    DealRevised,
)
from wanamaker_shared.contracts.identifiers import linkable_user_id
from wanamaker_shared.contracts.record import Personal, canonical

AHEAD = timedelta(minutes=5) // timedelta(microseconds=1)
"""How far a statement's own time may lie after its receipt; clocks differ."""

_MERGES: Mapping[str, type[DealMerged] | type[ContactMerged] | type[CompanyMerged]] = {
    "deal": DealMerged,
    "contact": ContactMerged,
    "company": CompanyMerged,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was stated of a deal or a contact: properties of the contract, and what is personal."""

    properties: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stating:
    """Makes the records of one raw request. `whose` names the CRM's account: ids of two accounts may be alike."""

    webhook: Webhook
    workspace_key: bytes
    whose: str

    def envelope(self, *said: Any, at: int) -> dict[str, Any]:
        """The fields that every record has, for what is said at `at` (microseconds)."""
        return {
            "workspace": self.webhook.workspace,
            "source": self.webhook.connection,
            "event_id": self.id_of(*said, at),
            "revision": self.webhook.revision,
            "occurred_at": min(at, self.webhook.received_at + AHEAD),
            "received_at": self.webhook.received_at,
        }

    def id_of(self, *said: Any) -> str:
        return hmac.digest(self.workspace_key, canonical([self.whose, *said]), "sha256").hex()

    def content_of(self, event: CrmEvent) -> str:
        """What a record says, without when."""
        record = event.model_dump(exclude={"event_id", "revision", "occurred_at", "received_at"})
        return self.id_of("content", record)

    def revised(self, kind: str, object_id: str, said: Said, at: int) -> DealRevised | ContactRevised:
        """Of a `deal` or a `contact`."""
        return self.deal(object_id, said, at) if kind == "deal" else self.contact(object_id, said, at)

    def deal(self, deal_id: str, said: Said, at: int) -> DealRevised:
        return DealRevised(
            **self.envelope("deal", deal_id, dict(said.properties), dict(said.personal), at=at),
            deal_id=deal_id,
            properties=dict(said.properties),
            personal=_personal(deal_id, said),
        )

    def deal_contacts(self, deal_id: str, at: int, **stated: list[str]) -> DealRevised:
        """`contacts` (all of them), `contacts_added` or `contacts_removed`."""
        return DealRevised(**self.envelope("deal", deal_id, stated, at=at), deal_id=deal_id, **stated)

    def contact(self, contact_id: str, said: Said, at: int) -> ContactRevised:
        return ContactRevised(
            **self.envelope("contact", contact_id, dict(said.properties), dict(said.personal), at=at),
            contact_id=contact_id,
            properties=dict(said.properties),
            personal=_personal(contact_id, said),
        )

    def company(self, company_id: str, properties: Mapping[str, Any], at: int) -> CompanyRevised:
        return CompanyRevised(
            **self.envelope("company", company_id, dict(properties), at=at),
            company_id=company_id,
            properties=dict(properties),
        )

    def merge(self, kind: str, merged: str, into: str, at: int) -> DealMerged | ContactMerged | CompanyMerged:
        """Of two of a kind: `deal`, `contact` or `company`."""
        return _MERGES[kind](**self.envelope(kind, "merge", merged, into, at=at), from_id=merged, into_id=into)


def emails(workspace_key: bytes, addresses: list[str]) -> Said:
    """A contact's addresses, all of them: those that can link somebody, and as the CRM has them."""
    return Said(email_properties(addresses or None, workspace_key), {"emails": addresses} if addresses else {})


def user_ids(workspace_key: bytes, ids: list[str]) -> Said:
    """The website's user ids of a contact, all of them: those that can link somebody, and as the CRM has them."""
    linkable = (linkable_user_id(workspace_key, each) for each in ids)
    return Said(
        {"user_ids": list(dict.fromkeys(each for each in linkable if each is not None)) if ids else None},
        {"user_ids": ids} if ids else {},
    )


def _personal(key: str, said: Said) -> Personal | None:
    return Personal(key=key, v=dict(said.personal)) if said.personal else None
