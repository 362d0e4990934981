"""GET /v1/restatements: credits that had been shown and were changed after their day had ended, with the cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from ..reports.times import rfc3339
from ..repository.restatements import WrittenPlace, read_restatements
from ..schemas.roi import RestatementsAnswer
from .access import Analyst, Here
from .answers import answer, bad_request
from .cursors import Cursor, Limit, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["reports"])
FromTime = Annotated[
    str | None,
    Query(
        alias="from", max_length=40, description="Written at or after this day (UTC) or RFC 3339 time; default: all."
    ),
]


@router.get(
    "/restatements", summary="Restatements", response_class=Response, responses={200: {"model": RestatementsAnswer}}
)
async def get_restatements(
    grant: Analyst, ports: Here, since: FromTime = None, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """In the order they were written. `cause` is the identity of the record that changed the credit."""
    at = _moment(since) if since else None
    place = decode_cursor(cursor, int, str)
    after = WrittenPlace(*place) if place else None

    def work(connection: Connection) -> dict[str, Any]:
        rows = read_restatements(connection, grant.workspace, limit=limit + 1, since=at, after=after)
        shown = rows[:limit]
        return {
            "restatements": [_restatement(row) for row in shown],
            "next": encode_cursor((shown[-1].written_at, shown[-1].id)) if len(rows) > limit else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)


def _restatement(row: Any) -> dict[str, Any]:
    names = ("touchpoint", "day", "channel", "micro", "revenue_minor")
    return {
        "id": row.id,
        "at": rfc3339(row.written_at),
        "kind": row.kind,
        "conversion": row.conversion,
        "model": row.model,
        "cause": orjson.loads(row.cause) if row.cause else "",
        "differences": [
            {**dict(zip(names, part, strict=True)), "touchpoint": part[0] or None}
            for part in orjson.loads(row.differences)
        ],
    }


def _moment(text: str) -> int:
    """Microseconds of a day's beginning (UTC) or of an RFC 3339 time."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            if len(text) != len("2026-01-01"):
                raise ValueError("no offset")
            moment = moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise bad_request("from: must be a day, YYYY-MM-DD, or an RFC 3339 time with its offset") from error
