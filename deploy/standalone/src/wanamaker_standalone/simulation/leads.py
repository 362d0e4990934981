"""People who leave an address: which devices they use, when they come, and what they fill in.

Each visit of a lead has a known owner: alone on a device a lead identifies there sooner or later, and on a shared one within
every visit; visits on one cookie never touch, since a lead comes once a day and sharers keep to their own part of the day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from . import company, names, site
from .dice import Dice

SHARING_FIRMS = 0.36
"""Of firms with several leads, how many have them on one machine; makes one in ten of the known cookies shared."""
_ALL_DAY = (7.0, 20.5)
_TURNS = ((7.0, 10.5), (12.0, 15.5), (17.0, 20.5))
MERGE_WITHIN = timedelta(days=4)
"""A second contact is found and merged into the first in this time."""


@dataclass(slots=True)
class Lead:
    number: int
    firm: names.Firm
    name: names.Name
    contact_id: str
    user_id: str | None
    """Set when the lead has an account and logs in."""
    desk: site.Device
    hours: tuple[float, float]
    shares: bool
    """Whether others use the desk too, in other hours."""
    pocket: site.Device | None
    uses_private_address: bool
    visits: list[site.Visit] = field(default_factory=list)
    known_at: datetime | None = None
    """When the lead left an address; None if the simulation ended before."""
    private_at: datetime | None = None
    """When the lead left the second address, on the pocket device; the CRM then has a second contact."""

    @property
    def first_channel(self) -> str:
        return self.visits[0].channel


def firm_leads(dice: Dice, prefix: str, number: int, first_day: datetime, end: datetime) -> list[Lead]:
    """The one to three leads of a firm, with their visits from about `first_day` until `end`."""
    firm = names.firm(dice, prefix, number)
    size = dice.weighted({1: 55, 2: 30, 3: 15})
    shared = site.device(dice) if size > 1 and dice.chance(SHARING_FIRMS) else None
    leads = []
    for turn in range(size):
        lead = _lead(dice, prefix, 3 * number + turn, firm, shared, turn)
        _live(dice, lead, first_day + timedelta(days=dice.whole(0, 8) if turn else 0), end)
        leads.append(lead)
    return [lead for lead in leads if lead.visits]


def _lead(dice: Dice, prefix: str, number: int, firm: names.Firm, shared: site.Device | None, turn: int) -> Lead:
    return Lead(
        number=number,
        firm=firm,
        name=names.person(dice, firm, number),
        contact_id=f"{prefix}-C{number}",
        user_id=f"{prefix}-u{number}" if dice.chance(0.5) else None,
        desk=shared or site.device(dice),
        hours=_TURNS[turn] if shared else _ALL_DAY,
        shares=shared is not None,
        pocket=site.device(dice, phone=True) if dice.chance(0.22) else None,
        uses_private_address=dice.chance(0.2),
    )


def _live(dice: Dice, lead: Lead, day: datetime, end: datetime) -> None:
    """Visits on distinct days: some to look, one that leaves the address, some more."""
    asks_at = 0 if lead.shares else dice.weighted({0: 40, 1: 40, 2: 20})
    for nth in range(asks_at + 1 + dice.whole(0, 5)):
        if nth:
            day += timedelta(days=dice.whole(1, 8))
        start = datetime.combine(day, time(), day.tzinfo) + timedelta(seconds=dice.whole(*_seconds(lead.hours)))
        if start >= end:
            return
        known = nth > asks_at
        device = lead.pocket if known and lead.pocket and dice.chance(0.5) else lead.desk
        channel = dice.weighted(company.RETURNS if known else company.FIRST_VISITS)
        visit = site.visit(dice, device, start, channel, pages=dice.whole(2, 6), person=lead.number)
        lead.visits.append(visit)
        if nth == asks_at:
            _introduce(dice, lead, visit)
        elif device is lead.pocket:
            _recognise_in_pocket(dice, lead, visit, end)
        elif known:
            _recognise_at_desk(dice, lead, visit)


def _introduce(dice: Dice, lead: Lead, visit: site.Visit) -> None:
    lead.known_at = site.submit_form(dice, visit, lead.name, lead.firm, email=lead.name.email)
    if lead.user_id:
        site.log_in(dice, visit, lead.user_id, lead.name)


def _recognise_in_pocket(dice: Dice, lead: Lead, visit: site.Visit, end: datetime) -> None:
    if lead.uses_private_address and (lead.private_at or visit.end + MERGE_WITHIN + timedelta(days=1) < end):
        at = site.submit_form(dice, visit, lead.name, lead.firm, email=lead.name.private_email)
        lead.private_at = lead.private_at or at
    elif lead.user_id:
        site.log_in(dice, visit, lead.user_id, lead.name)
    else:
        site.submit_form(dice, visit, lead.name, lead.firm, email=lead.name.email)


def _recognise_at_desk(dice: Dice, lead: Lead, visit: site.Visit) -> None:
    """At a shared desk always, so that the visit is known to be this lead's."""
    if lead.user_id and (lead.shares or dice.chance(0.4)):
        site.log_in(dice, visit, lead.user_id, None)
    elif lead.shares or dice.chance(0.15):
        site.submit_form(dice, visit, lead.name, lead.firm, email=lead.name.email)


def _seconds(hours: tuple[float, float]) -> tuple[int, int]:
    return int(hours[0] * 3600), int(hours[1] * 3600)
