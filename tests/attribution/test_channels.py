"""GA4's default channel group, rule by rule: a table of examples for each, with the cases on its edges."""

from __future__ import annotations

import pytest

from wanamaker_attribution.channels import CHANNELS, UNASSIGNED, classify_channel, crm_channel
from wanamaker_shared.contracts.settings import ChannelRule

# channel → (source / medium / campaign), the campaign left out where it does not matter
EXAMPLES: dict[str, list[str]] = {
    "Direct": ["(direct)/(none)", "(direct)/(not set)"],
    "Cross-network": ["google/cpc/cross-network", "google/cpc/2026 Cross-Network PMax", "x/y/cross-network"],
    "Paid Shopping": [
        *("amazon/cpc", "www.amazon.de/paid", "ebay.co.uk/cpm", "google-shopping/ppc", "shopify/retargeting"),
        *(
            "google/cpc/shop",
            "google/cpc/summer shopping",
            "google/cpc/e-shop",
            "google/cpc/eshop",
            "google/cpc/Shop Sale",
        ),
        "facebook/paid-social/shopping",
    ],
    "Paid Search": [
        *(
            "google/cpc",
            "Google/CPC",
            "bing/ppc",
            "google.de/paid",
            "www.google.com/paidsearch",
            "yahoo/cpm",
            "duckduckgo/cpv",
        ),
        *("yandex/retargeting", "google/xcpx", "google/cpc/workshop", "google/cpc/bishop", "baidu/cp"),
    ],
    "Paid Social": [
        *(
            "facebook/cpc",
            "fb/paid",
            "ig/cpm",
            "linkedin.com/paid-social",
            "m.facebook.com/paid_social",
            "tiktok/retargeting",
        ),
        *("t.co/ppc", "reddit/paidsocial"),
    ],
    "Paid Video": ["youtube/cpc", "youtube.com/cpv", "vimeo/paid-video", "m.youtube.com/cpm", "twitch.tv/paid"],
    "Display": [
        *("partner/display", "partner/banner", "partner/expandable", "partner/interstitial", "(not set)/display"),
        *("google/display", "facebook/banner", "Partner/Display"),
    ],
    "Paid Other": [
        "partner/cpc",
        "partner/ppc",
        "partner/retargeting",
        "partner/paid",
        "partner/paid-email",
        "mail.google.com/cpc",
    ],
    "AI Assistant": [
        *("chatgpt.com/ai-assistant", "partner/ai-assistant", "chatgpt.com/(not set)", "perplexity/(not set)"),
        "amazon/ai-assistant",
    ],
    "Organic Shopping": [
        "amazon/referral",
        "etsy.com/anything",
        "partner/email/shop",
        "partner/x/shopping-week",
        "ebay/video",
    ],
    "Organic Social": [
        *("facebook/referral", "l.facebook.com/referral", "t.co/(not set)", "linkedin/email", "reddit.com/organic"),
        *("partner/social", "partner/social-network", "partner/social-media", "partner/sm", "partner/social network"),
        "partner/social media",
    ],
    "Organic Video": [
        "youtube.com/referral",
        "vimeo/(not set)",
        "partner/video",
        "partner/my-videos",
        "youtube/organic",
    ],
    "Organic Search": [
        "google/organic",
        "partner/organic",
        "google/email",
        "bing.com/referral",
        "www.google.co.jp/anything",
    ],
    "Referral": ["partner/referral", "partner/app", "partner/link", "docs.google.com/referral", "email/referral"],
    "Email": [
        *(
            "newsletter/email",
            "newsletter/e-mail",
            "newsletter/e_mail",
            "newsletter/e mail",
            "email/(not set)",
            "e-mail/x",
        ),
        *("e_mail/x", "e mail/x", "mail.google.com/email", "EMAIL/X"),
    ],
    "Affiliates": ["partner/affiliate", "awin/affiliate"],
    "Audio": ["spotify/audio", "radio/audio"],
    "SMS": ["sms/anything", "partner/sms", "sms/push"],
    "Mobile Push Notifications": [
        *("app/push", "app/web-push", "app/mobile", "app/mobile-app", "app/in-app-notification", "firebase/x"),
        "app/notifications",
    ],
    UNASSIGNED: [
        *(
            "partner/(not set)",
            "newsletter/newsletter",
            "partner/affiliates",
            "partner/emails",
            "(direct)/x",
            "(not set)/(not set)",
        ),
        *("partner/pushed", "partner/displays", "partner/socials", "partner/xppc", "partner/links", "(direct)x/(none)"),
        *("newsletter/mail", "partner/x/crossnetwork", "partner/unpaid", "partner/retargetings", "x/y/workshops"),
    ],
}
TABLE = [(channel, example) for channel, examples in EXAMPLES.items() for example in examples]


