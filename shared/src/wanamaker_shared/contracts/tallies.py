"""Topic `tallies`: how many events the front door said yes to, and what became of them; the log is audited by it.

Producer: collector. Reader: `wanamaker audit`. Key: workspace. Retention: for ever (history): one record for five minutes in
which there were events. Numbers alone; nothing of an event.
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from .record import Record

TOPIC = "tallies"


class FrontDoorTallied(Record):
    """What one collector answered 2xx for since its tally before. `event_id` is new for each, `received_at` when it was made.

    A collector that is killed takes the counts of its last minutes along; never those of events only: the numbers of one
    tally belong together, and an event is counted only after the log has it.
    """

    type: Literal["front-door.tallied"] = "front-door.tallied"
    accepted: int
    """Events in the requests. = stored + declined + failed, each counted for itself."""
    stored: int = 0
    declined: int = 0
    """Not stored, since the visitor refused."""
    failed: int = 0
    replayed: int = 0
    """Records of `web-events` made by sending failed events in again; not among the accepted."""


TYPES = frozenset(["front-door.tallied"])
adapter: TypeAdapter[FrontDoorTallied] = TypeAdapter(FrontDoorTallied)


def key(workspace: str) -> str:
    return workspace
