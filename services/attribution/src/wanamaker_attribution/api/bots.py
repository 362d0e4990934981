"""GET /v1/bots: which cookies were judged a bot's by what they did, and on which days."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Response
from sqlalchemy import Connection

from ..repository.bots import read_bots
from ..schemas.answers import BotsAnswer
from .access import Analyst, Here
from .answers import answer
from .cursors import Cursor, Limit, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["reports"])


@router.get("/bots", summary="Bots by what they did", response_class=Response, responses={200: {"model": BotsAnswer}})
async def get_bots(grant: Analyst, ports: Here, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """By cookie. Nothing that it did on these days counts; those known by their user agent alone are not among them."""
    place = decode_cursor(cursor, str)

    def work(connection: Connection) -> dict[str, Any]:
        rows = read_bots(connection, grant.workspace, limit=limit + 1, after=place[0] if place else None)
        shown = rows[:limit]
        return {
            "bots": [
                {
                    "cookie": row.cookie,
                    "days": orjson.loads(row.bot_days),
                    "links": len(orjson.loads(row.bot_links)),
                }
                for row in shown
            ],
            "next": encode_cursor((shown[-1].cookie,)) if len(rows) > limit else None,
        }

    document, as_of = await ports.read(work)
    return answer(document, as_of)