@pytest.mark.parametrize(("channel", "example"), TABLE)
def test_a_visit_is_in_the_channel_of_the_first_rule_that_matches(channel: str, example: str) -> None:
    source, medium, campaign = [*example.split("/"), "(not set)"][:3]
    assert classify_channel(source, medium, campaign, ()) == channel


def test_every_channel_has_examples() -> None:
    assert set(EXAMPLES) == set(CHANNELS)


@pytest.mark.parametrize(
    ("example", "channel"),
    [
        ("partner/cpm", "Display"),
        ("google/cpm", "Paid Search"),
        ("facebook/cpm", "Paid Social"),
        ("youtube/cpm", "Paid Video"),
        ("amazon/cpm", "Paid Shopping"),
        ("partner/cpm/shop", "Paid Shopping"),
        ("partner/cpm2", "Paid Other"),
    ],
)
def test_cpm_is_display_only_where_no_known_source_is_paid(example: str, channel: str) -> None:
    source, medium, campaign = [*example.split("/"), "(not set)"][:3]
    assert classify_channel(source, medium, campaign, ()) == channel


@pytest.mark.parametrize(
    ("campaign", "is_shop"),
    [
        ("shop", True),
        ("shops", True),
        ("my shop", True),
        ("e-shop", True),
        ("eshop", True),
        ("SHOP", True),
        ("shopping", True),
        ("workshopping", True),
        ("workshop", False),
        ("bishop", False),
        ("cashop", False),
        ("sho p", False),
        ("2shop", True),
        ("übershop", False),
        ("neüshop", True),
    ],
)
def test_a_shops_campaign(campaign: str, is_shop: bool) -> None:
    assert (classify_channel("partner", "x", campaign, ()) == "Organic Shopping") is is_shop


def test_no_pattern_holds_up_the_others() -> None:
    """Python's own `re` would be at it for longer than the universe has been there."""
    rules = (ChannelRule(channel="Sale", campaign=r"(\w+-?)+sale"),)
    assert classify_channel("shop.test", "referral", "a" * 255, rules) == "Referral"
    assert classify_channel("shop.test", "referral", "Big-Spring-SALE", rules) == "Sale"


def test_own_rules_come_first_in_their_order() -> None:
    rules = (
        ChannelRule(channel="Brand", medium="cpc", campaign="brand.*"),
        ChannelRule(channel="Partners", source=r"(.*\.)?partner\.test"),
        ChannelRule(channel="Never", source="partner.test"),
    )
    assert classify_channel("google", "CPC", "Brand-Spring", rules) == "Brand"
    assert classify_channel("google", "cpc", "our-brand", rules) == "Paid Search"
    assert classify_channel("blog.partner.test", "email", "x", rules) == "Partners"
    assert classify_channel("partner.test", "email", "x", rules) == "Partners"
    assert classify_channel("partner.test.evil", "email", "x", rules) == "Email"


def test_the_crms_word_names_a_channel_in_any_spelling() -> None:
    assert crm_channel("PAID_SEARCH", ()) == "Paid Search"
    assert crm_channel("ai assistant", ()) == "AI Assistant"
    assert crm_channel("brand", (ChannelRule(channel="Brand", medium="x"),)) == "Brand"
    assert crm_channel("OFFLINE", ()) is None
    assert crm_channel("", ()) is None
