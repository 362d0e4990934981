"""What the API says of a link is what happens: a page view at the URL, as the collector reads it, lands in the channel said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wanamaker_attribution.arrivals import Referrers, find_arrival
from wanamaker_attribution.channels import classify_channel
from wanamaker_attribution.links.link import Link
from wanamaker_attribution.links.plan import MOST_LINKS, Judged, Plan
from wanamaker_attribution.schemas.links import LinkRow
from wanamaker_attribution.schemas.rows import BadRows, SentRow, check_rows
from wanamaker_collector.pages import page_of
from wanamaker_shared.contracts.record import Order
from wanamaker_shared.contracts.settings import ChannelRule, WorkspaceSettings
from wanamaker_shared.contracts.web_events import Page
from wanamaker_shared.link_book import Held

SETTINGS = WorkspaceSettings(
    own_domains=("shop.test",),
    channel_rules=(ChannelRule(channel="Print", medium="print|flyer"), ChannelRule(channel="Direct", source="nobody")),
)


def judge(fields: dict[str, object], settings: WorkspaceSettings = SETTINGS) -> Judged | None:
    """The verdict on one row in an installation without links; None if it has not the shape of a row."""
    try:
        (row,) = check_rows(LinkRow, [SentRow(0, fields)])
    except BadRows:
        return None
    return Plan("w1", settings, lambda _: None, 0, (), 1, has_short_urls=True).judge(row)


def visit(url: str) -> tuple[str, Page]:
    """The channel of a page view at this URL, sent as the trackers send it, from a search engine's result."""
    page = Page.model_validate(page_of({"page": {"url": url, "referrer": "https://www.google.com/"}}, {}))
    came = find_arrival(page, Referrers.of(SETTINGS))
    assert came is not None
    return classify_channel(came.source, came.medium, came.campaign, SETTINGS.channel_rules), page


KNOWN = st.sampled_from(
    """google newsletter facebook (direct) (none) nobody email e-mail cpc paid-social print Flyer social affiliate audio sms
    Display SHOP-ping cross-network webpush youtube.com amazon organic referral (not~set) ai-assistant""".replace(
        "~", "\u00a0"
    ).split()
)
LETTERS = st.text("aA bB+&=%#?/\\@.é漢İß\u00a0\t\u0085\ufeff\u200d'\"<>;,:|~_-", min_size=1, max_size=12)
NAMES = st.one_of(KNOWN, LETTERS, st.text(min_size=1, max_size=300))
PAGES = st.sampled_from(
    [
        "https://shop.test",
        "https://www.shop.test/a/b?x=1&y=%20#top",
        "http://shop.test/ü?q=ü",
        "https://shop.test/?#a?b",
    ]
)
FIELDS = st.fixed_dictionaries(
    {"url": PAGES, "source": NAMES, "medium": st.one_of(KNOWN, NAMES), "campaign": NAMES},
    optional={"term": NAMES, "content": NAMES},
)


@given(FIELDS)
def test_the_channel_that_is_said_is_the_channel_that_it_lands_in(fields: dict[str, object]) -> None:
    judged = judge(fields)
    if judged is None or judged.held is None:
        return
    link = judged.held.link
    channel, page = visit(link.url)
    assert channel == judged.channel
    assert channel not in ("Unassigned", "Direct")
    utm = page.utm
    assert ((utm.source or "").lower(), (utm.medium or "").lower()) == (link.source, link.medium)
    assert (utm.campaign, utm.term, utm.content) == (link.campaign, link.term, link.content)
    assert (page.host, page.click_id) in (("shop.test", None), ("www.shop.test", None))


@given(st.sampled_from(["email", "cpc", "social", "print"]), LETTERS, LETTERS)
def test_hardly_any_name_is_refused(medium: str, source: str, campaign: str) -> None:
    """So that the property above looks at something: only control characters, addresses and blanks are."""
    judged = judge({"url": "https://shop.test/", "source": source, "medium": medium, "campaign": campaign})
    strange = {"\t", "\u0085", "@"} & set(source + campaign) or not source.strip() or not campaign.strip()
    assert strange or (judged is not None and judged.verdict == "created")


def test_what_would_be_lost_is_refused_with_what_to_do() -> None:
    row: dict[str, object] = {
        "url": "https://shop.test/",
        "source": "expo",
        "medium": "stand (hall 3)",
        "campaign": "x",
    }
    judged = judge(row)
    assert judged is not None
    assert (judged.verdict, judged.channel) == ("refused", "Unassigned")
    (reason,) = judged.reasons
    assert r'{"channel":"…","medium":"stand\\ \\(hall\\ 3\\)"}' in reason
    rule = ChannelRule(channel="Events", medium=r"stand\ \(hall\ 3\)")
    followed = judge(row, SETTINGS.model_copy(update={"channel_rules": (rule,)}))
    assert followed is not None
    assert (followed.verdict, followed.channel) == ("created", "Events")
    for direct in ({"source": "(direct)", "medium": "(none)"}, {"source": "nobody"}):
        judged = judge({**row, **direct})
        assert judged is not None
        assert judged.verdict == "refused"
        assert "Direct" in judged.reasons[0]


def test_a_slug_that_others_have_is_not_given_again() -> None:
    """Two links of one campaign in one request, where another workspace has the campaign's name already."""
    others = Held(
        "x", "w2", Link("https://else.test/", "", "a", "email", "x", None, None, False), 1, Order(1, "", "", "")
    )
    plan = Plan("w1", SETTINGS, {"x": others}.get, 1, (), 2, has_short_urls=True)
    rows = [{"url": f"https://shop.test/{n}", "source": "a", "medium": "email", "campaign": "x"} for n in range(3)]
    judged = [plan.judge(LinkRow.model_validate(row)) for row in (*rows, *rows)]
    slugs = [each.held.slug for each in judged if each.held is not None]
    assert slugs[:2] == ["x-a", slugs[4]]
    assert slugs[:3] == slugs[3:]
    assert len(set(slugs)) == 3
    assert [each.verdict for each in judged] == ["created"] * 3 + ["exists"] * 3


def test_there_is_an_end_to_links() -> None:
    plan = Plan("w1", SETTINGS, lambda _: None, MOST_LINKS - 1, (), 2, has_short_urls=True)
    row = {"source": "a", "medium": "email", "campaign": "x"}
    judged = [plan.judge(LinkRow.model_validate({"url": f"https://shop.test/{n}", **row})) for n in (1, 2, 1)]
    assert [each.verdict for each in judged] == ["created", "refused", "exists"]
