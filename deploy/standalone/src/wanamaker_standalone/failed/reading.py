"""Failed events as the log has them, for the command line: of all workspaces, whether anything runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.failed.index import Entry, FailedIndex, Filter, Replay, read_value
from wanamaker_shared.failed.kept import Kept, kept, shown
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..refusal import Refusal

MOST = 1_000_000
"""Of each partition; their bytes stay in the log."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An event with its bytes. `edited` is what was last sent in instead, if anything was."""

    event: EventFailed
    kept: Kept
    edited: bytes | None

    @property
    def shown(self) -> bytes:
        return shown(self.event.where, self.kept.raw)


@dataclass(frozen=True, slots=True)
class FailedEvents:
    log: EventLog
    index: FailedIndex

    def fitting(self, wanted: Filter, workspace: str | None = None) -> list[Entry]:
        """The oldest first."""
        return sorted(self.index.matching(workspace, wanted), key=lambda entry: entry.newest_first)

    def one(self, name: str) -> Entry:
        """The event whose failed_id begins so. Raises Refusal if there is none, or more than one."""
        found = [entry for entry in self.index.matching(None, Filter()) if entry.failed_id.startswith(name)]
        exact = [entry for entry in found if entry.failed_id == name]
        if len(exact or found) != 1:
            raise Refusal(
                f"{len(found)} failed events have an id that begins with {name!r}; write more of it"
                if found
                else f"no failed event has the id {name!r}; `wanamaker failed` lists them, they are kept 30 days"
            )
        return (exact or found)[0]

    async def whole(self, entry: Entry) -> Whole:
        """Raises Refusal if the log has forgotten it."""
        value = await read_value(self.log, entry)
        if value is None:
            raise Refusal(f"{entry.failed_id} is older than the log keeps failed events")
        event = failed_events.adapter.validate_json(value)
        return Whole(event, kept(event), await self._edited(self.index.replays(entry.failed_id)))

    async def _edited(self, replays: list[Replay]) -> bytes | None:
        if not replays or not replays[-1].edited:
            return None
        value = await read_value(self.log, replays[-1])
        return None if value is None else kept(failed_events.replayed_adapter.validate_json(value)).raw


@asynccontextmanager
async def reading(settings: ServiceSettings) -> AsyncIterator[FailedEvents]:
    """All that the log has now."""
    log = open_log(settings, "failed")
    try:
        index = FailedIndex(most=MOST)
        await index.refresh(log)
        yield FailedEvents(log, index)
    finally:
        await log.close()
