"""GET /v1/accounts: companies, and what their people did and brought."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.contracts.settings import WorkspaceSettings

from ..reports.documents import Document, deal_document
from ..reports.times import rfc3339
from ..repository.account import DealPlace, read_conversions_of, read_deals_of, read_journey_of, read_people
from ..repository.accounts import Activity, find_account, read_account_list, read_activity
from ..repository.deals import read_rates_of_deal
from ..repository.people import profiles_of
from ..repository.reading import read_settings
from ..schemas.accounts import AccountAnswer, AccountsAnswer
from .access import Analyst, Here
from .answers import answer, bad_request, not_found
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .paths import (
    ConversionsAfter,
    TouchpointsAfter,
    conversion_page,
    conversion_place,
    touchpoint_page,
    touchpoint_place,
)
from .questions import FromText, ToText, day_of
from .written_paths import WrittenPathRoute

router = APIRouter(prefix="/v1", tags=["accounts"], route_class=WrittenPathRoute)

SearchText = Annotated[
    str, Query(alias="q", max_length=200, description="What the account, its domain or name contains, in any case.")
]
PeopleAfter = Annotated[str | None, Query(max_length=4000, description="`next.people` of the page before.")]
DealsAfter = Annotated[str | None, Query(max_length=4000, description="`next.deals` of the page before.")]


@router.get("/accounts", summary="Companies", response_class=Response, responses={200: {"model": AccountsAnswer}})
async def get_accounts(
    grant: Analyst,
    ports: Here,
    first: FromText = None,
    last: ToText = None,
    search: SearchText = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """All that somebody or a deal belongs to, by their text; sessions, leads, deals and revenue are those of the days asked for,
    as `/v1/roi?group_by=account` has them."""
    start, end = _days(first, last)
    place = decode_cursor(cursor, str)
    if "\x00" in search:
        raise bad_request("q: must not hold NUL")

    def work(connection: Connection) -> dict[str, Any]:
        rows = read_account_list(
            connection, grant.workspace, limit=limit + 1, search=search.strip(), after=place[0] if place else None
        )
        shown = rows[:limit]
        activity = read_activity(connection, grant.workspace, [row.account for row in shown], start, end)
        return {
            "accounts": [_account(row, activity[row.account]) for row in shown],
            "currency": read_settings(connection, grant.workspace).currency,
            "next": encode_cursor([shown[-1].account]) if len(rows) > limit else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)


@router.get(
    "/accounts/{account:path}",
    summary="A company",
    response_class=Response,
    responses={200: {"model": AccountAnswer}},
)
async def get_account(
    account: str,
    grant: Analyst,
    ports: Here,
    first: FromText = None,
    last: ToText = None,
    limit: Limit = 100,
    people_after: PeopleAfter = None,
    touchpoints_after: TouchpointsAfter = None,
    deals_after: DealsAfter = None,
    conversions_after: ConversionsAfter = None,
) -> Response:
    """`company:<connection>/<id>` or `domain:<domain>`; a company that was merged into another is found as that one. `from`
    and `to` bound the numbers of `account`, the lists are whole."""
    start, end = _days(first, last)
    person = decode_cursor(people_after, str)
    deal = decode_cursor(deals_after, str, str)
    touchpoints_from, conversions_from = touchpoint_place(touchpoints_after), conversion_place(conversions_after)
    workspace = grant.workspace

    def work(connection: Connection) -> dict[str, Any] | None:
        found = find_account(connection, workspace, account)
        if found is None:
            return None
        name, settings = found.account, read_settings(connection, workspace)
        people = read_people(connection, workspace, name, limit=limit + 1, after=person[0] if person else None)
        deals = read_deals_of(connection, workspace, name, limit=limit + 1, after=DealPlace(*deal) if deal else None)
        rows = read_journey_of(connection, workspace, name, limit=limit + 1, after=touchpoints_from)
        touchpoints, more_touchpoints = touchpoint_page(rows, limit)
        places = read_conversions_of(connection, workspace, name, limit=limit + 1, after=conversions_from)
        conversions, more_conversions = conversion_page(
            connection, workspace, places, limit=limit, currency=settings.currency
        )
        return {
            "account": _account(found, read_activity(connection, workspace, [name], start, end)[name]),
            "currency": settings.currency,
            "people": people[:limit],
            "touchpoints": touchpoints,
            "deals": [_deal(connection, workspace, row, settings) for row in deals[:limit]],
            "conversions": conversions,
            "next": {
                "people": encode_cursor([people[limit - 1]]) if len(people) > limit else None,
                "touchpoints": more_touchpoints,
                "deals": encode_cursor([deals[limit - 1].connection, deals[limit - 1].deal_id])
                if len(deals) > limit
                else None,
                "conversions": more_conversions,
            },
        }

    document, as_of = await ports.read(work)
    if document is None:
        raise not_found("Nobody and no deal belongs to such an account; it may not have been consumed yet.")
    return answer(document, as_of)


def _days(first: str | None, last: str | None) -> tuple[str | None, str | None]:
    start, end = day_of(first, "from"), day_of(last, "to")
    if start is not None and end is not None and start > end:
        raise bad_request("from: lies after to")
    return start, end


def _account(row: Any, activity: Activity) -> Document:
    return {
        "account": row.account,
        "name": row.name,
        "domain": row.domain,
        "people": activity.people,
        "sessions": activity.sessions,
        "leads": activity.leads,
        "deals": activity.deals,
        "revenue_minor": activity.revenue_minor,
        "last_at": rfc3339(activity.last_at),
    }


def _deal(connection: Connection, workspace: str, row: Any, settings: WorkspaceSettings) -> Document:
    contacts = [contact_identifier(row.connection, name) for name in orjson.loads(row.contacts)]
    people = profiles_of(connection, workspace, contacts)
    return deal_document(row, people, settings.currency, read_rates_of_deal(connection, workspace, row, settings))
