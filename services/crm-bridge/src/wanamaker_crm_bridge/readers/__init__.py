"""Who asks each CRM's API: one reader a CRM, chosen by the dialect of the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wanamaker_crm_bridge.dialects.hubspot import READING as HUBSPOT
from wanamaker_crm_bridge.dialects.pipedrive import READING as PIPEDRIVE
from wanamaker_crm_bridge.dialects.zoho import READING as ZOHO
from wanamaker_crm_bridge.fetching import Fetcher

from .api import Apis
from .hubspot import HubspotReader
from .pipedrive import PipedriveReader
from .zoho import ZohoReader

READERS: Mapping[str, Callable[[Apis], Fetcher]] = {
    HUBSPOT: HubspotReader,
    PIPEDRIVE: PipedriveReader,
    ZOHO: ZohoReader,
}
"""By the dialect of their questions."""


def fetchers(apis: Apis) -> Mapping[str, Fetcher]:
    return {dialect: make(apis) for dialect, make in READERS.items()}
