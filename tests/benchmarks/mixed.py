"""The demo's mix of events as records of the log: web events as the collector maps them, webhooks as the inbox keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from wanamaker_collector.mapping import Origin, to_record
from wanamaker_crm_bridge.inbox import inbox_record
from wanamaker_crm_bridge.mapping import Webhook as RawWebhook
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.keys import WorkspaceKeys
from wanamaker_standalone.simulation.mix import mix
from wanamaker_standalone.simulation.values import WebBatch

END = date(2026, 6, 30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mixed(events: int, seed: int, keys: WorkspaceKeys) -> Iterator[NewRecord]:
    """`events` records (web events and webhooks) in the order they happened. Seeds 1,000 apart share nobody."""
    origin = Origin(keys.workspace, "secret", browser=False, workspace_key=keys.hmac_key)
    for step in mix(events, seed, END):
        received_at = (step.at - _EPOCH) // timedelta(microseconds=1)
        if isinstance(step, WebBatch):
            for event in step.events:
                yield web_record(dict(event), origin, received_at)
        else:
            body = orjson.dumps(step.body)
            webhook = RawWebhook(keys.workspace, "generic", step.event_id, received_at, body)
            yield inbox_record(webhook, dialect="generic", verified_by="standard-webhooks")


def web_record(event: dict[str, Any], origin: Origin, received_at: int) -> NewRecord:
    return to_record(event, event["type"], origin, received_at=received_at, sent_at=None, unsafe=False).record
