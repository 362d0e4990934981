"""Who asks each CRM's API: one reader a CRM, chosen by the dialect of the question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from wanamaker_crm_bridge.dialects.hubspot import READING as HUBSPOT
from wanamaker_crm_bridge.dialects.pipedrive import READING as PIPEDRIVE
from wanamaker_crm_bridge.dialects.salesforce import READING as SALESFORCE
from wanamaker_crm_bridge.dialects.zoho import READING as ZOHO
from wanamaker_crm_bridge.fetching import Fetcher
from wanamaker_crm_bridge.mapping import Fetch

from .answers import ApiRefused
from .api import Apis
from .hubspot import HubspotReader
from .pipedrive import PipedriveReader
from .salesforce import SalesforceReader
from .zoho import ZohoReader

READERS: Mapping[str, Callable[[Apis], Fetcher]] = {
    HUBSPOT: HubspotReader,
    PIPEDRIVE: PipedriveReader,
    SALESFORCE: SalesforceReader,
    ZOHO: ZohoReader,
}
"""By the dialect of their questions."""

MOST_SECONDS = 540.0
"""How long a question may take with all its requests: a minute less than its lease."""


class InTime:
    """Keeps for a reader what `fetching.Fetcher` promises: an answer within the lease."""

    def __init__(self, reader: Fetcher) -> None:
        self._reader = reader

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await self._reader.fetch(workspace, connection, question)
        except TimeoutError:
            raise ApiRefused(f"the CRM's answers took longer than {MOST_SECONDS:.0f} seconds together") from None


def fetchers(apis: Apis) -> Mapping[str, Fetcher]:
    return {dialect: InTime(make(apis)) for dialect, make in READERS.items()}
