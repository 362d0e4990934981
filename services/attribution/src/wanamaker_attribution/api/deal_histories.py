"""GET /v1/deals/{connection}/{deal}/history: the deal as a ledger, record by record."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from ..deals import Place
from ..reports.histories import entry_document
from ..repository.history import read_history
from ..repository.reading import read_settings
from ..schemas.histories import HistoryAnswer
from .access import Analyst, Here
from .answers import answer, not_found
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .written_paths import WrittenPathRoute

router = APIRouter(prefix="/v1", tags=["journeys"], route_class=WrittenPathRoute)
_MISSING = "No record speaks of such a deal, or none was consumed yet."


@router.get(
    "/deals/{connection_name}/{deal_id:path}/history",
    summary="A deal's history",
    response_class=Response,
    responses={200: {"model": HistoryAnswer}},
)
async def get_history(
    connection_name: str, deal_id: str, grant: Analyst, ports: Here, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """Every record about the deal in order, with what it changed and what the deal was after it; of a deleted deal and one
    that was merged away too. Read as it is known now: what came late stands where it belongs."""
    place = decode_cursor(cursor, int, str, str)
    after = Place(*place) if place else None

    def work(connection: Connection) -> dict[str, Any] | None:
        settings = read_settings(connection, grant.workspace)
        entries = read_history(connection, grant.workspace, connection_name, deal_id, settings)
        if not entries:
            return None
        rest = [entry for entry in entries if after is None or entry.statement.place > after]
        shown = rest[:limit]
        return {
            "connection": connection_name,
            "deal": deal_id,
            "history": [entry_document(entry, settings.currency) for entry in shown],
            "next": encode_cursor(shown[-1].statement.place) if len(rest) > limit else None,
        }

    document, as_of = await ports.read(work)
    if document is None:
        raise not_found(_MISSING)
    return answer(document, as_of)
