"""GET /v1/spend/unmatched: which costs meet no visit by their names, and which paid visits meet no cost."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from ..arrivals import NOT_SET
from ..campaign_names import NamesAlike
from ..repository.reading import read_settings
from ..repository.unmatched import Cost, Period, Visits, read_costs, read_unconverted, read_visits
from ..schemas.unmatched import UnmatchedAnswer
from .access import Analyst, Here
from .answers import answer, bad_request
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .questions import FromText, ToText, day_of

router = APIRouter(prefix="/v1", tags=["reports"])
_COMPARED = 5_000
"""How many names of the other side are looked through for some that are alike: those with the most money or visits."""
Of = Annotated[
    Literal["spend", "sessions"],
    Query(description="`spend`: costs that no visit came by; `sessions`: paid visits that cost nothing."),
]
ProviderText = Annotated[str | None, Query(alias="provider", max_length=255, description="Only this provider's costs.")]


@router.get(
    "/spend/unmatched",
    summary="Costs without visits, and paid visits without costs",
    response_class=Response,
    responses={200: {"model": UnmatchedAnswer}},
)
async def get_unmatched(
    grant: Analyst,
    ports: Here,
    of: Of = "spend",
    first: FromText = None,
    last: ToText = None,
    provider: ProviderText = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """A cost meets a visit whose source, medium and campaign are its own, both on days of the period. `spend_rules` in the
    settings make names meet; `nearest` says what to try."""
    period = Period(day_of(first, "from"), day_of(last, "to"))
    if period.first is not None and period.last is not None and period.first > period.last:
        raise bad_request("from: lies after to")
    if provider is not None and "\x00" in provider:
        raise bad_request("provider: must not hold NUL")
    if of == "sessions" and provider:
        raise bad_request("provider: visits have none; leave it out or ask of=spend")
    after = decode_cursor(cursor, *([int, str, str, str, str] if of == "spend" else [int, str, str, str]))

    def work(connection: Connection) -> dict[str, Any]:
        if of == "spend":
            found = read_costs(
                connection, grant.workspace, period, limit=limit + 1, provider=provider or None, after=after
            )
            rows = _spend_rows(connection, grant.workspace, period, found[:limit])
            more: tuple[int | str, ...] | None = found[limit - 1].place if len(found) > limit else None
        else:
            visits = read_visits(connection, grant.workspace, period, limit=limit + 1, after=after)
            rows = _session_rows(connection, grant.workspace, period, visits[:limit])
            more = visits[limit - 1].place if len(visits) > limit else None
        return {
            "of": of,
            "from": period.first,
            "to": period.last,
            "currency": read_settings(connection, grant.workspace).currency,
            "rows": rows,
            "next": encode_cursor(more) if more is not None else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)


def _spend_rows(connection: Connection, workspace: str, period: Period, costs: list[Cost]) -> list[dict[str, Any]]:
    unconverted = read_unconverted(connection, workspace, period, costs)
    known = read_visits(connection, workspace, period, limit=_COMPARED, unmatched=False) if costs else []
    alike = NamesAlike([each for each in known if each.campaign != NOT_SET], lambda each: each.campaign, _visits_order)
    return [
        {
            **_cost(cost),
            "unconverted": [
                {"currency": currency, "spend_minor": minor}
                for currency, minor in sorted(
                    unconverted.get((cost.provider, cost.source, cost.medium, cost.campaign), {}).items()
                )
            ],
            "first": cost.first,
            "last": cost.last,
            "nearest": [_visited(each) for each in _nearest(alike, cost.campaign)],
        }
        for cost in costs
    ]


def _session_rows(connection: Connection, workspace: str, period: Period, found: list[Visits]) -> list[dict[str, Any]]:
    known = read_costs(connection, workspace, period, limit=_COMPARED, unmatched=False) if found else []
    alike = NamesAlike([each for each in known if each.campaign != NOT_SET], lambda each: each.campaign, _cost_order)
    return [
        {**_visited(visits), "nearest": [_cost(each) for each in _nearest(alike, visits.campaign)]} for visits in found
    ]


def _nearest(alike: NamesAlike[Any], campaign: str) -> list[Any]:
    return [] if campaign == NOT_SET else alike.nearest(campaign)


def _visits_order(visits: Visits) -> tuple[Any, ...]:
    return visits.place


def _cost_order(cost: Cost) -> tuple[Any, ...]:
    return cost.place


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "provider": cost.provider,
        "source": cost.source,
        "medium": cost.medium,
        "campaign": cost.campaign,
        "spend_minor": cost.spend_minor,
    }


def _visited(visits: Visits) -> dict[str, Any]:
    return {
        "source": visits.source,
        "medium": visits.medium,
        "campaign": visits.campaign,
        "sessions": visits.sessions,
    }
