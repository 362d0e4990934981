"""The channel of a (source, medium, campaign): the workspace's own rules first, then GA4's, first match wins."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wanamaker_shared.contracts.settings import ChannelRule

from .arrivals import ASSISTANTS

SEARCH = {"google", "bing", "duckduckgo", "yahoo", "ecosia", "baidu", "yandex"}
SOCIAL = {
    *("facebook", "instagram", "linkedin", "twitter", "tiktok", "reddit", "pinterest", "snapchat", "quora"),
    *("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "t.co", "tiktok.com", "reddit.com"),
}
VIDEO = {"youtube", "youtube.com", "vimeo", "vimeo.com"}
SHOPPING = {"amazon", "amazon.com", "ebay", "ebay.com", "etsy", "etsy.com"}

CHANNELS = (
    *("Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other"),
    *("AI Assistant", "Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "Referral", "Email"),
    *("Affiliates", "Audio", "SMS", "Mobile Push Notifications", "Unassigned"),
)


def classify(source: str, medium: str, campaign: str, own_rules: Iterable[ChannelRule]) -> str:
    for rule in own_rules:
        if _meets(rule.source, source) and _meets(rule.medium, medium) and _meets(rule.campaign, campaign):
            return rule.channel
    return default_channel(source.lower(), medium.lower(), campaign.lower())


def default_channel(source: str, medium: str, campaign: str) -> str:
    """GA4's default channel group, with AI Assistant before the organic ones. Everything is lower case."""
    paid = re.fullmatch(r".*cp.*|ppc|retargeting|paid.*", medium) is not None
    shop = source in SHOPPING or re.fullmatch(r".*(([^a-df-z]|^)shop|shopping).*", campaign) is not None
    rules = (
        ("Direct", source == "(direct)" and medium in ("(not set)", "(none)")),
        ("Cross-network", "cross-network" in campaign),
        ("Paid Shopping", shop and paid),
        ("Paid Search", source in SEARCH and paid),
        ("Paid Social", source in SOCIAL and paid),
        ("Paid Video", source in VIDEO and paid),
        ("Display", medium in ("display", "banner", "expandable", "interstitial", "cpm")),
        ("Paid Other", paid),
        ("AI Assistant", medium == "ai-assistant" or (medium == "(not set)" and source in ASSISTANTS)),
        ("Organic Shopping", shop),
        (
            "Organic Social",
            source in SOCIAL
            or medium in ("social", "social-network", "social-media", "sm", "social network", "social media"),
        ),
        ("Organic Video", source in VIDEO or "video" in medium),
        ("Organic Search", source in SEARCH or medium == "organic"),
        ("Referral", medium in ("referral", "app", "link")),
        ("Email", {source, medium} & {"email", "e-mail", "e_mail", "e mail"} != set()),
        ("Affiliates", medium == "affiliate"),
        ("Audio", medium == "audio"),
        ("SMS", "sms" in (source, medium)),
        (
            "Mobile Push Notifications",
            medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase",
        ),
    )
    return next((channel for channel, holds in rules if holds), "Unassigned")


def channel_named(text: str | None, own_rules: Iterable[ChannelRule]) -> str | None:
    """The channel that a CRM's original source (`PAID_SEARCH`) names: only letters and digits count, in any case."""
    names = [*CHANNELS, *(rule.channel for rule in own_rules)]
    wanted = _letters(text or "")
    return next((name for name in names if wanted and _letters(name) == wanted), None)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _meets(pattern: str | None, value: str) -> bool:
    return pattern is None or re.fullmatch(pattern, value, re.IGNORECASE) is not None
