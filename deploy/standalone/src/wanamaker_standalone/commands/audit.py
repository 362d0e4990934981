"""`wanamaker audit`: nothing disappears. What the front door accepted against the log, and for each consumer and partition the
log against what became of its records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import typer
from rich.table import Table

from wanamaker_shared.eventlog.port import TopicPartition
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..counters import Counted, counted, faults
from ..front_door import FrontDoor, front_door_faults, read_front_door
from ..stages import Stage, read_stages
from .options import DEFAULT_DATA, Data
from .output import console


def audit(data: Data = DEFAULT_DATA) -> None:
    """Check that accepted = stored + declined + failed at the front door, and that log = facts + duplicates + skipped
    + failed + not yet read for each consumer; exit 1 if not."""
    settings = ServiceSettings(data=data)
    door, stages = asyncio.run(_look(settings))
    console().print(_door_table(door))
    console().print(_table(stages))
    found = [*front_door_faults(door)]
    found += [fault for stage in stages for fault in faults(stage, dense=settings.kafka is None)]
    for fault in found:
        typer.echo(fault)
    typer.echo("every record is accounted for" if not found else f"{len(found)} do not add up")
    raise typer.Exit(1 if found else 0)


async def _look(settings: ServiceSettings) -> tuple[FrontDoor, list[Stage]]:
    log = open_log(settings, "audit")
    try:
        return await read_front_door(log, dense=settings.kafka is None), await read_stages(settings, log)
    finally:
        await log.close()


def _door_table(door: FrontDoor) -> Table:
    table = Table("Front door")
    figures = {
        "Accepted": door.accepted,
        "Stored": door.stored,
        "Declined": door.declined,
        "Failed": door.failed,
        "Sent in again": door.replayed,
        "Not tallied": door.untallied,
        "In the log": door.in_log,
    }
    for heading in figures:
        table.add_column(heading, justify="right")
    table.add_row("web-events", *(f"{figure:,}" for figure in figures.values()))
    return table


def _table(stages: list[Stage]) -> Table:
    table = Table("Consumer", "Topic")
    for heading in ("In the log", "Facts", "Duplicates", "Skipped", "Failed", "Not yet read"):
        table.add_column(heading, justify="right")
    for stage in stages:
        for topic, total in _by_topic(stage):
            figures = (total.end, total.facts, total.duplicates, total.skipped, total.failed, total.waiting)
            table.add_row(stage.consumer, topic, *(f"{figure:,}" for figure in figures))
    return table


def _by_topic(stage: Stage) -> Iterator[tuple[str, Counted]]:
    partitions: dict[str, list[TopicPartition]] = {}
    for at in sorted(stage.ends):
        partitions.setdefault(at.topic, []).append(at)
    for topic, those in partitions.items():
        yield topic, sum((counted(stage, at) for at in those), Counted())
