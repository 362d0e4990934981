"""Where a page view came from: its arrival, from campaign parameters, else a click id, else an external referrer.

Rules and examples: docs/meanings.md, "Where visitors come from".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import Page

from .hosts import is_payment, is_spam, is_under, known_host, registrable_domain

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


class Referrers(NamedTuple):
    """What a workspace says of referrers: domains that are its own, that say nothing, and that send spam."""

    own: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    spam: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: WorkspaceSettings) -> Referrers:
        return cls(settings.own_domains, settings.excluded_referrers, settings.spam_referrers)


@lru_cache(maxsize=65536)
def arrival(page: str, referrers: Referrers) -> Arrival | None:
    """The arrival of a page view, or None. `page` is the canonical JSON of contracts.web_events.Page."""
    return find_arrival(read_page(page), referrers)


def find_arrival(page: Page, referrers: Referrers) -> Arrival | None:
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
    if host := telling_referrer(page, referrers):
        return Arrival(*_referred_by(host), NOT_SET, NOT_SET, click_id)
    return None


def telling_referrer(page: Page, referrers: Referrers) -> str | None:
    """The host of an external referrer that is neither a payment page nor excluded."""
    host = _external_referrer(page, referrers)
    return None if host is None or is_payment(host) or is_under(host, referrers.excluded) else host


@lru_cache(maxsize=65536)
def is_spam_view(page: str, referrers: Referrers) -> bool:
    """Whether an external referrer is a sender of referrer spam: the page view is nobody's visit."""
    host = _external_referrer(read_page(page), referrers)
    return host is not None and (is_spam(host) or is_under(host, referrers.spam))


@lru_cache(maxsize=65536)
def landing_page(page: str) -> str:
    """Host and path of a page view, as reports show it."""
    parsed = read_page(page)
    return (parsed.host + parsed.path) or NOT_SET


@lru_cache(maxsize=8192)
def read_page(page: str) -> Page:
    return Page.model_validate_json(page)


def _external_referrer(page: Page, referrers: Referrers) -> str | None:
    """In lower case; None where it is the website itself, another of the workspace's, or not known."""
    if not page.referrer_host:
        return None
    domain = registrable_domain(page.referrer_host)
    own = domain == registrable_domain(page.host) or domain in referrers.own
    return None if own else page.referrer_host.lower()


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
