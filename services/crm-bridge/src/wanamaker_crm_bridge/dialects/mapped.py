"""The dialect of configuration: a connection's owner says in `connections.toml` where in the body each of our fields stands.

Every rule that fits makes an event in our own words (`generic`), which then is checked and known like any other.
"""

from __future__ import annotations

from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.templates import ABSENT
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
    events, skipped = [], 0
    for body in bodies:
        said = [event for rule in mapping.rules if rule.fits(body) and (event := rule.event(body)) is not ABSENT]
        events += said
        skipped += not said
    mapped = map_events(events, webhook, context)
    return Mapped(mapped.events, mapped.failures, mapped.skipped + skipped)
