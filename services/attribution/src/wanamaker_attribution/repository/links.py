"""All links, as the log has them: read whole into memory and looked at again before every answer.

So a link that one process made is known to the others at once, without waiting for `consume`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, func, select

from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.contracts.tracking_links import LinkCreated
from wanamaker_shared.eventlog.port import EventLog, StoredRecord
from wanamaker_shared.eventlog.whole_topic import WholeTopic
from wanamaker_shared.link_book import Held, LinkBook
from wanamaker_shared.service.errors import describe

from ..days import day_of
from ..links.link import Link, link_of
from ..links.names import FIELDS, Known, Names
from ..reports.dimensions import NOT_SET
from ..tables import roi_traffic

_log = structlog.get_logger(__name__)


class LinkDirectory:
    """`making` is held by whoever makes a link, so that one process never gives a slug twice."""

    def __init__(self, log: Callable[[], EventLog]) -> None:
        self.making = asyncio.Lock()
        self._book = LinkBook(link_of)
        self._names: defaultdict[str, Names] = defaultdict(Names)
        self._topic = WholeTopic(log, tracking_links.TOPIC, self._take)

    def __len__(self) -> int:
        return len(self._book)

    async def catch_up(self) -> None:
        """Know everything that is in the log now. Raises LogUnavailable."""
        await self._topic.catch_up()

    def held(self, slug: str) -> Held[Link] | None:
        return self._book.held(slug)

    def names(self, workspace: str) -> Names:
        """The names that the workspace's links have."""
        return self._names[workspace]

    def links_of(self, workspace: str) -> Sequence[Held[Link]]:
        """The workspace's links, in the order they were made."""
        return sorted(self._book.of(workspace), key=lambda held: (held.created_at, held.slug))

    def _take(self, stored: StoredRecord) -> None:
        try:
            record = tracking_links.adapter.validate_json(stored.value)
        except ValidationError as error:  # a later version's record: what it says is not for this one
            _log.warning("record of tracking-links passed over", offset=stored.offset, error=describe(error))
            return
        self._book.take(record)
        if isinstance(record, LinkCreated):
            since = day_of(record.occurred_at, "UTC")
            for field, name in zip(FIELDS, (record.utm_source, record.medium, record.campaign), strict=True):
                self._names[record.workspace].add(field, Known(name, since, by_link=True))


def read_reported_names(connection: Connection, workspace: str, since: str) -> Names:
    """The names that visits and costs of the days since then have."""
    table = roi_traffic.c
    columns = (table.source, table.medium, table.campaign)
    names = Names()
    found = connection.execute(
        select(*columns, func.min(table.day).label("first"))
        .where(table.workspace == workspace, table.day >= since)
        .group_by(*columns)
        .order_by("first", *columns)
    )
    for row in found:
        for field in FIELDS:
            if (name := getattr(row, field)) != NOT_SET:
                names.add(field, Known(name, row.first, by_link=False))
    return names
