"""`simulate`: everything a demo company's last days sent, in the order it happened, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from . import company, site
from .crm import Journal, euros, rfc3339
from .dice import Dice
from .leads import Lead, firm_leads
from .sales import Deal, Sales
from .truth import truth
from .values import Simulation, SpendRows, Step, WebBatch

FIRMS_A_DAY = 5.0
PASSERS_BY_A_DAY = 33
CRAWLS_A_DAY = 2
BATCH = 100


def simulate(seed: int, days: int, end: date, *, batch: int = BATCH) -> Simulation:
    """`days` days up to and including `end` (UTC): at 90 days some 20,000 web events.

    Ids are made of seed and position, so that the same arguments give the same bytes, and sending them twice changes
    nothing. Raises ValueError for less than one day.
    """
    if days < 1:
        raise ValueError(f"a demo needs at least one day, not {days}")
    prefix = f"demo{seed}"
    stop = datetime.combine(end + timedelta(days=1), time(), UTC)
    start = stop - timedelta(days=days)
    visits = _passers_by(Dice(f"{seed}/passers-by"), start, stop, days)
    leads, deals, journal = _firms(seed, prefix, start, stop, days)
    visits += [visit for lead in leads for visit in lead.visits]
    steps: list[Step] = [
        *_batches(visits, prefix, batch),
        *sorted(journal.webhooks, key=lambda webhook: webhook.at),
        *_spend(start, days),
    ]
    return Simulation(
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        truth=truth(visits, leads, deals, days),
        personal=frozenset(_personal(leads)),
    )


def _passers_by(dice: Dice, start: datetime, stop: datetime, days: int) -> list[site.Visit]:
    """People who look and go, some of them more than once, and a few crawlers. Nobody learns who they are."""
    visits = []
    for _ in range(round(PASSERS_BY_A_DAY * days)):
        device = site.device(dice, phone=dice.chance(0.5))
        at = start + timedelta(seconds=dice.whole(0, days * 86_400 - 1))
        for _ in range(dice.weighted({1: 80, 2: 15, 3: 5})):
            if at >= stop - timedelta(hours=1):
                break
            channel = dice.weighted(company.PASSERS_BY)
            visits.append(
                site.visit(dice, device, at, channel, pages=dice.weighted({1: 40, 2: 25, 3: 20, 4: 10, 5: 5}))
            )
            at += timedelta(days=dice.whole(1, 6), seconds=dice.whole(0, 3600))
    for _ in range(CRAWLS_A_DAY * days):
        crawler = site.Device(dice.hexadecimal(32), company.CRAWLER, "203.0.113.66")
        at = start + timedelta(seconds=dice.whole(0, days * 86_400 - 3600))
        visits.append(site.visit(dice, crawler, at, "Direct", pages=1))
    return visits


def _firms(
    seed: int, prefix: str, start: datetime, stop: datetime, days: int
) -> tuple[list[Lead], list[Deal], Journal]:
    dice = Dice(f"{seed}/firms")
    journal = Journal(prefix, stop)
    sales = Sales(dice, journal, prefix)
    leads: list[Lead] = []
    for number in range(round(FIRMS_A_DAY * days)):
        of_firm = firm_leads(dice, prefix, number, start + timedelta(days=dice.whole(0, days - 1)), stop)
        sales.tell(of_firm)
        leads += of_firm
    return leads, sales.deals, journal


def _batches(visits: list[site.Visit], prefix: str, size: int) -> list[WebBatch]:
    happened = sorted(
        (at, event["anonymousId"], nth, event) for visit in visits for nth, (at, event) in enumerate(visit.events)
    )
    events: list[tuple[datetime, Mapping[str, Any]]] = [
        (at, {**event, "messageId": f"{prefix}-{number}", "timestamp": rfc3339(at)})
        for number, (at, _, _, event) in enumerate(happened)
    ]
    groups = [events[first : first + size] for first in range(0, len(events), size)]
    return [WebBatch(group[-1][0], tuple(event for _, event in group)) for group in groups]


def _spend(start: datetime, days: int) -> list[SpendRows]:
    """One upload in the evening of each day; weekends cost a little more."""
    uploads = []
    for day in (start + timedelta(days=n) for n in range(days)):
        rows = [
            {
                "date": day.date().isoformat(),
                "source": budget.source,
                "medium": budget.medium,
                "campaign": budget.campaign,
                "post": post,
                "amount": euros(cost),
                "currency": company.CURRENCY,
                **({"channel": budget.channel} if budget.channel else {}),
            }
            for budget in company.BUDGETS
            for post, cost in company.day_costs(budget).items()
        ]
        uploads.append(SpendRows(day + timedelta(hours=23, minutes=30), tuple(rows)))
    return uploads


def _personal(leads: list[Lead]) -> list[str]:
    return [
        value
        for lead in leads
        for value in (
            lead.name.full,
            lead.name.email,
            lead.name.email.lower(),
            lead.name.private_email,
            lead.name.street,
        )
    ]
