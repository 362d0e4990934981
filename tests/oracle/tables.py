"""From all records to all tables: the oracle's way in, and the one place that knows how the ideas follow one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from .accounts import Accounts, accounts_of
from .bots import bot_days
from .chosen import chosen_settings
from .clock import day_of
from .conversions import Amount, Conversion, account_of, conversions_of, lifecycle_times
from .credit import Credit, credits_of
from .deals import Deal, deals_of
from .dedup import Entry, Sources, sources_by_workspace
from .journeys import journey_of
from .links import Link, links_of, owning_link, verdicts_of
from .money import Rates, to_minor
from .original_sources import of_the_crm
from .people import People, people_of
from .roi import Rows, present_spend, roi_credit, roi_traffic, unconverted_spend
from .sessions import Touchpoint, touchpoints_of

Tables = dict[str, dict[tuple[str, ...], dict[str, Any]]]
"""Table name -> key (its first part the workspace) -> columns."""

NAMES = (
    "persons",
    "links",
    "touchpoints",
    "deals",
    "conversions",
    "credits",
    "roi_credit",
    "roi_traffic",
    "unconverted",
    "accounts",
    "companies",
    "account_list",
)


def tables(entries: Iterable[Entry], workspace_keys: Mapping[str, bytes]) -> Tables:
    """The tables that these records mean, whatever their order and however often each stands there."""
    result: Tables = {name: {} for name in NAMES}
    for workspace, sources in sources_by_workspace(entries).items():
        for name, rows in workspace_tables(sources, workspace_keys[workspace]).items():
            result[name] |= {(workspace, *key): row for key, row in rows.items()}
    return result


def workspace_tables(sources: Sources, workspace_key: bytes) -> dict[str, Rows]:
    """The tables of one workspace; the keys still without it."""
    settings = chosen_settings(sources.settings)
    verdicts = verdicts_of(sources.decisions)
    rates = Rates(sources.rates)
    spend = present_spend(sources.spend)

    bots = bot_days(sources.web, settings)
    peoples = [event for event in sources.web if (event.sender, day_of(event.occurred_at, settings.zone)) not in bots]
    touchpoints = touchpoints_of(peoples, settings)
    links = links_of(sources.web, verdicts, settings)
    in_force = [link for link in links if (link.cookie, day_of(link.order.occurred_at, settings.zone)) not in bots]
    people = people_of(sources, verdicts, settings, workspace_key)
    deals = deals_of(sources.crm, settings)

    owners = {t.id: owner for t in touchpoints if (owner := owning_link(in_force, t.cookie, t.last))}
    of_profile: dict[str, list[Touchpoint]] = {}
    for t in touchpoints:
        if t.id in owners:
            of_profile.setdefault(people.profiles[owners[t.id].identifier], []).append(t)

    accounts = accounts_of(sources, people, deals, settings)
    reached = lifecycle_times(people, in_force, sources.crm, deals.values(), settings)
    conversions = conversions_of(reached, deals.values(), people, rates, settings)
    journeys = [(each, journey_of(each, of_profile, settings)) for each in conversions]
    credits = [credit for each, journey in journeys for credit in credits_of(each, journey, settings)]
    return {
        "persons": _person_rows(people),
        "links": {(link.cookie, link.order.source, link.order.event_id): _link_row(link) for link in links},
        "touchpoints": {(t.id,): _touchpoint_row(t, owners.get(t.id)) for t in touchpoints},
        "deals": {key: _deal_row(deal, people) for key, deal in deals.items()},
        "conversions": {(each.kind, each.key): _conversion_row(each, journey) for each, journey in journeys},
        "credits": {(c.conversion.kind, c.conversion.key, c.model): _credit_row(c) for c in credits},
        "roi_credit": roi_credit(credits),
        "roi_traffic": roi_traffic(touchpoints, spend, rates, settings),
        "unconverted": _unconverted_rows(conversions) | unconverted_spend(spend, rates, settings),
        "accounts": _account_rows(accounts),
        "companies": {(connection, id): row for (connection, id), row in accounts.companies.items()},
        "account_list": {(account,): row for account, row in accounts.listed.items()},
    }


def _person_rows(people: People) -> Rows:
    return {
        (identifier,): {
            "profile": profile,
            "since": people.first_named[identifier].order.occurred_at,
            "via": people.first_named[identifier].via,
        }
        for identifier, profile in people.profiles.items()
    }


def _account_rows(accounts: Accounts) -> Rows:
    rows: Rows = {("person", profile): {"account": account} for profile, account in accounts.of_person.items()}
    return rows | {("deal", "/".join(key)): {"account": account} for key, account in accounts.of_deal.items()}


def _link_row(link: Link) -> dict[str, Any]:
    return {
        "at": link.order.occurred_at,
        "identifier": link.identifier,
        "lead": link.lead,
        "status": link.status,
        "trust": link.trust,
    }


def _touchpoint_row(t: Touchpoint, owner: Link | None) -> dict[str, Any]:
    return {
        "cookie": t.cookie,
        "start_at": t.first.occurred_at,
        "end_at": t.last.occurred_at,
        "day": t.day,
        "channel": t.channel,
        "source": t.source,
        "medium": t.medium,
        "campaign": t.campaign,
        "term": t.term,
        "content": t.content,
        "landing_page": t.landing_page,
        "original_source": t.original_source,
        "owner": owner.identifier if owner else None,
        "owned_by": owner.order.event_id if owner else None,
    }


def _deal_row(deal: Deal, people: People) -> dict[str, Any]:
    return {
        "status": deal.status,
        "pipeline": deal.pipeline,
        "stage": deal.stage,
        "amount": deal.amount,
        "currency": deal.currency,
        "amount_minor": to_minor(Fraction(deal.amount or 0), deal.currency),
        "created_at": deal.created_at,
        "won_at": deal.won_at,
        "mql_at": deal.reached.get("mql"),
        "sql_at": deal.reached.get("sql"),
        "contacts": deal.contacts,
        "account": account_of(deal, people),
        "original_source": deal.original_source,
    }


def _conversion_row(conversion: Conversion, journey: list[Touchpoint]) -> dict[str, Any]:
    return {
        "at": conversion.at,
        "day": conversion.day,
        "profiles": conversion.profiles,
        "revenue_minor": conversion.amount.revenue_minor or 0,
        "native_minor": conversion.amount.native_minor,
        "native_currency": conversion.amount.native_currency,
        "deal": conversion.deal.name if conversion.deal else None,
        "journey": [touchpoint.id for touchpoint in journey],
        "original_sources": [touchpoint.original_source for touchpoint in journey]
        or [of_the_crm(conversion.deal.original_source if conversion.deal else None)],
        "adjustments": [
            {
                "id": each.id,
                "at": each.at,
                "day": each.day,
                "revenue_minor": each.amount.revenue_minor or 0,
                "native_minor": each.amount.native_minor,
                "native_currency": each.amount.native_currency,
            }
            for each in conversion.adjustments
        ],
    }


def _credit_row(credit: Credit) -> dict[str, Any]:
    return {"micro": credit.micro, "revenue": credit.revenue, "adjustments": credit.adjustments}


def _unconverted_rows(conversions: Iterable[Conversion]) -> Rows:
    rows: Rows = {}
    for conversion in conversions:
        counted: list[tuple[tuple[str, ...], str, Amount]] = [
            (("deal", conversion.key), conversion.day, conversion.amount)
        ]
        counted += [
            (("adjustment", f"{conversion.key}/{each.id}", conversion.key), each.day, each.amount)
            for each in conversion.adjustments
        ]
        for key, day, amount in counted:
            if amount.revenue_minor is None:
                rows[key] = {"day": day, "currency": amount.native_currency, "minor": amount.native_minor}
    return rows
