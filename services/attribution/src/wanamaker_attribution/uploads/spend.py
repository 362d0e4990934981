"""From the rows of a spend upload to the records it appends. Pure.

Rows of one request with one key add up; a later request replaces. The key is (provider, id) if an id is given, else
(provider, date or first and last day, source, medium, campaign, post).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal, localcontext

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.record import canonical

from ..schemas.rows import BadRow, BadRows
from ..schemas.uploads import SpendRow

SOURCE = "spend"
_AGREE = (
    "currency",
    "channel",
    "date",
    "first",
    "last",
    "source",
    "medium",
    "campaign",
    "post",
    "account",
    "campaign_id",
)
"""What rows with one key must have in common for their sum to mean something."""
_LARGEST = Decimal(10**14)
"""What a CRM's amounts stay below too. In minor units of any currency that fits 64 bits, and so do sums of many requests."""

Key = tuple[str, str]


def spend_records(
    workspace: str, rows: Sequence[SpendRow], *, received_at: int, lines: Sequence[int | None]
) -> list[SpendRevised]:
    """One record for each key. Raises BadRows naming each row that contradicts the first row of its key, and those with which
    the request comes to more than can be counted."""
    first: dict[Key, int] = {}
    amounts: dict[Key, str] = {}
    bad: list[BadRow] = []
    whole = Decimal(0)
    for index, row in enumerate(rows):
        key = spend_key(row)
        whole += Decimal(row.amount).copy_abs()
        if whole >= _LARGEST:
            bad.append(
                BadRow(index, "with it the amounts of the request come to 10^14 or more, signs aside", lines[index])
            )
            continue
        if key not in first:
            first[key], amounts[key] = index, row.amount
            continue
        its = rows[first[key]]
        if other := next((name for name in _AGREE if getattr(row, name) != getattr(its, name)), None):
            row_or_line = f"row {first[key]}" if lines[first[key]] is None else f"line {lines[first[key]]}"
            called = SpendRow.model_fields[other].alias or other
            bad.append(BadRow(index, f"{called} differs from {row_or_line}, which has the same key", lines[index]))
        amounts[key] = _sum(amounts[key], row.amount)
    if bad:
        raise BadRows(bad)
    return [_record(workspace, key, rows[index], amounts[key], received_at) for key, index in first.items()]


def spend_key(row: SpendRow) -> Key:
    """(provider, spend key)."""
    provider = row.provider or "manual"
    days = [row.date] if row.date is not None else [row.first, row.last]
    parts = [*days, row.source, row.medium, row.campaign, row.post]
    return provider, row.id if row.id is not None else canonical(parts).decode()


def _record(workspace: str, key: Key, row: SpendRow, amount: str, received_at: int) -> SpendRevised:
    return SpendRevised(
        workspace=workspace,
        source=SOURCE,
        event_id=hashlib.sha256(canonical([*key, received_at])).hexdigest(),
        occurred_at=received_at,
        received_at=received_at,
        provider=key[0],
        spend_key=key[1],
        date=row.date or row.first or "",
        until=row.last if row.days > 1 else None,
        utm_source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        account=row.account,
        campaign_id=row.campaign_id,
        channel=row.channel,
        post=row.post,
        amount=amount,
        currency=row.currency,
    )


def _sum(one: str, other: str) -> str:
    with localcontext() as context:
        context.prec = 60  # 14 digits, 12 decimals: nothing is rounded
        return format(Decimal(one) + Decimal(other), "f")
