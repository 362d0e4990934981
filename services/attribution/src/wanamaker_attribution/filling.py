"""Appends what the ECB's table knows of the currencies that a workspace has money in, so that it is converted without an upload.

Runs in `serve`, which alone writes the topic `rates`. The projection never reads the table: a rate counts once it is a record, so
the tables stay a function of the log. Several processes may run: they append the same records.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

import structlog
from sqlalchemy import Connection

from wanamaker_shared.contracts import rates

from .ports import Ports
from .rate_table import needed_since, table_records
from .repository.rate_table import read_first_days, read_known, read_quotes
from .repository.reading import read_settings

_AT_ONCE = 500
"""Records of one append."""
_log = structlog.get_logger(__name__)


class RateFilling:
    """Remembers since which day each currency was filled: what the table does not have is not asked for again."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._filled: defaultdict[str, dict[str, str]] = defaultdict(dict)

    async def run(self, seconds: float) -> None:
        """Look every so many seconds, until cancelled. Outages of the database or the log are waited out."""
        while True:
            await asyncio.sleep(seconds)
            for workspace in self._ports.keyring.workspaces:
                try:
                    await self.fill(workspace)
                except Exception as error:  # noqa: BLE001  the loop outlives every outage; each is said
                    _log.warning("rates of the table were not looked at", workspace=workspace, exc_info=error)

    async def look(self) -> int:
        """Append what is missing in any workspace; return how many records that were."""
        return sum([await self.fill(workspace) for workspace in self._ports.keyring.workspaces])

    async def fill(self, workspace: str) -> int:
        """Append what a workspace's money needs and the log does not have; return how many records that were."""
        filled = self._filled[workspace]

        def missing(connection: Connection) -> tuple[dict[str, str], set[str]]:
            reporting = read_settings(connection, workspace).currency
            needed = needed_since(read_first_days(connection, workspace), reporting)
            new = {name: day for name, day in needed.items() if name not in filled or day < filled[name]}
            return new, read_known(connection, workspace) if new else set()

        since, known = await self._ports.database.read(missing)
        if not since:
            return 0
        quotes = await asyncio.to_thread(read_quotes, since)
        records = list(table_records(workspace, quotes, known, received_at=self._ports.clock()))
        for start in range(0, len(records), _AT_ONCE):
            its = records[start : start + _AT_ONCE]
            await self._ports.append(rates.TOPIC, [(rates.key(workspace, record.day), record) for record in its])
        filled |= since
        if records:
            _log.info("rates taken from the table", workspace=workspace, currencies=sorted(since), records=len(records))
        return len(records)
