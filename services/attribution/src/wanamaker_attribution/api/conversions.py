"""GET /v1/conversions: what happened, day by day."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from ..conversion_rows import conversion_of
from ..reports.documents import conversion_document
from ..reports.measures import MEASURE_OF_KIND
from ..repository.conversions import DayPlace, read_by_day
from ..repository.reading import read_settings
from ..schemas.journeys import ConversionsAnswer
from .access import Analyst, Here
from .answers import answer, bad_request
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .questions import FromText, ToText, day_of

router = APIRouter(prefix="/v1", tags=["journeys"])
KindText = Annotated[
    str | None, Query(alias="kind", max_length=40, description=f"One of {', '.join(MEASURE_OF_KIND)}.")
]


@router.get(
    "/conversions",
    summary="Conversions by day",
    response_class=Response,
    responses={200: {"model": ConversionsAnswer}},
)
async def get_conversions(
    grant: Analyst,
    ports: Here,
    kind: KindText = None,
    first: FromText = None,
    last: ToText = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """In the order of their days (of the workspace's zone), both ends included."""
    if kind and kind not in MEASURE_OF_KIND:
        raise bad_request(f"kind: must be one of {', '.join(MEASURE_OF_KIND)}")
    start, end = day_of(first, "from"), day_of(last, "to")
    place = decode_cursor(cursor, str, str, str)
    after = DayPlace(*place) if place else None

    def work(connection: Connection) -> dict[str, Any]:
        currency = read_settings(connection, grant.workspace).currency
        rows = read_by_day(
            connection, grant.workspace, limit=limit + 1, kind=kind or None, first=start, last=end, after=after
        )
        shown = rows[:limit]
        more = len(rows) > limit
        return {
            "conversions": [_conversion(row, currency) for row in shown],
            "next": encode_cursor(DayPlace(shown[-1].day, shown[-1].kind, shown[-1].key)) if more else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)


def _conversion(row: Any, currency: str) -> dict[str, Any]:
    conversion = conversion_of(row._asdict())
    return {
        **conversion_document(conversion, currency),
        "people": conversion.people,
        "touchpoints": len(conversion.journey),
    }
