"""The dialect of replays: the body is a record of `crm-events` that is said again as it stands.

`consume` alone writes that topic, so a record that a consumer set aside takes the way through the inbox. No connection can
be given this dialect: `schemes.CRMS` has the CRMs' own only.
"""

from __future__ import annotations

from pydantic import ValidationError

from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Webhook
from wanamaker_shared.contracts import crm_events

DIALECT = "record"


def map_record(webhook: Webhook, _: Context) -> Mapped:
    try:
        event = crm_events.adapter.validate_json(webhook.body)
    except ValidationError:
        return Mapped(failures=(Failure("record", f"is not one of {crm_events.TOPIC} as this version reads them"),))
    if event.workspace != webhook.workspace:
        return Mapped(failures=(Failure("record", "belongs to another workspace"),))
    return Mapped(events=(event,))
