"""All topics: their names, how long they are kept, and who writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from . import (
    ad_spend,
    crm_events,
    crm_webhooks,
    decisions,
    failed_events,
    identity_updates,
    rates,
    restatements,
    settings,
    tallies,
    tracking_links,
    web_events,
)


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    kind: Literal["source", "derived", "inbox", "history"]
    writers: tuple[str, ...]
    """The processes that append to it, `<service>-<command>`."""

    @property
    def retention(self) -> timedelta | None:
        """None = for ever."""
        return timedelta(days=30) if self.kind == "inbox" else None


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(web_events.TOPIC, "source", ("collector-serve",)),
        Topic(crm_webhooks.TOPIC, "inbox", ("crm-bridge-serve",)),
        Topic(crm_events.TOPIC, "source", ("crm-bridge-consume",)),
        Topic(ad_spend.TOPIC, "source", ("attribution-serve",)),
        Topic(settings.TOPIC, "source", ("attribution-serve",)),
        Topic(rates.TOPIC, "source", ("attribution-serve",)),
        Topic(tracking_links.TOPIC, "source", ("attribution-serve",)),
        Topic(decisions.TOPIC, "source", ("identity-serve",)),
        Topic(identity_updates.TOPIC, "derived", ("identity-consume",)),
        Topic(tallies.TOPIC, "history", ("collector-serve",)),
        Topic(restatements.TOPIC, "history", ("attribution-consume",)),
        Topic(
            failed_events.TOPIC,
            "inbox",
            (
                "collector-serve",
                "crm-bridge-serve",
                "crm-bridge-consume",
                "identity-consume",
                "attribution-consume",
                # their place is a partition of the embedded log: new ones go to the end
                "identity-serve",
                "attribution-serve",
            ),
        ),
    )
}
