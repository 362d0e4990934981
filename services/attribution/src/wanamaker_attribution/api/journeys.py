"""GET /v1/journeys/{profile_id}: one person's touchpoints and what came of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from ..reports.documents import identifier_document
from ..repository.conversions import read_of_person
from ..repository.people import find_person
from ..repository.reading import read_settings
from ..repository.touchpoints import read_unowned
from ..schemas.journeys import JourneyAnswer
from .access import Analyst, Here
from .answers import answer, not_found
from .cursors import Limit
from .paths import (
    ConversionsAfter,
    TouchpointsAfter,
    conversion_page,
    conversion_place,
    owned_page,
    touchpoint_page,
    touchpoint_place,
)
from .written_paths import WrittenPathRoute

router = APIRouter(prefix="/v1", tags=["journeys"], route_class=WrittenPathRoute)


@router.get(
    "/journeys/{profile_id}",
    summary="A person's journey",
    response_class=Response,
    responses={200: {"model": JourneyAnswer}},
)
async def get_journey(
    profile_id: str,
    grant: Analyst,
    ports: Here,
    limit: Limit = 500,
    touchpoints_after: TouchpointsAfter = None,
    conversions_after: ConversionsAfter = None,
) -> Response:
    """Any member's profile id finds the person; that of a browser its owner, or itself while it belongs to nobody."""
    touchpoints_from, conversions_from = touchpoint_place(touchpoints_after), conversion_place(conversions_after)
    workspace = grant.workspace

    def work(connection: Connection) -> dict[str, Any] | None:
        person = find_person(connection, workspace, profile_id)
        if person is None:
            return None
        if person.cookie is not None:
            rows = read_unowned(connection, workspace, person.cookie, limit=limit + 1, after=touchpoints_from)
            touchpoints, more_touchpoints = touchpoint_page(rows, limit)
        else:
            touchpoints, more_touchpoints = owned_page(
                connection, workspace, person.identifiers, limit=limit, after=touchpoints_from
            )
        places = read_of_person(connection, workspace, person.profile, limit=limit + 1, after=conversions_from)
        currency = read_settings(connection, workspace).currency
        conversions, more = conversion_page(connection, workspace, places, limit=limit, currency=currency)
        members = [identifier_document(member.identifier, member.since, member.via) for member in person.members]
        return {
            "profile": {"id": person.profile, "identifiers": members},
            "touchpoints": touchpoints,
            "conversions": conversions,
            "next": {"touchpoints": more_touchpoints, "conversions": more},
        }

    document, as_of = await ports.read(work)
    if document is None:
        raise not_found("Nobody has this profile id; it may not have been consumed yet.")
    return answer(document, as_of)
