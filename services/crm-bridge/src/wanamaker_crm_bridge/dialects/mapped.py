"""The dialect of configuration: a connection's owner says in `connections.toml` where in the body each of our fields stands.

Every rule that fits makes an event in our own words (`generic`), which then is checked and known like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wanamaker_crm_bridge.connections import FieldMapping
from wanamaker_crm_bridge.json_body import Number, read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import items

from .generic import map_events


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    mapping = context.connection.mapping
    if mapping is None:
        return Mapped(failures=(Failure("body", "the connection has no `mapping` in connections.toml"),))
    try:
        bodies = items(mapping.bodies(read_json(webhook.body)), "body")
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    said = [list(_said(mapping, body)) for body in bodies]
    mapped = map_events([event for events in said for event in events], webhook, context)
    return Mapped(mapped.events, mapped.failures, mapped.skipped + said.count([]))


def _said(mapping: FieldMapping, body: Any) -> Iterator[Any]:
    """An event for each rule that fits. Where several have one id, the further ones are numbered: they say different things."""
    ids: dict[str, int] = {}
    for rule in mapping.rules:
        if not rule.fits(body):
            continue
        try:
            event = rule.event(body)
        except Unmappable as problem:
            yield problem
            continue
        known = event.get("id")
        if isinstance(known, str | Number):
            name = known if isinstance(known, str) else known.text
            ids[name] = ids.get(name, 0) + 1
            if ids[name] > 1:
                event["id"] = f"{name}/{ids[name]}"
        yield event
