"""GET /v1/deals/…: one deal, the touchpoints of its people, and its conversions with their credits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Response
from sqlalchemy import Connection

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.service.problems import Problem

from ..ports import Ports
from ..reports.documents import deal_document
from ..repository.conversions import read_of_deal
from ..repository.deals import read_deal, read_deals_named, read_rates_of_deal
from ..repository.people import identifiers_of, profiles_of
from ..repository.reading import read_settings
from ..schemas.journeys import DealAnswer
from .access import Analyst, Here
from .answers import answer, not_found
from .cursors import Limit
from .paths import TouchpointsAfter, conversion_page, owned_page, touchpoint_place
from .written_paths import WrittenPathRoute

router = APIRouter(prefix="/v1", tags=["journeys"], route_class=WrittenPathRoute)
_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"model": DealAnswer}}
_MISSING = "No such deal: never seen, deleted, merged into another, or not consumed yet."


@router.get("/deals/{deal_id}", summary="A deal whose id is unique", response_class=Response, responses=_RESPONSES)
async def get_deal(
    deal_id: str, grant: Analyst, ports: Here, limit: Limit = 500, touchpoints_after: TouchpointsAfter = None
) -> Response:
    """409 where several connections have a deal with this id; it names them."""

    def find(connection: Connection) -> Any:
        rows = read_deals_named(connection, grant.workspace, deal_id)
        if len(rows) > 1:
            names = [row.connection for row in rows]
            detail = "Several connections have a deal with this id: ask for /v1/deals/{connection}/{deal}."
            raise Problem(409, "Conflict", detail, connections=names)
        return rows[0] if rows else None

    return await _deal(ports, grant.workspace, find, limit, touchpoints_after)


@router.get("/deals/{connection_name}/{deal_id:path}", summary="A deal", response_class=Response, responses=_RESPONSES)
async def get_deal_of_connection(
    connection_name: str,
    deal_id: str,
    grant: Analyst,
    ports: Here,
    limit: Limit = 500,
    touchpoints_after: TouchpointsAfter = None,
) -> Response:
    """The deal with this id of this connection. An id may hold slashes; `%2F` says that one does not begin another segment."""
    return await _deal(
        ports,
        grant.workspace,
        lambda connection: read_deal(connection, grant.workspace, connection_name, deal_id),
        limit,
        touchpoints_after,
    )


async def _deal(
    ports: Ports, workspace: str, find: Callable[[Connection], Any], limit: int, touchpoints_after: str | None
) -> Response:
    after = touchpoint_place(touchpoints_after)

    def work(connection: Connection) -> dict[str, Any] | None:
        row = find(connection)
        if row is None:
            return None
        contacts = [contact_identifier(row.connection, name) for name in orjson.loads(row.contacts)]
        people = profiles_of(connection, workspace, contacts)
        owners = identifiers_of(connection, workspace, people)
        touchpoints, more = owned_page(connection, workspace, owners, limit=limit, after=after)
        settings = read_settings(connection, workspace)
        currency = settings.currency
        places = read_of_deal(connection, workspace, row.connection, row.deal_id)
        conversions, _ = conversion_page(connection, workspace, places, limit=len(places), currency=currency)
        return {
            "deal": deal_document(row, people, currency, read_rates_of_deal(connection, workspace, row, settings)),
            "touchpoints": touchpoints,
            "conversions": conversions,
            "next": {"touchpoints": more, "conversions": None},
        }

    document, as_of = await ports.read(work)
    if document is None:
        raise not_found(_MISSING)
    return answer(document, as_of)
