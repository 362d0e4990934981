"""The dialect of imported rows: by the same function that the dry run judges them with.

No connection can be given this dialect: `signatures.dialect_of` knows the CRMs' own only.
"""

from __future__ import annotations

from collections.abc import Mapping

from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Webhook
from wanamaker_crm_bridge.spreadsheet.cells import Cell
from wanamaker_crm_bridge.spreadsheet.deliveries import Placed, read_delivery
from wanamaker_crm_bridge.spreadsheet.records import Said, by_content, by_line, records_of
from wanamaker_crm_bridge.spreadsheet.rows import BadRow, read_row
from wanamaker_crm_bridge.unmappable import Unmappable
from wanamaker_shared.contracts.crm_events import CrmEvent

DIALECT = "spreadsheet"


def map_rows(webhook: Webhook, context: Context) -> Mapped:
    workspace_key = context.workspace_key
    try:
        delivery = read_delivery(webhook.body)
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    said = Said(webhook.workspace, webhook.connection, delivery.begun_at, webhook.revision)
    if delivery.alone:
        identify = by_line(webhook.connection, webhook.delivery_id)
    else:
        identify = by_content(webhook.connection, workspace_key)
    events: list[CrmEvent] = []
    failures = [Failure(name, reason) for name, reason in delivery.failed]
    for placed in delivery.rows:
        try:
            row = read_row(_sound(placed), delivery.reading, workspace_key)
        except BadRow as problem:
            failures.append(Failure(f"line {placed.line}", str(problem)))
            continue
        events += records_of(row, said, shift=placed.shift, identify=identify)
    return Mapped(tuple(events), tuple(failures))


def _sound(placed: Placed) -> Mapping[str, Cell]:
    """Raises BadRow for a line that has a fault as a whole."""
    if placed.fault is not None:
        raise BadRow([placed.fault])
    return placed.cells
