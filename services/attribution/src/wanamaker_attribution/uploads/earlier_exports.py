"""An export beside what earlier ones said of its days: costs that would count twice, and those it no longer speaks of. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.record import canonical

Known = Mapping[str, Any]
"""A record of `spend.revised`, the latest of its key."""


def counted_twice(records: Sequence[SpendRevised], known: Iterable[Known]) -> set[str]:
    """The keys of new costs whose campaign and day earlier exports told under another key.

    That happens where one export has the column of campaign ids, or of accounts, and the other has not. Two ids with one name
    are two campaigns, and so is one name in two accounts.
    """
    keys = {record.spend_key for record in records}
    told = defaultdict[tuple[str, str | None], list[Known]](list)
    for cost in known:
        if cost["spend_key"] not in keys and Decimal(cost["amount"]):
            told[cost["date"], cost["campaign"]].append(cost)
    return {
        record.spend_key
        for record in records
        for cost in told.get((record.date, record.campaign), ())
        if None in (record.campaign_id, cost.get("campaign_id")) and _may_be_one(record.account, cost.get("account"))
    }


def withdrawn(records: Sequence[SpendRevised], known: Iterable[Known], *, received_at: int) -> list[SpendRevised]:
    """A cost of 0 for each that earlier exports told of the accounts of this one and it does not."""
    keys = {record.spend_key for record in records}
    accounts = {record.account for record in records}
    return [
        _nothing(cost, received_at)
        for cost in known
        if cost["spend_key"] not in keys
        and Decimal(cost["amount"])
        and any(_may_be_one(account, cost.get("account")) for account in accounts)
    ]


def _nothing(cost: Known, received_at: int) -> SpendRevised:
    said = {
        "amount": "0",
        "event_id": hashlib.sha256(canonical([cost["provider"], cost["spend_key"], received_at])).hexdigest(),
        "occurred_at": received_at,
        "received_at": received_at,
    }
    return SpendRevised.model_validate({**cost, **said})


def _may_be_one(one: str | None, other: str | None) -> bool:
    """An export that does not name its account may be of any."""
    return one is None or other is None or one == other
