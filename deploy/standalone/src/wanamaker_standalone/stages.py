"""How far each consumer is: its positions, counters and outbox, read from its own database beside the log's ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, func, inspect, select

from wanamaker_shared.contracts import (
    ad_spend,
    crm_events,
    crm_webhooks,
    decisions,
    identity_updates,
    rates,
    settings,
    web_events,
)
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.port import EventLog, TopicPartition
from wanamaker_shared.eventlog.positions import Progress, position_table, read_progress
from wanamaker_shared.service.live import open_database
from wanamaker_shared.service.settings import ServiceSettings

CONSUMED: Mapping[str, tuple[str, ...]] = {
    "crm-bridge": (crm_webhooks.TOPIC,),
    "identity": (web_events.TOPIC, crm_events.TOPIC, decisions.TOPIC, settings.TOPIC),
    "attribution": (
        web_events.TOPIC,
        identity_updates.TOPIC,
        crm_events.TOPIC,
        ad_spend.TOPIC,
        settings.TOPIC,
        rates.TOPIC,
    ),
}
"""Consumer → topics, in the order the data flows."""

_metadata = MetaData()
_position = position_table(_metadata)
_outbox = outbox_table(_metadata)


@dataclass(frozen=True, slots=True)
class Stage:
    """One consumer against the log. `waiting_out`: records of its outbox that are not in the log yet."""

    consumer: str
    ends: Mapping[TopicPartition, int]
    progress: Mapping[TopicPartition, Progress]
    waiting_out: int

    @property
    def done(self) -> int:
        return sum(min(self.position(at), end) for at, end in self.ends.items())

    @property
    def total(self) -> int:
        return sum(self.ends.values())

    @property
    def caught_up(self) -> bool:
        return self.waiting_out == 0 and self.done == self.total

    def position(self, at: TopicPartition) -> int:
        return self.progress[at].position if at in self.progress else 0


async def read_stages(configured: ServiceSettings, log: EventLog) -> list[Stage]:
    """All consumers in the order the data flows, each read before the ends it is compared with.

    So, once nothing is sent any more, stages that are all caught up in one answer stay so.
    """
    return [await read_stage(configured, log, consumer) for consumer in CONSUMED]


async def read_stage(configured: ServiceSettings, log: EventLog, consumer: str) -> Stage:
    database = open_database(configured, consumer)
    try:
        progress, waiting_out = await database.read(_read)
    finally:
        await database.close()
    return Stage(consumer, await log.end_positions(CONSUMED[consumer]), progress, waiting_out)


def _read(connection: Connection) -> tuple[dict[TopicPartition, Progress], int]:
    if not inspect(connection).has_table(_position.name):
        return {}, 0
    waiting_out = connection.scalar(select(func.count()).select_from(_outbox)) or 0
    return read_progress(connection, _position), waiting_out
