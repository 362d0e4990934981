"""Where the collector's events go, and whether they are taken there: what /readyz and /sink-health say.

Ready is who keeps events durably, on disk if need be; the sink is healthy only while the log itself acknowledges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from fastapi import APIRouter

from wanamaker_shared.contracts import web_events
from wanamaker_shared.eventlog.port import EventLog, LogCorrupt, LogUnavailable
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.eventlog.spool.leftover import send_on_leftover
from wanamaker_shared.service.opening import open_log, open_spooled_log
from wanamaker_shared.service.problems import Problem

from .settings import CollectorSettings


@runtime_checkable
class Checked(Protocol):
    """A log that can say whether it would take records, which its reading side does not know."""

    async def check(self) -> None:
        """Raises LogUnavailable with the reason."""
        ...


async def open_sink(settings: CollectorSettings, process: str) -> EventLog | SpooledLog:
    """The embedded log, with what a spool still held for Kafka; or Kafka with a spool before it, and asked whether it is there.

    Raises LogUnavailable if another process writes the files.
    """
    if settings.kafka:
        spooled = open_spooled_log(
            settings,
            process,
            directory=settings.spool_path,
            limit=settings.spool_bytes,
            deadline=settings.acknowledge_seconds,
        )
        await spooled.start()
        return spooled
    log = open_log(settings, process)
    try:
        await send_on_leftover(settings.spool_path, process, log)
    except BaseException:
        await log.close()
        raise
    return log


async def readiness(log: EventLog | SpooledLog) -> Mapping[str, Any] | None:
    """What /readyz adds while events are spooled. Raises LogUnavailable, LogCorrupt."""
    await _check(log)
    if isinstance(log, SpooledLog) and (log.outage or log.waiting["records"]):
        return {"log": "unavailable" if log.outage else "available", "spool": dict(log.waiting)}
    return None


def sink_router(log: Callable[[], EventLog | SpooledLog]) -> APIRouter:
    """The route /sink-health."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/sink-health",
        summary="Whether the log itself takes events",
        responses={503: {"description": "It does not; while there is room they are spooled, see /readyz."}},
    )
    async def sink_health() -> dict[str, str]:
        try:
            await _health(log())
        except (LogUnavailable, LogCorrupt) as error:
            raise Problem(503, "Service Unavailable", str(error), headers={"Retry-After": "1"}) from error
        return {"status": "ok"}

    return router


async def _health(log: EventLog | SpooledLog) -> None:
    if not isinstance(log, SpooledLog):
        await _check(log)
    elif log.outage:
        raise LogUnavailable(log.outage)


async def _check(log: EventLog | SpooledLog) -> None:
    if isinstance(log, Checked):
        await log.check()
    else:
        await log.end_positions([web_events.TOPIC])
