"""GET /v1/explain: the credits behind one row of the ROI table, down to the records of the log."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from ..reports.documents import adjustment_document, conversion_document, touchpoint_document
from ..reports.measures import show
from ..reports.table import fold
from ..reports.times import rfc3339
from ..repository.explain import CreditPlace, Explained, read_explained
from ..repository.reading import read_settings
from ..repository.records import Origin
from ..repository.roi import read_facts
from ..schemas.roi import ExplainAnswer
from .access import Analyst, Here
from .answers import answer
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .questions import FILTERS, BasisText, FromText, ModelText, ToText, question_of

router = APIRouter(prefix="/v1", tags=["reports"])
_FILTERS = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": f"The row's {name}.",
        }
        for name in FILTERS
    ]
}


@router.get(
    "/explain",
    summary="The credits behind an ROI row",
    response_class=Response,
    responses={200: {"model": ExplainAnswer}},
    openapi_extra=_FILTERS,
)
async def get_explain(
    request: Request,
    grant: Analyst,
    ports: Here,
    model: ModelText = "linear",
    basis: BasisText = "conversion",
    first: FromText = None,
    last: ToText = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Takes the parameters of /v1/roi and the group values of one of its rows; without any, everything is explained.
    `totals` is the ROI row; the credits of all pages add up to it."""
    only = {name: request.query_params[name] for name in FILTERS if name in request.query_params}
    question = question_of(model=model, basis=basis, first=first, last=last, only=only)
    place = decode_cursor(cursor, int, str, str, str, int)
    after = CreditPlace(*place) if place else None

    def work(connection: Connection) -> dict[str, Any]:
        currency = read_settings(connection, grant.workspace).currency
        found = read_explained(connection, grant.workspace, question, limit=limit + 1, after=after)
        ((_, totals),) = fold(read_facts(connection, grant.workspace, question), question).totals
        return {
            "model": question.models[0],
            "basis": question.basis,
            "from": question.start,
            "to": question.end,
            "only": question.only,
            "currency": currency,
            "totals": show(totals),
            "credits": [_credit(explained, currency) for explained in found[:limit]],
            "next": encode_cursor(found[limit - 1].place) if len(found) > limit else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)


def _credit(explained: Explained, currency: str) -> dict[str, Any]:
    line = explained.line
    return {
        "conversion": conversion_document(explained.credited.conversion, currency),
        "touchpoint": touchpoint_document(explained.touchpoint) if explained.touchpoint else None,
        **{name: line.dimensions[name] for name in ("channel", "source", "medium", "campaign")},
        "day": line.day,
        "micro": line.micro,
        "revenue_minor": line.revenue_minor,
        "adjustments": [adjustment_document(item, minor) for item, _, minor in line.adjusted],
        "records": {
            "touchpoint": _origin(explained.page),
            "link": _origin(explained.link),
            "conversion": [_origin(origin) for origin in explained.origins],
        },
    }


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "topic": origin.topic,
        "source": origin.source,
        "sender": origin.sender,
        "event_id": origin.event_id,
        "at": rfc3339(origin.at),
    }
