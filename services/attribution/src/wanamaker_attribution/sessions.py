"""Sessions: a cookie's events in order, cut by 30 minutes of silence or by a new arrival. Each session is one touchpoint.
A page view of referrer spam is in none.

Rules and examples: docs/meanings.md, "Session". Pure; the projection calls it for the part of a cookie's history that changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from .arrivals import Arrival, Referrers, arrival, is_spam_view

MINUTE = 60_000_000


class Moment(NamedTuple):
    """A place in a cookie's order: events at one microsecond stand by their source and id."""

    at: int
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One event of a cookie that is not a bot's. `page` is the canonical JSON of a page view, None for any other event."""

    moment: Moment
    page: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """`first` is its first page, the touchpoint; `end` its last event."""

    first: Moment
    end: Moment
    page: str
    arrival: Arrival | None


def cut_sessions(
    visits: Iterable[Visit], *, gap_minutes: int, referrers: Referrers, running: Session | None = None
) -> list[Session]:
    """The sessions of events given in order, beginning with `running` (extended) if one is given."""
    sessions: list[Session] = []
    gap = gap_minutes * MINUTE
    current = running
    for visit in visits:
        if visit.page is not None and is_spam_view(visit.page, referrers):
            continue
        lapsed = current is None or visit.moment.at - current.end.at > gap
        if visit.page is not None:
            came_from = arrival(visit.page, referrers)
            if current is None or lapsed or (came_from is not None and came_from != current.arrival):
                if current is not None:
                    sessions.append(current)
                current = Session(visit.moment, visit.moment, visit.page, came_from)
                continue
        if current is not None and not lapsed:
            current = replace(current, end=visit.moment)
    if current is not None:
        sessions.append(current)
    return sessions
