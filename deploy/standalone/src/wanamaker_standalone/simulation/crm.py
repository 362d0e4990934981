"""The demo company's CRM: a journal of webhooks, in the shapes of the generic connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .leads import Lead
from .values import Webhook


class Journal:
    """Collects what the CRM would send, dropping what lies after the simulation's end."""

    def __init__(self, prefix: str, end: datetime) -> None:
        self._prefix = prefix
        self._end = end
        self.webhooks: list[Webhook] = []

    def write(self, at: datetime, kind: str, **parts: Any) -> bool:
        """Note one webhook; False if it lies after the end and so never happens."""
        if at >= self._end:
            return False
        event_id = f"evt_{self._prefix}-{len(self.webhooks)}"
        body = {"type": kind, "id": event_id, "occurred_at": rfc3339(at), **parts}
        self.webhooks.append(Webhook(at, event_id, body))
        return True

    def contact(self, at: datetime, lead: Lead, lifecycle: str) -> bool:
        return self.write(
            at,
            "contact.updated",
            contact={
                "id": lead.contact_id,
                "emails": [lead.name.email],
                "user_ids": [lead.user_id] if lead.user_id else [],
                "lifecycle": lifecycle,
                "company": {"id": lead.firm.company_id, "domain": lead.firm.domain},
            },
        )

    def deal(self, at: datetime, deal_id: str, people: list[Lead] | None = None, **properties: Any) -> bool:
        """`people` restates the whole contact list; absent properties stay as they were."""
        body: dict[str, Any] = {"id": deal_id, **properties}
        if people is not None:
            body["contacts"] = [{"id": lead.contact_id, "email": lead.name.email} for lead in people]
        return self.write(at, "deal.updated", deal=body)


def rfc3339(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def euros(minor: int) -> str:
    sign, minor = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{minor // 100}.{minor % 100:02d}"
