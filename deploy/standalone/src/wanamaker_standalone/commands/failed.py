"""`wanamaker failed`: what could not be taken in, where it stood, and why."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from .options import DEFAULT_DATA, Data


def failed(
    data: Data = DEFAULT_DATA,
    last: Annotated[int, typer.Option(min=1, help="How many, newest last.")] = 50,
    raw: Annotated[
        bool, typer.Option("--raw", help="JSON lines with the raw bytes (may hold personal values).")
    ] = False,
) -> None:
    """List the newest failed events with their reasons."""
    events = asyncio.run(_read(ServiceSettings(data=data)))
    for event in sorted(events.values(), key=lambda event: (event.received_at, event.event_id))[-last:]:
        typer.echo(_raw(event) if raw else _line(event))
    typer.echo(f"{len(events)} failed", err=True)


async def _read(settings: ServiceSettings) -> dict[tuple[str, str], EventFailed]:
    """By origin and id: the relay may have brought one twice."""
    log = open_log(settings, "failed")
    found: dict[tuple[str, str], EventFailed] = {}
    try:
        for at, end in (await log.end_positions([failed_events.TOPIC])).items():
            async for batch in log.read(*at, 0, end):
                for record in batch.records:
                    if orjson.loads(record.value)["type"] != "event.failed":
                        continue
                    event = failed_events.adapter.validate_json(record.value)
                    found[event.origin, event.event_id] = event
    finally:
        await log.close()
    return found


def _line(event: EventFailed) -> str:
    at = datetime.fromtimestamp(event.received_at / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{at}  {event.workspace}  {event.origin}  {event.where}  {event.event_id}  {event.reason}"


def _raw(event: EventFailed) -> str:
    raw = base64.b64decode(event.personal.v.get("raw", "")).decode("utf-8", "replace")
    shown = event.model_dump(mode="json", exclude={"personal"}, exclude_none=True)
    return canonical({**shown, "raw": raw}).decode()
