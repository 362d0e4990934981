"""A touchpoint as the tables have it: a session's first page, classified, with its owner."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from wanamaker_shared.contracts.settings import WorkspaceSettings

from .arrivals import DIRECT, Arrival, Referrers, landing_page
from .channels import RULES_VERSION, classify_channel
from .days import day_of
from .journeys import Touch
from .original_sources import original_source
from .owners import Link, owning_link
from .sessions import Moment, Session


class Touchpoint(NamedTuple):
    """The columns of table `touchpoint` after the workspace, in order."""

    cookie: str
    start_at: int
    record_source: str
    event_id: str
    id: str
    end_at: int
    end_source: str
    end_event_id: str
    arrival: str | None
    day: str
    channel: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    landing_page: str
    original_source: str
    rules: int
    owner: str | None
    owned_by: str | None

    @property
    def first(self) -> Moment:
        return Moment(self.start_at, self.record_source, self.event_id)

    @property
    def end(self) -> Moment:
        return Moment(self.end_at, self.end_source, self.end_event_id)

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Its place among the touchpoints of all cookies of a workspace."""
        return (self.start_at, self.record_source, self.cookie, self.event_id)

    @property
    def session(self) -> Session:
        """The session again, to be extended; its page is no longer needed."""
        arrival = Arrival(*orjson.loads(self.arrival)) if self.arrival else None
        return Session(self.first, self.end, "", arrival)

    @property
    def touch(self) -> Touch:
        return Touch(
            self.id,
            self.start_at,
            self.day,
            self.channel,
            self.source,
            self.medium,
            self.campaign,
            self.term,
            self.content,
            self.landing_page,
            self.original_source,
        )


def touchpoint_id(workspace: str, cookie: str, first: Moment) -> str:
    """The first 20 hex digits of the SHA-256 of the identity of its first page."""
    return hashlib.sha256(orjson.dumps([workspace, first.source, cookie, first.event_id])).hexdigest()[:20]


def describe(
    workspace: str, cookie: str, session: Session, links: Sequence[Link], settings: WorkspaceSettings
) -> Touchpoint:
    """The touchpoint of a session that was cut from its events."""
    came_from = session.arrival or DIRECT
    owner = owning_link(links, session.end)
    return Touchpoint(
        cookie,
        *session.first,
        touchpoint_id(workspace, cookie, session.first),
        *session.end,
        orjson.dumps([*session.arrival]).decode() if session.arrival else None,
        day_of(session.first.at, settings.zone),
        classify_channel(came_from.source, came_from.medium, came_from.campaign, settings.channel_rules),
        came_from.source,
        came_from.medium,
        came_from.campaign,
        came_from.term,
        came_from.content,
        landing_page(session.page),
        original_source(session.page, Referrers.of(settings)),
        RULES_VERSION,
        owner.identifier if owner else None,
        owner.event_id if owner else None,
    )


def owned(touchpoint: Touchpoint, links: Sequence[Link], end: Moment) -> Touchpoint:
    """The same touchpoint with its session's end and its owner renewed."""
    owner = owning_link(links, end)
    return touchpoint._replace(
        end_at=end.at,
        end_source=end.source,
        end_event_id=end.event_id,
        owner=owner.identifier if owner else None,
        owned_by=owner.event_id if owner else None,
    )
