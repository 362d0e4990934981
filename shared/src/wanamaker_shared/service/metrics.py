"""The catalogue of all metrics: each named once, with its labels and a one-line meaning; and /metrics, which shows them.

Labels are topics, verdicts and routes, never a workspace's or a person's values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from fastapi import APIRouter

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

ACCEPTED = Counter(
    "wanamaker_accepted_events", "Events of requests that the collector answered yes: the sum of its verdicts."
)
COLLECTED = Counter(
    "wanamaker_collected_events", "Events sent to the collector, by verdict: stored, declined, failed.", ["verdict"]
)
REPLAYED = Counter(
    "wanamaker_replayed_events",
    "Failed events sent in again, by outcome: replayed, failed (as before), skipped (not tried).",
    ["outcome"],
)
SHORT_LINKS = Counter(
    "wanamaker_short_links",
    "Requests to short links, by outcome: followed, unknown, retired, unavailable.",
    ["outcome"],
)
APPENDED = Counter("wanamaker_log_appended_records", "Records appended durably to a topic by this process.", ["topic"])
APPEND_SECONDS = Histogram(
    "wanamaker_log_append_seconds", "How long an append took until its records were durable.", buckets=_SECONDS
)
WEBHOOKS = Counter("wanamaker_webhooks", "Requests to a webhook, by outcome: stored, unverified, refused.", ["outcome"])
CRM_ITEMS = Counter(
    "wanamaker_crm_items",
    "Records made of webhooks' events, by outcome: mapped, failed, skipped (unknown type).",
    ["outcome"],
)
CRM_WATCHES = Counter(
    "wanamaker_crm_watches",
    "Renewals of the channels by which CRMs tell us what changes, by outcome: renewed, failed.",
    ["outcome"],
)
CRM_WATCH_END = Gauge(
    "wanamaker_crm_watch_end_seconds",
    "When the first of those channels ends, in seconds since 1970; 0 = one was never opened.",
)
IMPORTED = Counter(
    "wanamaker_imported_rows", "Rows of spreadsheets that were imported, by verdict: good, warned, bad.", ["verdict"]
)
CONSUMED = Counter(
    "wanamaker_consumed_records",
    "Records taken in by `consume`, by what became of them: fact, duplicate, skipped, failed.",
    ["topic", "outcome"],
)
BATCH_SECONDS = Histogram(
    "wanamaker_batch_seconds", "How long one batch took from its start until its commit.", ["topic"], buckets=_SECONDS
)
POSITION = Gauge("wanamaker_position", "The next record that `consume` will read.", ["topic", "partition"])
FRESH_TO = Gauge(
    "wanamaker_fresh_to_seconds",
    "Receipt of the newest record taken in, in seconds since 1970.",
    ["topic", "partition"],
)
RETRIES = Counter(
    "wanamaker_consume_retries",
    "How often `consume` began again, by reason: database, log, ownership.",
    ["reason"],
)
SPOOLED = Counter("wanamaker_spooled_records", "Records taken into the spool, because the log did not acknowledge.")
SPOOL_RECORDS = Gauge("wanamaker_spool_records", "Records in the spool that were not sent on to the log yet.")
SPOOL_BYTES = Gauge("wanamaker_spool_bytes", "What the spool holds, in bytes of records.")
SPOOL_DRAINED = Counter("wanamaker_spool_drained_records", "Records sent on from the spool to the log.")
SPOOL_DAMAGED = Counter(
    "wanamaker_spool_damaged_records",
    "Records in the spool that did not match their checksums and were put aside in a file.",
)
RELAYED = Counter("wanamaker_outbox_relayed_records", "Records relayed from the outbox to the log.", ["topic"])
GENERATION = Gauge("wanamaker_generation", "The generation of the database that this process uses.", ["service"])


def metrics_router(before: Callable[[], None] = lambda: None) -> APIRouter:
    """The route /metrics; `before` is called each time, for what is counted elsewhere."""
    from fastapi import APIRouter, Response  # `consume` counts without it, and starts in half the time

    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Metrics in the format of Prometheus", response_class=Response, response_model=None)
    async def metrics() -> Response:
        before()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def catalogue() -> dict[str, str]:
    """Each metric's name, as /metrics shows it, and its meaning."""
    known = (value for value in globals().values() if isinstance(value, (Counter, Gauge, Histogram)))
    return {
        family.name + ("_total" if family.type == "counter" else ""): family.documentation
        for metric in known
        for family in metric.describe()
    }
