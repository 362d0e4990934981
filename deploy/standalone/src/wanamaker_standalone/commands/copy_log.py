"""`wanamaker copy-log`: moves an installation's truth to Kafka, or to another directory. Every table is rebuilt from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..refusal import Refusal
from ..supervisor.lock import is_running
from .options import DEFAULT_DATA, Data


def copy_log(
    data: Data = DEFAULT_DATA,
    to: Annotated[Path | None, typer.Option(help="Directory that takes the copy.")] = None,
    to_kafka: Annotated[str | None, typer.Option(help="Kafka bootstrap servers that take the copy.")] = None,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of topics that do not exist there yet.")] = 4,
) -> None:
    """Copy every record, its key and bytes unchanged. What is derived is left out: the new services derive it again."""
    if (to is None) == (to_kafka is None):
        raise Refusal("say where to: either --to DIR or --to-kafka HOST:PORT")
    if is_running(data):
        raise Refusal(f"Wanamaker is running on {data}; stop it first, or what comes in meanwhile would be missing")
    source = ServiceSettings(data=data, kafka=None)
    target = ServiceSettings(data=to or data, kafka=to_kafka, partitions=partitions)
    for topic, copied in asyncio.run(_copy(source, target)).items():
        typer.echo(f"{topic:<18} {copied:>10,} records")
    where = f"`wanamaker up --data {to}`" if to else "the services with WANAMAKER_KAFKA set"
    typer.echo(f"copied. Take {source.keys_path} along and start {where}: every table is rebuilt from the log.")


async def _copy(source: ServiceSettings, target: ServiceSettings) -> dict[str, int]:
    """Topic → records copied. Raises Refusal if the target is not empty."""
    reading = open_log(source, "copy-log")
    try:
        await _require_empty(target)
        copied: dict[str, int] = {}
        for process in _writers():
            writing = open_log(target, process)
            try:
                for topic, partition in _of_process(process):
                    number = await _copy_topic(reading, writing, topic, partition)
                    copied[topic] = copied.get(topic, 0) + number
            finally:
                await writing.close()
        return copied
    finally:
        await reading.close()


async def _require_empty(target: ServiceSettings) -> None:
    log = open_log(target, "copy-log")
    try:
        ends = await log.end_positions(list(TOPICS))
    finally:
        await log.close()
    if filled := sorted({at.topic for at, end in ends.items() if end}):
        raise Refusal(f"the target holds records already ({', '.join(filled)}): a copy goes into an empty log")


async def _copy_topic(reading: EventLog, writing: EventLog, topic: str, only: int | None) -> int:
    """`only`: the one partition that this process wrote; None = all of them."""
    copied = 0
    for at, end in sorted((await reading.end_positions([topic])).items()):
        if only is None or at.partition == only:
            async for batch in reading.read(*at, 0, end):
                await writing.append([NewRecord(topic, record.key, record.value) for record in batch.records])
                copied += len(batch.records)
    return copied


def _writers() -> list[str]:
    return sorted({writer for topic in TOPICS.values() for writer in topic.writers})


def _of_process(process: str) -> Iterator[tuple[str, int | None]]:
    """The topics a process writes, but for derived ones; of a topic with several writers its own partition."""
    for topic in TOPICS.values():
        if process in topic.writers and topic.kind != "derived":
            yield topic.name, topic.writers.index(process) if len(topic.writers) > 1 else None
