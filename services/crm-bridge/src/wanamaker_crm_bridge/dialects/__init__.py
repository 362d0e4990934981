"""Which mapping reads what is in the inbox: one row for each kind of request or API answer."""

from __future__ import annotations

from collections.abc import Mapping

from wanamaker_crm_bridge.mapping import Dialect

from . import (
    generic,
    hubspot,
    hubspot_reading,
    mapped,
    pipedrive,
    pipedrive_reading,
    question,
    record,
    salesforce,
    salesforce_reading,
    spreadsheet,
    zoho,
    zoho_reading,
)

DIALECTS: Mapping[str, Dialect] = {
    "generic": generic.map_webhook,
    "mapped": mapped.map_webhook,
    "hubspot": hubspot.map_webhook,
    hubspot.READING: hubspot_reading.map_reading,
    "pipedrive": pipedrive.map_webhook,
    pipedrive.READING: pipedrive_reading.map_reading,
    "salesforce": salesforce.map_webhook,
    salesforce.READING: salesforce_reading.map_reading,
    "zoho": zoho.map_webhook,
    zoho.READING: zoho_reading.map_reading,
    record.DIALECT: record.map_record,
    question.DIALECT: question.map_question,
    spreadsheet.DIALECT: spreadsheet.map_rows,
}

RESTATING = frozenset(
    [
        *("hubspot", hubspot.READING),
        *("pipedrive", pipedrive.READING),
        *("salesforce", salesforce.READING),
        *("zoho", zoho.READING),
    ]
)
"""Those whose records are known by what they say: one that was emitted is not emitted again, however it is told."""
