"""Step 2, touchpoints: cut again the part of a cookie's history that changed, and give each touchpoint its owner.

An appended event reads its cookie's last session and nothing older; an earlier one reads from the session before it on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..arrivals import Referrers
from ..days import day_of
from ..sessions import Moment, Session, Visit, cut_sessions
from ..tables import touchpoint, web_event
from ..touchpoints import Touchpoint, describe, owned
from .cookies import know_cookies
from .facts import Moved
from .run import Cause, Run, TouchChange

_given = given()
_t = touchpoint.c
_earlier = touchpoint.alias("earlier")
_start_before = (
    select(func.max(_earlier.c.start_at))
    .where(
        _earlier.c.workspace == bindparam("workspace"),
        _earlier.c.cookie == _given.text(0),
        _earlier.c.start_at < _given.number(1),
    )
    .correlate(_given.source)
    .scalar_subquery()
)
# The sessions of (cookie, at) from the last one that began before `at` on.
_sessions_from = (
    select(*(column for column in touchpoint.c if column.name != "workspace"))
    .select_from(
        _given.joined(
            touchpoint,
            (_t.workspace == bindparam("workspace"))
            & (_t.cookie == _given.text(0))
            & (_t.start_at >= func.coalesce(_start_before, _given.number(1))),
        )
    )
    .order_by(_t.cookie, _t.start_at, _t.record_source, _t.event_id)
)
_visits_from = select(
    web_event.c.cookie, web_event.c.at, web_event.c.record_source, web_event.c.event_id, web_event.c.page
).select_from(
    _given.joined(
        web_event,
        (web_event.c.workspace == bindparam("workspace"))
        & (web_event.c.cookie == _given.text(0))
        & (web_event.c.at >= _given.number(1))
        & (web_event.c.bot == 0),
    )
)
_delete = delete_from(touchpoint).where(
    _t.workspace == bindparam("w"),
    _t.cookie == bindparam("c"),
    _t.start_at == bindparam("s"),
    _t.record_source == bindparam("r"),
    _t.event_id == bindparam("e"),
)


def recut(run: Run, moved: Mapping[str, Moved]) -> None:
    """Cut the sessions of cookies whose events changed from a time on."""
    if not moved:
        return
    known = know_cookies(run, moved)
    before = _load_sessions(run, ((name, change.at) for name, change in moved.items()))
    running: dict[str, Session] = {}
    read_from: dict[str, Moment] = {}
    for name, change in moved.items():
        begun = [old for old in before[name] if old.start_at < change.at]
        if begun and change.at > begun[-1].end_at:
            running[name] = begun[-1].session
            read_from[name] = Moment(change.at, "", "")
        else:
            read_from[name] = begun[-1].first if begun else Moment(change.at, "", "")
        if begun:
            before[name] = before[name][len(begun) - 1 :]
    visits = _load_visits(run, read_from, {name: row.bot_days for name, row in known.items() if row.bot_days})
    referrers = Referrers.of(run.settings)
    changes: list[TouchChange] = []
    for name, change in moved.items():
        sessions = cut_sessions(
            visits[name],
            gap_minutes=run.settings.session_gap_minutes,
            referrers=referrers,
            running=running.get(name),
        )
        links = known[name].links
        old = {row.first: row for row in before[name]}
        extended = running[name].first if name in running else None
        after = [
            owned(old[session.first], links, session.end)
            if session.first == extended
            else describe(run.workspace, name, session, links, run.settings)
            for session in sessions
        ]
        changes += _changes(old, after, change.cause)
    _save(run, changes)


def reown(run: Run, changed: Mapping[str, Moved]) -> None:
    """Give the touchpoints of cookies whose links changed from a time on their owners."""
    if not changed:
        return
    known = know_cookies(run, changed)
    before = _load_sessions(run, ((name, change.at) for name, change in changed.items()))
    changes: list[TouchChange] = []
    for name, change in changed.items():
        old = {row.first: row for row in before[name]}
        changes += _changes(old, [owned(row, known[name].links, row.end) for row in before[name]], change.cause)
    _save(run, changes)


def _changes(old: Mapping[Moment, Touchpoint], after: Iterable[Touchpoint], cause: Cause) -> list[TouchChange]:
    """What differs. A touchpoint keeps its key: it is the same session as long as its first page is."""
    changes, kept = [], set()
    for row in after:
        kept.add(row.first)
        if old.get(row.first) != row:
            changes.append(TouchChange(old.get(row.first), row, cause))
    return changes + [TouchChange(row, None, cause) for first, row in old.items() if first not in kept]


def _save(run: Run, changes: Sequence[TouchChange]) -> None:
    gone = [change.before for change in changes if change.after is None and change.before is not None]
    if gone:
        run.connection.execute(
            _delete,
            [
                {"w": run.workspace, "c": row.cookie, "s": row.start_at, "r": row.record_source, "e": row.event_id}
                for row in gone
            ],
        )
    upsert(run.connection, touchpoint, [run.row(**change.after._asdict()) for change in changes if change.after])
    run.touches += changes


def _load_sessions(run: Run, since: Iterable[tuple[str, int]]) -> defaultdict[str, list[Touchpoint]]:
    sessions = defaultdict[str, list[Touchpoint]](list)
    for row in run.look_up(_sessions_from, since):
        sessions[row.cookie].append(Touchpoint(*row))
    return sessions


def _load_visits(
    run: Run, since: Mapping[str, Moment], bot_days: Mapping[str, Collection[str]]
) -> defaultdict[str, list[Visit]]:
    visits = defaultdict[str, list[Visit]](list)
    wanted = ((name, moment.at) for name, moment in since.items())
    for name, at, source, event_id, page in run.look_up(_visits_from, wanted):
        moment = Moment(at, source, event_id)
        if moment >= since[name] and not (name in bot_days and day_of(at, run.settings.zone) in bot_days[name]):
            visits[name].append(Visit(moment, page))
    for seen in visits.values():
        seen.sort(key=lambda visit: visit.moment)
    return visits
