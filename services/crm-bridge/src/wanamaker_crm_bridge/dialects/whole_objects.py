"""What CRMs say that tell whole objects (docs/adr/0019): the records of one request, and what each says whenever it was said."""

from __future__ import annotations

from typing import Any

from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted, DealRestored

from .stating import Stating


class WholeObjects:
    """`standing` is for `Mapped.standing`; `whose` names the CRM's account. Times in microseconds."""

    def __init__(self, webhook: Webhook, context: Context, whose: str) -> None:
        self.stating = Stating(webhook, context.workspace_key, whose)
        self.standing: dict[str, str] = {}
        self.context = context

    def contacts(self, deal_id: str, contacts: list[str], at: int) -> CrmEvent:
        """All of them."""
        return self.stood(self.stating.deal_contacts(deal_id, at, contacts=contacts))

    def deleted(self, deal_id: str, at: int) -> CrmEvent:
        return self.stood(DealDeleted(**self.stating.envelope("deal", deal_id, "deletion", at=at), deal_id=deal_id))

    def exists(self, deal_id: str, changed: int) -> CrmEvent:
        """A deal that is found was not deleted when it changed last, though nobody may have told that it was taken back.

        It stands where that second begins, so that a deletion within it holds.
        """
        said = self.stating.envelope("deal", deal_id, "existence", at=changed)
        return self.stood(DealRestored(**said, deal_id=deal_id))

    def stood(self, event: CrmEvent, *marks: Any) -> CrmEvent:
        """`marks` tell two spells of one state apart."""
        content = self.stating.content_of(event)
        self.standing[event.event_id] = self.stating.id_of(content, *marks) if marks else content
        return event
