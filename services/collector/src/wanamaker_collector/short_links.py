"""The short links that the collector knows, from the topic `tracking-links`, and where each leads.

They stay in memory, so that what is printed goes on working while the log is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from pydantic import ValidationError

from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.contracts.tracking_links import SLUG
from wanamaker_shared.eventlog.port import EventLog, LogCorrupt, LogUnavailable, StoredRecord
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.eventlog.whole_topic import WholeTopic
from wanamaker_shared.link_book import Held, LinkBook
from wanamaker_shared.service.errors import describe

LOOK_SECONDS = 2.0
"""How long after it a link that was retired may still lead somewhere."""
_MISS_SECONDS = 0.2
"""How often unknown slugs may cause a look: guessing them costs the log five look-ups a second, however many guess."""
_PATIENCE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class ShortLinks:
    """One event loop uses one instance."""

    def __init__(self, log: Callable[[], EventLog | SpooledLog]) -> None:
        self._book = LinkBook(lambda record: record.url.encode())
        self._topic = WholeTopic(log, tracking_links.TOPIC, self._take)
        self._looked_at = float("-inf")
        """When the last look for an unknown slug began, by the loop's clock."""
        self._next: asyncio.Task[None] | None = None
        """A look that has not begun, so that whoever misses a slug now may wait for it too."""

    async def find(self, slug: str) -> Held[bytes] | None:
        """The link of a slug: one that was made before the call is found. None if there is none.

        Raises LogUnavailable if that cannot be told now.
        """
        if not SLUG.match(slug):
            return None
        held = self._book.held(slug)
        if held is not None:
            return held
        if self._next is None:
            self._next = asyncio.create_task(self._look_soon())
            self._next.add_done_callback(lambda look: look.cancelled() or look.exception())  # if nobody waits any more
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await asyncio.shield(self._next)
        except (TimeoutError, LogCorrupt) as error:
            raise LogUnavailable("the links cannot be read just now") from error
        return self._book.held(slug)

    async def keep_looking(self) -> None:
        """Learn of new and of retired links every few seconds, for ever; while the log is away nothing changes."""
        while True:
            try:
                await self._topic.catch_up()
            except Exception as error:  # noqa: BLE001 - whatever it is, the links that are known go on working
                _log.warning("short links not renewed", error=describe(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_soon(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(max(0.0, self._looked_at + _MISS_SECONDS - clock()))
        finally:
            self._next = None
        self._looked_at = clock()
        await self._topic.catch_up()

    def _take(self, stored: StoredRecord) -> None:
        try:
            self._book.take(tracking_links.adapter.validate_json(stored.value))
        except ValidationError as error:  # a later version's record: what it says is not for this one
            _log.warning("record of tracking-links passed over", offset=stored.offset, error=describe(error))
