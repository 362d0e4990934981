"""Who asks each CRM's API: one reader a CRM, chosen by the dialect of the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wanamaker_crm_bridge.dialects.hubspot import READING as HUBSPOT
from wanamaker_crm_bridge.dialects.salesforce import READING as SALESFORCE
from wanamaker_crm_bridge.fetching import Fetcher

from .api import Apis
from .hubspot import HubspotReader
from .salesforce import SalesforceReader

READERS: Mapping[str, Callable[[Apis], Fetcher]] = {
    HUBSPOT: HubspotReader,
    SALESFORCE: SalesforceReader,
}
"""By the dialect of their questions."""


def fetchers(apis: Apis) -> Mapping[str, Fetcher]:
    return {dialect: make(apis) for dialect, make in READERS.items()}
