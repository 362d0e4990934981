"""What the reports must say about a simulation, counted from how it was made and not from what it sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from . import company
from .leads import Lead
from .sales import Deal
from .site import Visit
from .values import Truth


def truth(visits: Sequence[Visit], leads: Sequence[Lead], deals: Sequence[Deal], days: int) -> Truth:
    won = [deal for deal in deals if deal.won_at and deal.exists]
    return Truth(
        sessions=Counter(visit.channel for visit in visits if visit.device.agent != company.CRAWLER),
        leads=sum(lead.known_at is not None for lead in leads),
        opportunities=sum(deal.exists for deal in deals),
        deals_won=len(won),
        revenue_minor=sum(deal.revenue for deal in won),
        refunds_minor=sum(deal.refunds for deal in won),
        first_touch_minor=_revenue_by(won, first=True),
        last_touch_minor=_revenue_by(won, first=False),
        spend_minor=_spend(days),
        example_deals=tuple(deal.deal_id for deal in sorted(won, key=_variety)[:3]),
        wasteful=company.WASTEFUL,
    )


def journey(deal: Deal) -> list[Visit]:
    """The visits of all the deal's people up to the day it was won, oldest first."""
    end = deal.won_at
    visits = [visit for lead in deal.people for visit in lead.visits if end and visit.start <= end]
    return sorted(visits, key=lambda visit: visit.start)


def _revenue_by(won: Sequence[Deal], *, first: bool) -> Counter[str]:
    revenue: Counter[str] = Counter()
    for deal in won:
        revenue[journey(deal)[0 if first else -1].channel] += deal.revenue
    return revenue


def _spend(days: int) -> dict[str, Counter[str]]:
    spend: dict[str, Counter[str]] = {}
    for budget in company.BUDGETS:
        posts = spend.setdefault(budget.reports_as, Counter())
        for post, cost in company.day_costs(budget).items():
            posts[post] += cost * days
    return spend


def _variety(deal: Deal) -> tuple[int, int, str]:
    channels = {visit.channel for visit in journey(deal)}
    return -len(channels), len(journey(deal)), deal.deal_id
