"""Where a cost counts: its days, and the names that the workspace's rules give it. Pure.

Rules and examples: docs/meanings.md, "Spend of a period" and "What a cost is called".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from wanamaker_shared.contracts.settings import SpendRule, WorkspaceSettings, matches_whole

from .arrivals import NOT_SET
from .channels import classify_channel
from .credits import split_credit
from .days import days_before
from .money import exponent, minor_units

MOST_BYTES = 255
"""Of a campaign's name: as much as is kept of a visit's."""
Told = tuple[str, str, str, str, str]
"""(provider, account, source, medium, campaign)"""
_GROUP = re.compile(r"\\([1-9])")


@dataclass(frozen=True, slots=True)
class Under:
    """The names under which a cost counts."""

    channel: str
    source: str
    medium: str
    campaign: str
    post: str


def days_of(record: Mapping[str, Any]) -> list[str]:
    """The days of a cost, in order."""
    first, until = record["date"], record.get("until") or record["date"]
    number = (date.fromisoformat(until) - date.fromisoformat(first)).days + 1
    return [days_before(first, -after) for after in range(max(1, number))]


def amounts_of(record: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """(day, decimal text) of each day: of one day the amount as it was sent, of several its minor units split evenly."""
    days = days_of(record)
    if len(days) == 1:
        return [(days[0], record["amount"])]
    parts = split_credit(minor_units(record["amount"], currency), [1] * len(days))
    digits = exponent(currency)
    return [(day, format(Decimal(part).scaleb(-digits), "f")) for day, part in zip(days, parts, strict=True)]


class Naming:
    """A workspace's rules at work. Rules are looked through once for each way in which costs are called."""

    def __init__(self, settings: WorkspaceSettings) -> None:
        self._settings = settings
        self._rules = [(rule, _conditions(rule)) for rule in settings.spend_rules]
        self._found: dict[Told, SpendRule | None] = {}

    def under(self, record: Mapping[str, Any]) -> Under:
        """By the first of the rules that fits; what that leaves open as the record says it."""
        source = (record.get("utm_source") or NOT_SET).lower()
        medium = (record.get("medium") or NOT_SET).lower()
        campaign = record.get("campaign") or NOT_SET
        rule = self._rule((record["provider"], record.get("account") or NOT_SET, source, medium, campaign))
        if rule is not None:
            source, medium = (rule.to_source or source).lower(), (rule.to_medium or medium).lower()
            campaign = campaign if rule.to_campaign is None else _named(rule.to_campaign, rule.campaign, campaign)
        channel = (rule.channel if rule is not None else None) or record.get("channel")
        return Under(
            channel=channel or classify_channel(source, medium, campaign, self._settings.channel_rules),
            source=source,
            medium=medium,
            campaign=campaign,
            post=(rule.post if rule is not None else None) or record["post"],
        )

    def _rule(self, told: Told) -> SpendRule | None:
        if told not in self._found:
            fitting = (rule for rule, conditions in self._rules if all(fits(told[at]) for at, fits in conditions))
            self._found[told] = next(fitting, None)
        return self._found[told]


def _conditions(rule: SpendRule) -> list[tuple[int, Callable[[str], object | None]]]:
    """Which part of what a cost is called has to match what."""
    patterns = (rule.provider, rule.account, rule.source, rule.medium, rule.campaign)
    return [(at, matches_whole(pattern)) for at, pattern in enumerate(patterns) if pattern is not None]


def _named(name: str, pattern: str | None, campaign: str) -> str:
    """The rule's name with the groups that its pattern finds in the campaign's."""
    found: Any = None if pattern is None else matches_whole(pattern)(campaign)
    text = _GROUP.sub(lambda number: found[int(number[1])] or "" if found else "", name).strip()
    return text.encode()[:MOST_BYTES].decode(errors="ignore").strip() or NOT_SET
