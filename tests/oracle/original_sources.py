"""The second grouping of visits: HubSpot's original sources, by the first of its rules that matches."""

from __future__ import annotations

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import Page

from .arrivals import ASSISTANTS, MAIL, referrer_parts, registrable_domain, telling_referrer
from .channels import SOCIAL, VIDEO

GOOGLE_CLICKS = ("gclid", "gbraid", "wbraid", "gad_source")
READERS = ("feedly.com",)


def original_source(page: Page, settings: WorkspaceSettings) -> str:
    referrer = (telling_referrer(page, settings) or "").removeprefix("www.")
    source, medium, campaign = ((part or "").lower() for part in (page.utm.source, page.utm.medium, page.utm.campaign))
    utm = source + " " + medium + " " + campaign
    _, referrer_medium, _ = referrer_parts(referrer)
    from_network = registrable_domain(referrer) in SOCIAL | VIDEO
    social = from_network or source in SOCIAL | VIDEO
    clicked = page.click_id is not None and page.click_id.name in GOOGLE_CLICKS
    rules = (
        ("Organic social", medium == "social" and social),
        ("Paid search", clicked or _has(source, "adword", "ppc", "cpc")),
        (
            "Paid social",
            (social and _has(medium, "paid", "ppc", "cpc")) or _has(utm[: -len(campaign) or None], "paidsocial"),
        ),
        (
            "Paid search",
            utm.strip() and registrable_domain(referrer).startswith("google.") and referrer_medium == "organic",
        ),
        ("Paid search", _has(utm, "adword", "ppc", "cpc")),
        ("Email marketing", _has(utm, "email")),
        ("AI referrals", source in ASSISTANTS and not medium),
        ("Other campaigns", utm.strip()),
        ("Organic social", from_network),
        ("Direct traffic", not referrer or referrer in MAIL or registrable_domain(referrer) in READERS),
        ("Organic search", referrer_medium == "organic"),
        ("AI referrals", referrer_medium == "ai-assistant"),
        ("Referrals", True),
    )
    return next(name for name, holds in rules if holds)


def of_the_crm(stated: str | None) -> str:
    """Of a conversion without touchpoints."""
    letters = "".join(c for c in (stated or "").lower() if c.isalnum())
    names = [
        "Organic search",
        "Paid search",
        "Email marketing",
        "Organic social",
        "Paid social",
        "AI referrals",
        "Referrals",
    ]
    names += ["Other campaigns", "Direct traffic"]
    by_letters = {name.lower().replace(" ", ""): name for name in names} | {"socialmedia": "Organic social"}
    return by_letters.get(letters, "Offline sources")


def _has(text: str, *words: str) -> bool:
    return any(word in text for word in words)
