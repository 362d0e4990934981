"""The journeys of people, read with a cost that the cap bounds: of each identifier the newest touchpoints, and the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select

from wanamaker_shared.service.given import given, rows_of

from ..days import DAY
from ..journeys import Touch
from ..tables import identifier, touchpoint
from ..touchpoints import Touchpoint
from .run import Run

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_members = select(identifier.c.profile, identifier.c.identifier).select_from(
    _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.profile == _given.text(0)))
)
_t = touchpoint.c
_of_owner = (
    select(*(column for column in touchpoint.c if column.name != "workspace"))
    .where(
        _t.workspace == _w,
        _t.owner == bindparam("owner"),
        _t.start_at >= bindparam("since"),
        _t.start_at <= bindparam("until"),
    )
    .limit(bindparam("count"))
)
_newest = _of_owner.order_by(_t.start_at.desc(), _t.record_source.desc(), _t.cookie.desc(), _t.event_id.desc())
_first = _of_owner.order_by(_t.start_at, _t.record_source, _t.cookie, _t.event_id)


class Journeys:
    """The touchpoints of some people until a time, each identifier read once for all their conversions."""

    def __init__(self, run: Run, people: Iterable[str], until: int) -> None:
        self._run = run
        self._until = until
        self._cap = run.settings.journey_cap
        self._read: dict[str, list[Touchpoint]] = {}
        self._members: dict[str, list[str]] = defaultdict(list)
        wanted = {"workspace": run.workspace, "given": rows_of((profile,) for profile in people)}
        for profile, who in run.connection.execute(_members, wanted):
            if not who.startswith("contact:"):  # a contact owns no touchpoint
                self._members[profile].append(who)

    def before(self, people: Iterable[str], at: int) -> tuple[Touch, ...]:
        """The journey of these people to a conversion at `at`: at most the cap, the first and the newest others."""
        look_back = self._run.settings.look_back_days * DAY
        since = at - look_back if look_back else 0
        owners = [who for profile in people for who in self._members[profile]]
        found = [row for who in owners for row in self._newest(who, since, at)]
        found.sort(key=lambda row: row.order)
        if len(found) > self._cap:
            firsts = [row for who in owners for row in self._load(_first, who, since, at, 1)]
            first = min(firsts, key=lambda row: row.order)
            found = [first, *found[len(found) - self._cap + 1 :]]
        return tuple(row.touch for row in found)

    def _newest(self, who: str, since: int, at: int) -> list[Touchpoint]:
        """At least the newest cap + 1 (so that reaching the cap shows) touchpoints of an identifier in the window."""
        if who not in self._read:
            self._read[who] = self._load(_newest, who, 0, self._until, self._cap + 1)
        read = self._read[who]
        fitting = [row for row in read if since <= row.start_at <= at]
        if len(read) <= self._cap or len(fitting) > self._cap or read[-1].start_at < since:
            return fitting
        return self._load(_newest, who, since, at, self._cap + 1)

    def _load(self, statement: Select[Any], who: str, since: int, until: int, count: int) -> list[Touchpoint]:
        parameters = {
            "workspace": self._run.workspace,
            "owner": who,
            "since": since,
            "until": until,
            "count": count,
        }
        return [Touchpoint(*row) for row in self._run.connection.execute(statement, parameters)]
