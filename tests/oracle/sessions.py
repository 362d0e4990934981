"""A cookie's events cut into sessions; the touchpoint of each is its first page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from wanamaker_shared.contracts.record import Order
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import PageViewed, WebEvent

from .arrivals import DIRECT, Arrival, arrival_of, is_spam
from .channels import classify
from .clock import MINUTE, day_of
from .original_sources import original_source


@dataclass(frozen=True, slots=True)
class Touchpoint:
    id: str
    cookie: str
    first: Order
    """The order of the session's first page; `last` is that of its last event."""
    last: Order
    day: str
    channel: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    landing_page: str
    original_source: str

    @property
    def at(self) -> int:
        return self.first.occurred_at


def touchpoints_of(events: Iterable[WebEvent], settings: WorkspaceSettings) -> list[Touchpoint]:
    """All touchpoints of a workspace, in order. `events` are its web events in order."""
    by_cookie: dict[str, list[WebEvent]] = {}
    for event in events:
        if not event.bot and not (isinstance(event, PageViewed) and is_spam(event.page, settings)):
            by_cookie.setdefault(event.sender, []).append(event)
    found = [
        touchpoint(session, settings)
        for cookie_events in by_cookie.values()
        for session in sessions(cookie_events, settings)
    ]
    return sorted(found, key=lambda touchpoint: touchpoint.first)


def sessions(events: Iterable[WebEvent], settings: WorkspaceSettings) -> list[list[WebEvent]]:
    """The sessions of one cookie: each a list of events that begins with a page."""
    found: list[list[WebEvent]] = []
    for event in events:
        running = bool(found) and event.occurred_at - found[-1][-1].occurred_at <= settings.session_gap_minutes * MINUTE
        if not isinstance(event, PageViewed):
            if running:
                found[-1].append(event)
        elif running and not _arrives_anew(event, found[-1][0], settings):
            found[-1].append(event)
        else:
            found.append([event])
    return found


def touchpoint(session: list[WebEvent], settings: WorkspaceSettings) -> Touchpoint:
    page = session[0]
    assert isinstance(page, PageViewed)
    arrival = _arrival(page, settings) or DIRECT
    return Touchpoint(
        id=touchpoint_id(page),
        cookie=page.sender,
        first=page.order,
        last=session[-1].order,
        day=day_of(page.occurred_at, settings.zone),
        channel=classify(arrival.source, arrival.medium, arrival.campaign, settings.channel_rules),
        source=arrival.source,
        medium=arrival.medium,
        campaign=arrival.campaign,
        term=arrival.term,
        content=arrival.content,
        landing_page=page.page.host + page.page.path,
        original_source=original_source(page.page, settings),
    )


def touchpoint_id(page: WebEvent) -> str:
    text = json.dumps(list(page.identity), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _arrives_anew(page: PageViewed, first: WebEvent, settings: WorkspaceSettings) -> bool:
    assert isinstance(first, PageViewed)
    arrival = _arrival(page, settings)
    return arrival is not None and arrival != _arrival(first, settings)


def _arrival(page: PageViewed, settings: WorkspaceSettings) -> Arrival | None:
    return arrival_of(page.page, settings)
