"""Where a page's visitor came from: from its campaign parameters, else its click id, else its external referrer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import Page

NOT_SET = "(not set)"

# name of the click id -> (source, medium)
CLICK_IDS = {
    **dict.fromkeys(["gclid", "gbraid", "wbraid", "gad_source"], ("google", "cpc")),
    "msclkid": ("bing", "cpc"),
    "dclid": (NOT_SET, "display"),
    "ttclid": ("tiktok", "paid-social"),
    "twclid": ("twitter", "paid-social"),
    "li_fat_id": ("linkedin", "paid-social"),
    "rdt_cid": ("reddit", "paid-social"),
    "fbclid": ("facebook", "referral"),
    **dict.fromkeys(["igshid", "igsh"], ("instagram", "referral")),
    "epik": ("pinterest", "referral"),
    "sccid": ("snapchat", "paid-social"),
    "qclid": ("quora", "paid-social"),
    "yclid": ("yandex", "cpc"),
    "irclickid": ("impact", "affiliate"),
    "awc": ("awin", "affiliate"),
    "cjevent": ("cj", "affiliate"),
    "mc_cid": ("mailchimp", "email"),
    "_hsmi": ("hubspot", "email"),
}
SEARCH_ENGINES = ("google", "bing", "duckduckgo", "yahoo", "ecosia", "baidu", "yandex")
PAYMENTS = ("paypal.com", "checkout.stripe.com")
SPAM = ("semalt.com",)
MAIL = ("mail.google.com", "outlook.live.com", "mail.yahoo.com")
NEITHER = ("docs.google.com", "drive.google.com")
"""Of a search engine's company, and no search."""
ASSISTANTS = ("chatgpt.com", "perplexity.ai", "claude.ai", "gemini.google.com", "copilot.microsoft.com")


class Arrival(NamedTuple):
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    click_id: str
    """`name:value`, empty without one."""


DIRECT = Arrival("(direct)", "(none)", NOT_SET, NOT_SET, NOT_SET, "")


def arrival_of(page: Page, settings: WorkspaceSettings) -> Arrival | None:
    """The arrival of a page, or None if the page says nothing about where its visitor came from."""
    click_id = f"{page.click_id.name}:{page.click_id.value}" if page.click_id else ""
    utm = page.utm
    if utm.source or utm.medium or utm.campaign or utm.term or utm.content:
        return Arrival(
            (utm.source or NOT_SET).lower(),
            (utm.medium or NOT_SET).lower(),
            utm.campaign or NOT_SET,
            utm.term or NOT_SET,
            utm.content or NOT_SET,
            click_id,
        )
    if page.click_id and page.click_id.name in CLICK_IDS:
        source, medium = CLICK_IDS[page.click_id.name]
        return Arrival(source, medium, NOT_SET, NOT_SET, NOT_SET, click_id)
    referrer = telling_referrer(page, settings)
    if referrer is not None:
        source, medium, campaign = referrer_parts(referrer)
        return Arrival(source, medium, campaign, NOT_SET, NOT_SET, click_id)
    return None


def referrer_parts(host: str) -> tuple[str, str, str]:
    """(source, medium, campaign) of an external referrer's host."""
    bare = host.removeprefix("www.")
    if bare in ASSISTANTS:
        return bare, "ai-assistant", "(ai-assistant)"
    if bare in MAIL:
        return bare, "email", NOT_SET
    if (engine := registrable_domain(bare).partition(".")[0]) in SEARCH_ENGINES and bare not in NEITHER:
        return engine, "organic", NOT_SET
    return bare, "referral", NOT_SET


def telling_referrer(page: Page, settings: WorkspaceSettings) -> str | None:
    """The host of a referrer that says where the visitor came from."""
    host = external_referrer(page, settings)
    return None if host is None or on_list(host, [*PAYMENTS, *settings.excluded_referrers]) else host


def is_spam(page: Page, settings: WorkspaceSettings) -> bool:
    host = external_referrer(page, settings)
    return host is not None and on_list(host, [*SPAM, *settings.spam_referrers])


def external_referrer(page: Page, settings: WorkspaceSettings) -> str | None:
    if not page.referrer_host:
        return None
    ours = {registrable_domain(page.host), *settings.own_domains}
    return None if registrable_domain(page.referrer_host) in ours else page.referrer_host.lower()


def on_list(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of the domains or below it."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def registrable_domain(host: str) -> str:
    """The last two labels, three of `.co.uk`: enough for the hosts that the tests use."""
    labels = host.lower().split(".")
    return ".".join(labels[-3:] if labels[-2:] == ["co", "uk"] else labels[-2:])
