"""HubSpot's original sources, rule by rule: a table of examples, and where two rules meet."""

from __future__ import annotations

import pytest

from wanamaker_attribution.arrivals import NOT_SET, Referrers
from wanamaker_attribution.original_sources import crm_original_source, find_original_source, original_source_of_cost
from wanamaker_shared.contracts.web_events import ClickId, Page, Utm

# (source/medium/campaign, click id, referrer)
Visit = tuple[str, str, str]
EXAMPLES: dict[str, list[Visit]] = {
    "Organic social": [
        ("facebook/social", "", ""),
        ("linkedin.com/Social/x", "", ""),
        ("partner/social", "", "l.facebook.com"),
        ("facebook/social/cpc", "gclid", ""),  # the first rule
        ("", "", "t.co"),
        ("", "", "www.youtube.com"),
        ("", "fbclid", "l.facebook.com"),
    ],
    "Paid search": [
        ("google-adwords/x", "", ""),
        ("mycpc/email", "", ""),
        ("facebook-ppc/paid-social", "", ""),  # before Paid social
        ("", "gclid", ""),
        ("newsletter/email", "gclid", ""),
        ("facebook/paid", "gclid", ""),
        ("", "wbraid", "www.facebook.com"),
        ("newsletter/email", "", "www.google.de"),
        ("//spring", "", "google.com"),
        ("google/cpc", "", ""),
        ("partner/x/ppc-2026", "", ""),
    ],
    "Paid social": [
        ("facebook/paid-social", "", ""),
        ("ig/cpc", "", ""),
        ("youtube/cpc", "", ""),
        ("partner/paid", "", "www.linkedin.com"),
        ("partner/paidsocial", "", ""),
        ("paidsocial-x", "", ""),
        ("facebook/ppc", "", "www.google.com"),  # before the rule of Google's referrer
    ],
    "Email marketing": [
        ("newsletter/email", "", ""),
        ("email", "", "www.facebook.com"),
        ("x/y/E-Mail and email", "", ""),
        ("facebook/email", "", ""),
    ],
    "AI referrals": [("chatgpt.com", "", "chatgpt.com"), ("", "", "www.perplexity.ai"), ("perplexity//x", "", "")],
    "Other campaigns": [
        ("partner/banner", "", ""),
        ("facebook/post", "", "www.facebook.com"),
        ("partner/social", "", "www.news.test"),
        ("newsletter/e-mail", "", ""),  # HubSpot's word is email
        ("partner/paid", "", ""),
        ("chatgpt.com/referral", "", ""),
        ("//spring", "", "docs.google.com"),
        ("x", "", "mail.google.com"),
    ],
    "Direct traffic": [
        ("", "", ""),
        ("", "", "mail.google.com"),
        ("", "", "outlook.live.com"),
        ("", "", "www.feedly.com"),
        ("", "", "www.shop.test"),
        ("", "", "other.own.test"),
        ("", "", "checkout.stripe.com"),
        ("", "", "sso.login.test"),
    ],
    "Organic search": [("", "", "www.google.com"), ("", "", "duckduckgo.com"), ("", "msclkid", "www.bing.com")],
    "Referrals": [("", "", "www.news.test"), ("", "", "docs.google.com"), ("", "", "www.amazon.de")],
}
TABLE = [(group, visit) for group, visits in EXAMPLES.items() for visit in visits]
REFERRERS = Referrers(own=("own.test",), excluded=("login.test",))


@pytest.mark.parametrize(("group", "visit"), TABLE)
def test_a_visit_has_the_original_source_of_the_first_rule_that_matches(group: str, visit: Visit) -> None:
    text, click_id, referrer = visit
    parts = dict(zip(("source", "medium", "campaign"), text.split("/"), strict=False))
    page = Page(
        host="www.shop.test",
        referrer_host=referrer or None,
        utm=Utm(**{name: part or None for name, part in parts.items()}),
        click_id=ClickId(name=click_id, value="x") if click_id else None,
    )
    assert find_original_source(page, REFERRERS) == group


def test_term_and_content_alone_are_no_campaign() -> None:
    assert find_original_source(Page(utm=Utm(term="crm", content="email")), REFERRERS) == "Direct traffic"


@pytest.mark.parametrize(
    ("cost", "group"),
    [
        ("google/cpc/brand", "Paid search"),
        ("facebook/paid-social/(not set)", "Paid social"),
        ("(not set)/(not set)/spring", "Other campaigns"),
        ("newsletter/email/(not set)", "Email marketing"),
        ("(not set)/(not set)/(not set)", NOT_SET),
    ],
)
def test_a_cost_is_grouped_by_its_utm(cost: str, group: str) -> None:
    source, medium, campaign = cost.split("/")
    assert original_source_of_cost(source, medium, campaign) == group


@pytest.mark.parametrize(
    ("stated", "group"),
    [
        ("PAID_SEARCH", "Paid search"),
        ("SOCIAL_MEDIA", "Organic social"),
        ("DIRECT_TRAFFIC", "Direct traffic"),
        ("Email Marketing", "Email marketing"),
        ("AI_REFERRALS", "AI referrals"),
        ("OFFLINE", "Offline sources"),
        ("Trade fair", "Offline sources"),
        ("", "Offline sources"),
        (None, "Offline sources"),
    ],
)
def test_without_a_visit_the_crm_says_it(stated: str | None, group: str) -> None:
    assert crm_original_source(stated) == group
