"""Who a touchpoint belongs to: decided by time, not by cookie.

The last active link made within its session, else the cookie's last link before it, else the first after. As a session is a
contiguous run of the cookie's events, the first two are one: the last link at or before the session's end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from .sessions import Moment


class Link(NamedTuple):
    """An active link of a cookie, in the shape that `cookie.links` stores."""

    at: int
    source: str
    event_id: str
    identifier: str
    lead: bool

    @property
    def moment(self) -> Moment:
        return Moment(self.at, self.source, self.event_id)


def owning_link(links: Sequence[Link], end: Moment) -> Link | None:
    """The link that owns a session ending at `end`; `links` are in order."""
    if not links:
        return None
    before = bisect_right(links, end, key=lambda link: link.moment)
    return links[before - 1] if before else links[0]
