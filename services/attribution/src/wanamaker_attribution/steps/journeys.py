"""The journeys of people, read with a cost that the cap bounds: of each identifier the newest touchpoints, and the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from wanamaker_shared.service.given import given

from ..days import DAY
from ..journeys import Touch
from ..tables import identifier, touchpoint
from .run import Run

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_members = select(identifier.c.profile, identifier.c.identifier).select_from(
    _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.profile == _given.text(0)))
)
_t = touchpoint.c
_later = touchpoint.alias("later")
# Where an owner's newest touchpoints begin that are as many as the cap and one more, so that reaching the cap shows.
_enough_since = (
    select(_later.c.start_at)
    .where(_later.c.workspace == _w, _later.c.owner == _given.text(0), _later.c.start_at <= _given.number(1))
    .order_by(_later.c.start_at.desc())
    .limit(1)
    .offset(bindparam("cap"))
    .correlate(_given.source)
    .scalar_subquery()
)
_columns = (
    _t.owner,
    # its place among the touchpoints of all cookies
    *(_t.start_at, _t.record_source, _t.cookie, _t.event_id),
    # as journeys.Touch has it
    *(_t.id, _t.start_at, _t.day, _t.channel, _t.source, _t.medium, _t.campaign, _t.term, _t.content, _t.landing_page),
    _t.original_source,
)
# The newest touchpoints of (owner, until).
_newest = select(*_columns).select_from(
    _given.joined(
        touchpoint,
        (_t.workspace == _w)
        & (_t.owner == _given.text(0))
        & (_t.start_at <= _given.number(1))
        & (_t.start_at >= func.coalesce(_enough_since, 0)),
    )
)
_first = (
    select(*_columns)
    .where(
        _t.workspace == _w,
        _t.owner == bindparam("owner"),
        _t.start_at >= bindparam("since"),
        _t.start_at <= bindparam("until"),
    )
    .order_by(_t.start_at, _t.record_source, _t.cookie, _t.event_id)
    .limit(1)
)

Placed = tuple[int, tuple[Any, ...], Touch]
"""(start, place in the order, touchpoint)"""
_place = itemgetter(1)


class Journeys:
    """The touchpoints of some people until a time, each identifier read once for all their conversions."""

    def __init__(self, run: Run, people: Iterable[str], until: int) -> None:
        self._run = run
        self._cap = run.settings.journey_cap
        self._members: dict[str, list[str]] = defaultdict(list)
        for profile, who in run.look_up(_members, ((profile,) for profile in people)):
            if not who.startswith("contact:"):  # a contact owns no touchpoint
                self._members[profile].append(who)
        self._read = self._load((who for members in self._members.values() for who in members), until)

    def before(self, people: Iterable[str], at: int) -> tuple[Touch, ...]:
        """The journey of these people to a conversion at `at`: at most the cap, the first and the newest others."""
        look_back = self._run.settings.look_back_days * DAY
        since = at - look_back if look_back else 0
        owners = [who for profile in people for who in self._members[profile]]
        found = [placed for who in owners for placed in self._newest(who, since, at)]
        found.sort(key=_place)
        if len(found) > self._cap:
            first = min((placed for who in owners for placed in self._first(who, since, at)), key=_place)
            found = [first, *found[len(found) - self._cap + 1 :]]
        return tuple([touch for _, _, touch in found])

    def _newest(self, who: str, since: int, at: int) -> list[Placed]:
        """At least the newest cap + 1 touchpoints of an identifier in the window, or all."""
        read = self._read[who]
        fitting = [placed for placed in read if since <= placed[0] <= at]
        if len(read) <= self._cap or len(fitting) > self._cap or min(read)[0] < since:
            return fitting
        return [placed for placed in self._load([who], at)[who] if since <= placed[0]]

    def _load(self, owners: Iterable[str], until: int) -> defaultdict[str, list[Placed]]:
        """By owner the newest until then: all, or more than the cap."""
        read = defaultdict[str, list[Placed]](list)
        wanted = ((who, until) for who in owners)
        for who, start_at, *rest in self._run.look_up(_newest, wanted, cap=self._cap):
            read[who].append(_placed(start_at, rest))
        return read

    def _first(self, who: str, since: int, until: int) -> list[Placed]:
        found = self._run.connection.execute(
            _first, {"workspace": self._run.workspace, "owner": who, "since": since, "until": until}
        )
        return [_placed(start_at, rest) for _, start_at, *rest in found]


def _placed(start_at: int, rest: Sequence[Any]) -> Placed:
    return start_at, (start_at, *rest[:3]), Touch._make(rest[3:])
