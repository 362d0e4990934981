"""Which channel a touchpoint or a cost belongs to: ordered rules, first match wins.

The workspace's own rules stand first, then the GA4 default channel group (support.google.com/analytics/answer/9756891), with
AI Assistant after Paid Other. `RULES_VERSION` changes whenever a classification may: with a rule, a click id or a host table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from wanamaker_shared.contracts.settings import ChannelRule, matches_whole

from .hosts import is_kind

RULES_VERSION = 3
UNASSIGNED = "Unassigned"

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOP = re.compile(r".*(([^a-df-z]|^)shop|shopping).*")
_EMAIL = frozenset(["email", "e-mail", "e_mail", "e mail"])
_SOCIAL_MEDIA = frozenset(["social", "social-network", "social-media", "sm", "social network", "social media"])
_DISPLAY = frozenset(["display", "banner", "expandable", "interstitial", "cpm"])

Condition = Callable[[str, str, str], bool]


def _paid(medium: str) -> bool:
    return _PAID.fullmatch(medium) is not None


def _shopping(source: str, campaign: str) -> bool:
    return is_kind(source, "shopping") or _SHOP.fullmatch(campaign) is not None


# Conditions of (source, medium, campaign), all lower case.
_GA4: tuple[tuple[str, Condition], ...] = (
    ("Direct", lambda s, m, c: s == "(direct)" and m in ("(not set)", "(none)")),
    ("Cross-network", lambda s, m, c: "cross-network" in c),
    ("Paid Shopping", lambda s, m, c: _paid(m) and _shopping(s, c)),
    ("Paid Search", lambda s, m, c: _paid(m) and is_kind(s, "search")),
    ("Paid Social", lambda s, m, c: _paid(m) and is_kind(s, "social")),
    ("Paid Video", lambda s, m, c: _paid(m) and is_kind(s, "video")),
    ("Display", lambda s, m, c: m in _DISPLAY),
    ("Paid Other", lambda s, m, c: _paid(m)),
    ("AI Assistant", lambda s, m, c: m == "ai-assistant" or (m == "(not set)" and is_kind(s, "assistant"))),
    ("Organic Shopping", lambda s, m, c: _shopping(s, c)),
    ("Organic Social", lambda s, m, c: m in _SOCIAL_MEDIA or is_kind(s, "social")),
    ("Organic Video", lambda s, m, c: "video" in m or is_kind(s, "video")),
    ("Organic Search", lambda s, m, c: m == "organic" or is_kind(s, "search")),
    ("Referral", lambda s, m, c: m in ("referral", "app", "link")),
    ("Email", lambda s, m, c: s in _EMAIL or m in _EMAIL),
    ("Affiliates", lambda s, m, c: m == "affiliate"),
    ("Audio", lambda s, m, c: m == "audio"),
    ("SMS", lambda s, m, c: s == "sms" or m == "sms"),
    (
        "Mobile Push Notifications",
        lambda s, m, c: m.endswith("push") or "mobile" in m or "notification" in m or s == "firebase",
    ),
)

_PAID_CHANNELS = frozenset(
    ["Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other"]
)
CHANNELS: tuple[str, ...] = (*(name for name, _ in _GA4), UNASSIGNED)


@lru_cache(maxsize=65536)
def classify_channel(source: str, medium: str, campaign: str, own_rules: tuple[ChannelRule, ...]) -> str:
    """The channel of a (source, medium, campaign); `own_rules` are tried before the default group."""
    for rule in own_rules:
        if _matches(rule, source, medium, campaign):
            return rule.channel
    lower = (source.lower(), medium.lower(), campaign.lower())
    return next((name for name, matches in _GA4 if matches(*lower)), UNASSIGNED)


def is_paid(source: str, medium: str, campaign: str) -> bool:
    """Whether visits of these names were paid for, by the default group: own rules name channels as they like."""
    return classify_channel(source, medium, campaign, ()) in _PAID_CHANNELS


@lru_cache(maxsize=4096)
def crm_channel(original_source: str | None, own_rules: tuple[ChannelRule, ...]) -> str | None:
    """The channel that a CRM's own original source names (`PAID_SEARCH` → `Paid Search`), or None."""
    if not original_source:
        return None
    named = _letters(original_source)
    return next((name for name in (*(rule.channel for rule in own_rules), *CHANNELS) if _letters(name) == named), None)


def _matches(rule: ChannelRule, source: str, medium: str, campaign: str) -> bool:
    conditions = ((rule.source, source), (rule.medium, medium), (rule.campaign, campaign))
    return all(pattern is None or matches_whole(pattern)(value) for pattern, value in conditions)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
