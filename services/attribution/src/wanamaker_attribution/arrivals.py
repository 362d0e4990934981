"""Where a page view came from: its arrival, from campaign parameters, else a click id, else an external referrer.

Rules and examples: docs/meanings.md, "Arrival".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from wanamaker_shared.contracts.web_events import Page

from .hosts import known_host, registrable_domain

NOT_SET = "(not set)"


class Arrival(NamedTuple):
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    click_id: str
    """`name:value`, else empty."""


DIRECT = Arrival("(direct)", "(none)", NOT_SET, NOT_SET, NOT_SET, "")
"""How a session without an arrival reads."""

# Click id → (source, medium), where no utm parameter says better (docs/channels.md names who sets each). What a network also puts
# on links that nobody paid for counts as its referral.
CLICK_IDS = {
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "gad_source": ("google", "cpc"),
    "msclkid": ("bing", "cpc"),
    "dclid": (NOT_SET, "display"),
    "ttclid": ("tiktok", "paid-social"),
    "twclid": ("twitter", "paid-social"),
    "li_fat_id": ("linkedin", "paid-social"),
    "rdt_cid": ("reddit", "paid-social"),
    "fbclid": ("facebook", "referral"),
    "igshid": ("instagram", "referral"),
    "igsh": ("instagram", "referral"),
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


@lru_cache(maxsize=65536)
def arrival(page: str, own_domains: tuple[str, ...]) -> Arrival | None:
    """The arrival of a page view, or None. `page` is the canonical JSON of contracts.web_events.Page."""
    return find_arrival(Page.model_validate_json(page), own_domains)


def find_arrival(page: Page, own_domains: tuple[str, ...]) -> Arrival | None:
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
    if page.click_id and (known := CLICK_IDS.get(page.click_id.name)):
        return Arrival(*known, NOT_SET, NOT_SET, NOT_SET, click_id)
    if page.referrer_host and _is_external(page.referrer_host, page.host, own_domains):
        return Arrival(*_referred_by(page.referrer_host.lower()), NOT_SET, NOT_SET, click_id)
    return None


@lru_cache(maxsize=65536)
def landing_page(page: str) -> str:
    """Host and path of a page view, as reports show it."""
    parsed = Page.model_validate_json(page)
    return (parsed.host + parsed.path) or NOT_SET


def _is_external(referrer_host: str, host: str, own_domains: tuple[str, ...]) -> bool:
    referrer = registrable_domain(referrer_host)
    return referrer != registrable_domain(host) and referrer not in own_domains


def _referred_by(host: str) -> tuple[str, str, str]:
    """(source, medium, campaign) of an external referrer."""
    known, bare = known_host(host), host.removeprefix("www.")
    match known.kind if known else None:
        case "assistant":
            return bare, "ai-assistant", "(ai-assistant)"
        case "search" if known:
            return known.name, "organic", NOT_SET
        case "mail":
            return bare, "email", NOT_SET
    return bare, "referral", NOT_SET
