"""From an ad platform's export to rows as POST /v1/spend takes them. Pure.

The key of a row is (campaign's id, day), else (account, campaign's name, day): so an export of the same days replaces the one
before, whether it is by campaign, by ad group or by ad, and lines of one campaign and day add up (docs/adr/0013).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.record import canonical

from ..schemas.fields import MOST_BYTES
from ..schemas.rows import BadRow, BadRows, SentRow, check_rows
from ..schemas.uploads import SpendRow
from ..spend_exports import Cost, Export
from .spend import spend_records


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file would write, and which of its lines cannot be taken."""

    export: Export
    records: tuple[SpendRevised, ...]
    """Of the good lines; they are only written if all are good."""
    bad: tuple[BadRow, ...]


def judge_export(workspace: str, export: Export, *, post: str | None, received_at: int) -> Judged:
    """A record for each campaign and day of the lines that can be taken, and a reason for each of the others."""
    bad = [BadRow(0, refused.reason, refused.line) for refused in export.refused]
    sent = [_row(index, cost, export, post) for index, cost in enumerate(export.costs)]
    rows, kept = list[SpendRow](), list[SentRow]()
    for row in sent:
        try:
            rows += check_rows(SpendRow, [row])
        except BadRows as error:
            bad += error.rows
        else:
            kept.append(row)
    records = list[SpendRevised]()
    while rows:
        lines = [row.line for row in kept]
        try:
            records = spend_records(workspace, rows, received_at=received_at, lines=lines)
            break
        except BadRows as error:
            bad += error.rows
            out = {row.index for row in error.rows}
            rows = [row for index, row in enumerate(rows) if index not in out]
            kept = [row for index, row in enumerate(kept) if index not in out]
    by_line = sorted(bad, key=lambda row: row.line or 0)
    return Judged(
        export, tuple(records), tuple(BadRow(index, row.reason, row.line) for index, row in enumerate(by_line))
    )


def without(judged: Judged, keys: Collection[str], reason: str) -> Judged:
    """The costs with these keys refused, each at its first line."""
    first: dict[str, int] = {}
    for cost in judged.export.costs:
        first.setdefault(export_key(cost), cost.line)
    bad = [*judged.bad, *(BadRow(0, reason, first[key]) for key in keys)]
    bad.sort(key=lambda row: row.line or 0)
    return replace(judged, records=tuple(r for r in judged.records if r.spend_key not in keys), bad=tuple(bad))


def export_key(cost: Cost) -> str:
    """The `id` of a cost: readable where there is a campaign's id, else short whatever the names."""
    if cost.campaign_id is not None and len(cost.campaign_id) <= 100:
        return f"{cost.day} {cost.campaign_id}"
    return f"{cost.day} {hashlib.sha256(canonical([cost.account, cost.campaign, cost.campaign_id])).hexdigest()}"


def _row(index: int, cost: Cost, export: Export, post: str | None) -> SentRow:
    fields = {
        "date": cost.day,
        "source": export.platform.source,
        "medium": export.platform.medium,
        "campaign": shortened(cost.campaign),
        "account": shortened(cost.account),
        "campaign_id": cost.campaign_id,
        "post": post,
        "amount": cost.amount,
        "currency": cost.currency,
        "provider": export.platform.name,
        "id": export_key(cost),
    }
    return SentRow(index, fields, cost.line)


def shortened(text: str | None) -> str | None:
    """A platform's name as long as a visit's is kept: names there may be longer, and cannot be mended for us."""
    if text is None or len(text.encode()) <= MOST_BYTES:
        return text
    return text.encode()[:MOST_BYTES].decode(errors="ignore").strip()


def sums_of(records: Sequence[SpendRevised]) -> dict[str, str]:
    """By currency what the records come to, exactly."""
    sums: dict[str, Decimal] = {}
    with localcontext() as context:
        context.prec = 60
        for record in records:
            currency = record.currency or ""
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(record.amount)
    return {currency: format(sums[currency], "f") for currency in sorted(sums)}
