"""A cost's days, and the names under which it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .arrivals import NOT_SET
from .channels import classify
from .money import EXPONENTS, to_minor

MOST_BYTES = 255
"""Of a campaign's name: as much as is kept of a visit's."""


@dataclass(frozen=True, slots=True)
class Under:
    channel: str
    source: str
    medium: str
    campaign: str
    post: str


def days_of(record: SpendRevised, currency: str) -> list[tuple[str, str]]:
    """(day, amount as decimal text): of one day what was sent, of several the cents dealt out, the first days one more."""
    if record.until is None:
        return [(record.date, record.amount)]
    first, last = date.fromisoformat(record.date), date.fromisoformat(record.until)
    days = [str(first + timedelta(days=each)) for each in range((last - first).days + 1)]
    minor = to_minor(Fraction(record.amount), currency)
    sign = -1 if minor < 0 else 1
    each, more = divmod(abs(minor), len(days))
    parts = [sign * (each + (place < more)) for place in range(len(days))]
    return [(day, str(Fraction(part, 10 ** EXPONENTS.get(currency, 2)))) for day, part in zip(days, parts, strict=True)]


def counted_under(record: SpendRevised, settings: WorkspaceSettings) -> Under:
    """By the first of the workspace's rules that fits, and by what the record says where that is silent."""
    source, medium = ((text or NOT_SET).lower() for text in (record.utm_source, record.medium))
    campaign, channel, post = record.campaign or NOT_SET, record.channel, str(record.post)
    for rule in settings.spend_rules:
        told = (
            (rule.provider, record.provider),
            (rule.account, record.account or NOT_SET),
            (rule.source, source),
            (rule.medium, medium),
            (rule.campaign, campaign),
        )
        if all(pattern is None or re.fullmatch(pattern, value, re.IGNORECASE) for pattern, value in told):
            if rule.to_campaign is not None:
                campaign = _named(rule.to_campaign, rule.campaign or ".*", campaign)
            source, medium = (rule.to_source or source).lower(), (rule.to_medium or medium).lower()
            channel, post = rule.channel or channel, rule.post or post
            break
    channel = channel or classify(source, medium, campaign, settings.channel_rules)
    return Under(channel, source, medium, campaign, post)


def _named(name: str, pattern: str, campaign: str) -> str:
    groups = re.fullmatch(pattern, campaign, re.IGNORECASE | re.DOTALL)
    assert groups is not None
    named = re.sub(r"\\([1-9])", lambda number: groups[int(number[1])] or "", name)
    return named.strip().encode()[:MOST_BYTES].decode(errors="ignore").strip() or NOT_SET
