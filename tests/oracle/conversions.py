"""Conversions: leads, mqls and sqls of people; opportunities, won deals and first purchases of customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from wanamaker_shared.contracts.crm_events import ContactRevised, CrmEvent
from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .clock import day_of, read_time
from .deals import Deal
from .links import Link
from .money import Rates, to_minor
from .people import People
from .stages import lifecycle, steps_of


@dataclass(frozen=True, slots=True)
class Amount:
    """`revenue_minor` is None if no rate is known: then the native amount is unconverted."""

    native_minor: int
    native_currency: str | None
    revenue_minor: int | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    id: str
    at: int
    day: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Conversion:
    kind: str
    key: str
    at: int
    day: str
    profiles: list[str]
    lead_at: int | None
    """The earliest lead of its people, whenever that was."""
    amount: Amount
    deal: Deal | None = None
    adjustments: tuple[Adjustment, ...] = ()


NOTHING = Amount(0, None, 0)


def lifecycle_times(
    people: People, links: Iterable[Link], crm: Iterable[CrmEvent], deals: Iterable[Deal], settings: WorkspaceSettings
) -> dict[tuple[str, str], int]:
    """(lead | mql | sql, profile) -> when the person first reached it."""
    reached: dict[tuple[str, str], int] = {}

    def reach(step: str, identifier: str, at: int) -> None:
        place = step, people.profiles[identifier]
        reached[place] = min(at, reached.get(place, at))

    for link in links:
        if link.lead and link.status == "active":
            reach("lead", link.identifier, link.order.occurred_at)
    for record in crm:
        if isinstance(record, ContactRevised):
            for step in steps_of(lifecycle(record, settings)):
                reach(step, contact_identifier(record.connection, record.contact_id), record.occurred_at)
    for deal in deals:
        for step, at in deal.reached.items():
            for contact in deal.contacts:
                reach(step, contact_identifier(deal.key[0], contact), at)
    return reached


def account_of(deal: Deal, people: People) -> str:
    """Whose deal it is: the company's, else the person's of its first contact by id, else its own."""
    connection, deal_id = deal.key
    if deal.company_id:
        return f"company:{connection}/{deal.company_id}"
    if deal.contacts:
        return f"person:{people.profiles[contact_identifier(connection, deal.contacts[0])]}"
    return f"deal:{connection}/{deal_id}"


def conversions_of(
    reached: dict[tuple[str, str], int],
    deals: Iterable[Deal],
    people: People,
    rates: Rates,
    settings: WorkspaceSettings,
) -> list[Conversion]:
    found = [
        Conversion(step, profile, at, day_of(at, settings.zone), [profile], reached["lead", profile], NOTHING)
        for (step, profile), at in reached.items()
    ]
    first: dict[str, tuple[int, Deal]] = {}  # account -> its first won deal
    for deal in sorted(deals, key=lambda deal: deal.key):
        found.append(_of_deal("opportunity", deal.name, deal.created_at, deal, reached, people, settings))
        if deal.won_at is not None:
            found.append(_won(deal, deal.won_at, reached, people, rates, settings))
            account = account_of(deal, people)
            if account not in first or deal.won_at < first[account][0]:
                first[account] = deal.won_at, deal
    for account, (won_at, deal) in first.items():
        found.append(_of_deal("customer", account, won_at, deal, reached, people, settings))
    return found


def _of_deal(
    kind: str,
    key: str,
    at: int,
    deal: Deal,
    reached: dict[tuple[str, str], int],
    people: People,
    settings: WorkspaceSettings,
    *,
    amount: Amount = NOTHING,
    adjustments: tuple[Adjustment, ...] = (),
) -> Conversion:
    profiles = sorted({people.profiles[contact_identifier(deal.key[0], contact)] for contact in deal.contacts})
    leads = [reached["lead", profile] for profile in profiles if ("lead", profile) in reached]
    lead_at = min(leads, default=None)
    return Conversion(kind, key, at, day_of(at, settings.zone), profiles, lead_at, amount, deal, adjustments)


def _won(
    deal: Deal,
    won_at: int,
    reached: dict[tuple[str, str], int],
    people: People,
    rates: Rates,
    settings: WorkspaceSettings,
) -> Conversion:
    def amount(text: str | None, currency: str, day: str) -> Amount:
        converted = rates.convert(text, currency, settings.currency, day)
        return Amount(to_minor(Fraction(text or 0), currency), currency, converted)

    adjustments = []
    for id, record in sorted(deal.adjustments.items()):
        at = read_time(record.at, settings.zone)
        day = day_of(at, settings.zone)
        adjustments.append(Adjustment(id, at, day, amount(record.amount, record.currency or deal.currency, day)))
    total = amount(deal.amount, deal.currency, day_of(won_at, settings.zone))
    return _of_deal(
        "deal", deal.name, won_at, deal, reached, people, settings, amount=total, adjustments=tuple(adjustments)
    )
