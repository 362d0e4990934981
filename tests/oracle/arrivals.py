"""Where a page's visitor came from: from its campaign parameters, else its click id, else its external referrer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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


def arrival_of(page: Page, own_domains: Iterable[str]) -> Arrival | None:
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
    if page.referrer_host and is_external(page.referrer_host, page.host, own_domains):
        source, medium, campaign = referrer_parts(page.referrer_host.lower())
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


def is_external(referrer_host: str, host: str, own_domains: Iterable[str]) -> bool:
    ours = {registrable_domain(host), *(domain.lower() for domain in own_domains)}
    return registrable_domain(referrer_host) not in ours


def registrable_domain(host: str) -> str:
    """The last two labels, three of `.co.uk`: enough for the hosts that the tests use."""
    labels = host.lower().split(".")
    return ".".join(labels[-3:] if labels[-2:] == ["co", "uk"] else labels[-2:])
