"""After step 1, bots: which days of the cookies at hand are a bot's now, and what a day that changes sides takes along.

What a page view costs does not grow with its day: as a rule one look into the index finds that the day is far from a limit, and
on a day that is a bot's already nothing is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, select

from wanamaker_shared.service.given import given

from ..bots import bot_days, part_links
from ..days import day_of, span_of
from ..sessions import MINUTE
from ..tables import web_event
from .cookies import NEW, CookieRow, Renewed, load_cookies, renew_cookies
from .facts import Changed, Moved
from .run import Run

CookieDay = tuple[str, str]
"""(cookie, day)"""
_Stretch = tuple[str, int, int]
"""(cookie, from, to)"""
_Asked = tuple[_Stretch, CookieDay]

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_its_views = (web_event.c.workspace == _w) & (web_event.c.cookie == _given.text(0)) & (web_event.c.type == "page")
_in_stretch = _its_views & (web_event.c.at >= _given.number(1)) & (web_event.c.at < _given.number(2))
_stretch_asked: Sequence[ColumnElement[Any]] = (_given.text(0), _given.number(1), _given.number(2))
_one_too_many = (
    select(web_event.c.at)
    .where(_in_stretch)
    .order_by(web_event.c.at)
    .limit(1)
    .offset(bindparam("most"))
    .correlate(_given.source)
    .scalar_subquery()
)
_crowded_stretches = select(*_stretch_asked).select_from(_given.source).where(_one_too_many.is_not(None))
_views_in_stretch = select(web_event.c.cookie, _given.number(1), web_event.c.at).select_from(
    _given.joined(web_event, _in_stretch)
)
_views = select(web_event.c.cookie, web_event.c.at).select_from(_given.joined(web_event, _its_views))


@dataclass(slots=True)
class _Doubt:
    """A cookie's day that may have changed sides: in which minutes views were added, and whether any was taken away."""

    minutes: set[int] = field(default_factory=set)
    lost: bool = False


def judge(run: Run, changed: Sequence[Changed]) -> tuple[dict[str, Moved], dict[str, Moved]]:
    """Judge the days of the events that changed. Gives the cookies to cut again, and those whose owners may change."""
    zone = run.settings.zone
    doubts = _doubts(run, changed)
    if not doubts:
        return _moved(changed, zone), {}
    known = load_cookies(run, doubts)
    bots = _still_bots(run, doubts, known)
    staying = {
        (name, day) for name, days in doubts.items() for day in days.keys() & bots[name] & _had(known, name)
    }  # what happens on them changes nothing
    moved, causes = _moved(changed, zone, staying), _moved(changed, zone)
    renewed = dict[str, Renewed]()
    for name, days in doubts.items():
        before = known.get(name, NEW)
        after = (before.bot_days - days.keys()) | bots[name]
        if after != before.bot_days:
            since = min(span_of(day, zone).start for day in after ^ before.bot_days)
            cause = causes[name].cause
            moved[name] = Moved(min(since, moved[name].at) if name in moved else since, cause)
            renewed[name] = Renewed(before, _parted(before, after, zone), cause)
    return moved, renew_cookies(run, renewed)


def judge_anew(run: Run, moved: Mapping[str, Moved]) -> None:
    """Judge all days of cookies by changed settings. They are cut again from their first event on, owners and all."""
    views = defaultdict[str, list[int]](list)
    for name, at in run.look_up(_views, ((name,) for name in moved)):
        views[name].append(at)
    renewed = dict[str, Renewed]()
    for name, before in load_cookies(run, moved).items():
        after = _parted(before, bot_days(views[name], run.settings), run.settings.zone)
        if after != before:
            renewed[name] = Renewed(before, after, moved[name].cause)
    renew_cookies(run, renewed)


