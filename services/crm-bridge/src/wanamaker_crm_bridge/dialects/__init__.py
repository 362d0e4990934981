"""Which mapping reads what is in the inbox: one row for each kind of request or API answer."""

from __future__ import annotations

from collections.abc import Mapping

from wanamaker_crm_bridge.mapping import Dialect

from . import generic, record, spreadsheet

DIALECTS: Mapping[str, Dialect] = {
    "generic": generic.map_webhook,
    record.DIALECT: record.map_record,
    spreadsheet.DIALECT: spreadsheet.map_rows,
}
