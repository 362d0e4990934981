"""A second grouping of visits and costs: HubSpot's original sources, by ordered rules, first match wins.

The rules are those of "Understand HubSpot's traffic sources" (knowledge.hubspot.com), with AI referrals; what they mean for us
is in docs/meanings.md, "Original sources". They look at referrer and utm together, so they read the page, not its arrival.
"""

from __future__ import annotations

from functools import lru_cache

from wanamaker_shared.contracts.web_events import Page

from .arrivals import NOT_SET, Referrers, read_page, telling_referrer
from .hosts import Kind, is_kind, is_under, known_host

ORGANIC_SEARCH = "Organic search"
PAID_SEARCH = "Paid search"
EMAIL = "Email marketing"
ORGANIC_SOCIAL = "Organic social"
PAID_SOCIAL = "Paid social"
AI_REFERRALS = "AI referrals"
REFERRALS = "Referrals"
OTHER_CAMPAIGNS = "Other campaigns"
DIRECT = "Direct traffic"
OFFLINE = "Offline sources"

# As HubSpot's own property names them, in letters and digits alone.
_OF_CRM = {
    "organicsearch": ORGANIC_SEARCH,
    "paidsearch": PAID_SEARCH,
    "emailmarketing": EMAIL,
    "organicsocial": ORGANIC_SOCIAL,
    "socialmedia": ORGANIC_SOCIAL,
    "paidsocial": PAID_SOCIAL,
    "aireferrals": AI_REFERRALS,
    "referrals": REFERRALS,
    "othercampaigns": OTHER_CAMPAIGNS,
    "directtraffic": DIRECT,
}
_GOOGLE_CLICKS = frozenset(["gclid", "gbraid", "wbraid", "gad_source"])
_ADS = ("adword", "ppc", "cpc")
_PAID = ("paid", "ppc", "cpc")
_NETWORKS: tuple[Kind, ...] = ("social", "video")
_READERS = frozenset(
    "bloglines.com feedbin.com feedly.com inoreader.com netvibes.com newsblur.com theoldreader.com".split()
)


@lru_cache(maxsize=65536)
def original_source(page: str, referrers: Referrers) -> str:
    """The original source of a visit that began with this page, the canonical JSON of contracts.web_events.Page."""
    return find_original_source(read_page(page), referrers)


def find_original_source(page: Page, referrers: Referrers) -> str:
    utm = (page.utm.source or "", page.utm.medium or "", page.utm.campaign or "")
    clicked = page.click_id is not None and page.click_id.name in _GOOGLE_CLICKS
    return _group(utm, google_click=clicked, referrer=telling_referrer(page, referrers))


def original_source_of_cost(source: str, medium: str, campaign: str) -> str:
    """A cost is grouped by its utm parts as a visit with them would be; `(not set)` where it has none."""
    utm = tuple("" if part == NOT_SET else part for part in (source, medium, campaign))
    return _group((utm[0], utm[1], utm[2]), google_click=False, referrer=None) if any(utm) else NOT_SET


def crm_original_source(stated: str | None) -> str:
    """Of a conversion without visits: what its CRM says, else that it came about offline."""
    letters = "".join(c for c in (stated or "").lower() if c.isalnum())
    return _OF_CRM.get(letters, OFFLINE)


def _group(utm: tuple[str, str, str], *, google_click: bool, referrer: str | None) -> str:
    source, medium, campaign = (part.lower() for part in utm)
    known = known_host(referrer) if referrer else None
    kind = known.kind if known else None
    social = kind in _NETWORKS or any(is_kind(source, network) for network in _NETWORKS)
    if medium == "social" and social:
        return ORGANIC_SOCIAL
    if google_click or _says(_ADS, source):
        return PAID_SEARCH
    if (social and _says(_PAID, medium)) or _says(("paidsocial",), source, medium):
        return PAID_SOCIAL
    if source or medium or campaign:
        if (known and known.name == "google" and kind == "search") or _says(_ADS, medium, campaign):
            return PAID_SEARCH
        if _says(("email",), source, medium, campaign):
            return EMAIL
        return AI_REFERRALS if not medium and is_kind(source, "assistant") else OTHER_CAMPAIGNS
    return _referred(kind, referrer)


def _referred(kind: Kind | None, referrer: str | None) -> str:
    """Of a visit without utm."""
    if referrer is None or kind == "mail" or is_under(referrer, _READERS):
        return DIRECT
    if kind in _NETWORKS:
        return ORGANIC_SOCIAL
    if kind == "search":
        return ORGANIC_SEARCH
    return AI_REFERRALS if kind == "assistant" else REFERRALS


def _says(words: tuple[str, ...], *parts: str) -> bool:
    return any(word in part for part in parts for word in words)