def _doubts(run: Run, changed: Sequence[Changed]) -> Mapping[str, Mapping[str, _Doubt]]:
    """By cookie the days that are a bot's or may have become one: those that come near a limit, or lost a page view."""
    settings, zone = run.settings, run.settings.zone
    least = min(filter(None, (settings.bot_pages_per_day, settings.bot_pages_per_minute)), default=None)
    if least is None:
        return {}
    days = {_stretch(event.cookie, day_of(event.at, zone), zone): None for event in changed}
    near = {(name, start) for name, start, _ in run.look_up(_crowded_stretches, days, most=least)}
    doubts = defaultdict[str, defaultdict[str, _Doubt]](lambda: defaultdict(_Doubt))
    for event in changed:
        if event.was_page and event.before is not None:
            doubts[event.cookie][day_of(event.before, zone)].lost = True
    for event in changed if near or doubts else ():
        day = day_of(event.at, zone)
        if (event.cookie, span_of(day, zone).start) in near or day in doubts.get(event.cookie, ()):
            doubts[event.cookie][day].minutes.add(event.at // MINUTE)
    return doubts


def _still_bots(
    run: Run, doubts: Mapping[str, Mapping[str, _Doubt]], known: Mapping[str, CookieRow]
) -> defaultdict[str, set[str]]:
    """Of the days in doubt those that are a bot's, by cookie.

    A day that only got views stays a bot's, or becomes one by all of them or by those of a minute that got some. All its views
    are read where that is not so: it lost one, or the clock is set back over its midnight.
    """
    zone, settings = run.settings.zone, run.settings
    bots = defaultdict[str, set[str]](set)
    days, minutes, anew = list[_Asked](), list[_Asked](), dict[tuple[str, int], str]()
    for name, its in doubts.items():
        for day, doubt in its.items():
            span = span_of(day, zone)
            if day in _had(known, name) and not doubt.lost:
                bots[name].add(day)
            elif doubt.lost or not span.whole:
                anew[name, span.start] = day
            else:
                days.append((_stretch(name, day, zone), (name, day)))
                minutes += [((name, each * MINUTE, (each + 1) * MINUTE), (name, day)) for each in doubt.minutes]
    for name, day in _crowded(run, settings.bot_pages_per_day, days):
        bots[name].add(day)
    for name, day in _crowded(run, settings.bot_pages_per_minute, minutes):
        bots[name].add(day)
    views = defaultdict[tuple[str, int], list[int]](list)
    for name, start, at in run.look_up(_views_in_stretch, (_stretch(place[0], anew[place], zone) for place in anew)):
        views[name, start].append(at)
    for place, times in views.items():
        bots[place[0]] |= {anew[place]} & bot_days(times, settings)
    return bots


def _crowded(run: Run, most: int, asked: Iterable[_Asked]) -> set[CookieDay]:
    """What is asked about stretches of time that hold more page views than `most`; 0 = any number is right."""
    about = defaultdict[_Stretch, set[CookieDay]](set)
    for stretch, place in asked if most else ():
        about[stretch].add(place)
    return {place for row in run.look_up(_crowded_stretches, about, most=most) for place in about[tuple(row)]}


def _stretch(name: str, day: str, zone: str) -> _Stretch:
    span = span_of(day, zone)
    return (name, span.start, span.end)


def _had(known: Mapping[str, CookieRow], name: str) -> frozenset[str]:
    return known.get(name, NEW).bot_days


def _parted(before: CookieRow, days: frozenset[str], zone: str) -> CookieRow:
    """The row with other days a bot's."""
    links = sorted([*before.links, *before.bot_links])
    return CookieRow(*part_links(links, days, zone), days)


def _moved(changed: Iterable[Changed], zone: str, staying: Collection[CookieDay] = ()) -> dict[str, Moved]:
    """From when on the history of each cookie changed; what happened on the days that stay a bot's did not change it."""
    moved = dict[str, Moved]()
    for event in changed:
        times: tuple[int, ...] = (event.at,) if event.before is None else (event.at, event.before)
        if staying:
            times = tuple(at for at in times if (event.cookie, day_of(at, zone)) not in staying)
        if times:
            others = moved.get(event.cookie)
            at, cause = min(times), event.cause
            moved[event.cookie] = Moved(min(at, others.at), max(cause, others.cause)) if others else Moved(at, cause)
    return moved
