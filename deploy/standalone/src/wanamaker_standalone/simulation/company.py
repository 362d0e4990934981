"""Halfpenny Tools, the demo company: its site, how people come to it, what it pays for them, and how well they buy."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Halfpenny Tools"
SITE = "https://www.halfpenny.example"
CURRENCY = "EUR"

LANDING_PAGES = ("/", "/saws", "/planes", "/chisels", "/guides/sharpening", "/workshops", "/pricing")
INNER_PAGES = (
    "/saws/dovetail",
    "/planes/no-4",
    "/pricing",
    "/about",
    "/delivery",
    "/guides/joinery",
    "/trade",
    "/basket",
)
ACTIONS = ("Video Played", "Catalogue Downloaded", "Basket Filled", "Chat Opened")
FORMS = ("trade-account", "price-list", "workshop-seat", "callback")

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
PHONES = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a visit begins: the query of its landing page (`{click}` becomes a click id) and its referrer."""

    query: str = ""
    referrer: str = ""


ARRIVALS: dict[str, tuple[Arrival, ...]] = {
    "Paid Search": (
        Arrival("utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid={click}", "https://www.google.com/"),
        Arrival(
            "utm_source=google&utm_medium=cpc&utm_campaign=hand-tools&utm_term=dovetail+saw&gclid={click}",
            "https://www.google.com/",
        ),
        Arrival("utm_source=bing&utm_medium=cpc&utm_campaign=brand&msclkid={click}", "https://www.bing.com/"),
        Arrival("gclid={click}", "https://www.google.com/"),
    ),
    "Paid Social": (
        Arrival(
            "utm_source=facebook&utm_medium=paid-social&utm_campaign=lookalikes&fbclid={click}",
            "https://l.facebook.com/",
        ),
        Arrival("utm_source=instagram&utm_medium=paid-social&utm_campaign=story-ads", "https://l.instagram.com/"),
        Arrival("ttclid={click}", "https://www.tiktok.com/"),
    ),
    "Email": (
        Arrival("utm_source=newsletter&utm_medium=email&utm_campaign=monthly-letter&utm_content=top"),
        Arrival("utm_source=newsletter&utm_medium=email&utm_campaign=workshop-invitation"),
    ),
    "Organic Search": (
        Arrival(referrer="https://www.google.com/"),
        Arrival(referrer="https://www.bing.com/"),
        Arrival(referrer="https://duckduckgo.com/"),
    ),
    "Organic Social": (
        Arrival("utm_source=linkedin&utm_medium=social&utm_campaign=workbench-posts", "https://www.linkedin.com/"),
        Arrival(referrer="https://www.facebook.com/"),
    ),
    "Referral": (
        Arrival(referrer="https://toolreviews.example/best-dovetail-saws"),
        Arrival(referrer="https://forum.joiners.test/t/4711"),
    ),
    "Direct": (Arrival(),),
}

# How often each channel brings somebody who only looks, somebody who becomes a lead, and a known lead back.
PASSERS_BY = {
    "Paid Search": 20, "Paid Social": 24, "Organic Search": 24, "Organic Social": 8, "Direct": 14, "Referral": 7, "Email": 3,
}  # fmt: skip
FIRST_VISITS = {
    "Paid Search": 28, "Paid Social": 5, "Organic Search": 27, "Organic Social": 11, "Direct": 12, "Referral": 13, "Email": 4,
}  # fmt: skip
RETURNS = {"Email": 38, "Direct": 27, "Organic Search": 14, "Paid Search": 13, "Organic Social": 5, "Referral": 3}

# The chance that a deal is won, by the channel that first brought the buyer: the truth the reports should find again.
WIN_CHANCE = {
    "Paid Search": 0.52, "Paid Social": 0.03, "Organic Search": 0.50, "Organic Social": 0.30, "Direct": 0.48,
    "Referral": 0.62, "Email": 0.58,
}  # fmt: skip
WASTEFUL = "Paid Social"


@dataclass(frozen=True, slots=True)
class Budget:
    """Daily cost in euro cents of one campaign, by post. `channel` None: attribution's rules classify source and medium."""

    reports_as: str
    source: str
    medium: str
    campaign: str
    attract: int = 0
    convert: int = 0
    close: int = 0
    channel: str | None = None


BUDGETS = (
    Budget("Paid Search", "google", "cpc", "brand", attract=6_000, convert=1_200, close=1_500),
    Budget("Paid Search", "google", "cpc", "hand-tools", attract=14_000, convert=1_600, close=2_500),
    Budget("Paid Search", "bing", "cpc", "brand", attract=2_000),
    Budget("Paid Social", "facebook", "paid-social", "lookalikes", attract=21_000, convert=1_500),
    Budget("Paid Social", "instagram", "paid-social", "story-ads", attract=12_000, convert=900, close=300),
    Budget("Email", "newsletter", "email", "monthly-letter", attract=900, convert=400, close=800),
    Budget("Organic Search", "google", "organic", "(not set)", attract=3_500),
    Budget("Organic Social", "linkedin", "social", "workbench-posts", attract=1_800),
    Budget("Referral", "toolreviews.example", "listing", "yearbook", attract=1_100, channel="Referral"),
)


def day_costs(budget: Budget) -> dict[str, int]:
    """Post → euro cents a day, without the posts that cost nothing."""
    posts = {"attract": budget.attract, "convert": budget.convert, "close": budget.close}
    return {post: cost for post, cost in posts.items() if cost}
