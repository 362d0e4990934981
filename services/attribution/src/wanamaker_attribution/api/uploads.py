"""POST /v1/spend and POST /v1/rates: rows are checked, appended, and answered once durable."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from wanamaker_shared.contracts import ad_spend, rates
from wanamaker_shared.service.problems import Problem

from ..schemas.rows import BadRows, SentRow, check_formulas, check_rows
from ..schemas.uploads import Accepted, RateRow, SpendRow
from ..spend_exports import BadExport
from ..spend_exports.text import text_of
from ..uploads.rates import rate_records
from ..uploads.spend import spend_records
from .access import Admin, Analyst, Here
from .answers import bad_request, rows_refused
from .bodies import MOST_ROWS, csv_rows, json_rows, media_type, read_text

router = APIRouter(prefix="/v1", tags=["uploads"])


def _body(row: type[SpendRow] | type[RateRow]) -> dict[str, Any]:
    rows = {"type": "array", "items": row.model_json_schema()}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": rows}, "text/csv": {"schema": {"type": "string"}}},
        }
    }


@router.post("/spend", summary="Ad costs, as a JSON list or CSV", openapi_extra=_body(SpendRow))
async def post_spend(request: Request, grant: Analyst, ports: Here) -> Accepted:
    """Rows of one request with one key (provider and id, else provider, date or from and to, source, medium, campaign and
    post) add up; a later request replaces. One bad row refuses all, each with its reason. The amount of a row with from
    and to is spread over its days."""
    sent = await _rows(request)
    try:
        check_formulas(sent)
        rows = check_rows(SpendRow, sent)
        if sum(row.days for row in rows) > MOST_ROWS:
            raise Problem(
                413, "Content Too Large", f"A request may have at most {MOST_ROWS} days of costs, periods too."
            )
        lines = [row.line for row in sent]
        records = spend_records(grant.workspace, rows, received_at=ports.stamp(), lines=lines)
    except BadRows as error:
        raise rows_refused(error) from error
    key = ad_spend.key
    await ports.append(ad_spend.TOPIC, [(key(r.workspace, r.provider, r.campaign), r) for r in records])
    return Accepted(accepted=len(rows))


@router.post("/rates", summary="Exchange rates, as a JSON list or CSV", openapi_extra=_body(RateRow))
async def post_rates(request: Request, grant: Admin, ports: Here) -> Accepted:
    """What one unit of a currency was worth in another on a day. Uploaded rates stand before those of any table; a
    later request replaces."""
    sent = await _rows(request)
    try:
        rows = check_rows(RateRow, sent)
        lines = [row.line for row in sent]
        records = rate_records(grant.workspace, rows, received_at=ports.stamp(), lines=lines)
    except BadRows as error:
        raise rows_refused(error) from error
    await ports.append(rates.TOPIC, [(rates.key(r.workspace, r.day), r) for r in records])
    return Accepted(accepted=len(rows))


async def _rows(request: Request) -> list[SentRow]:
    kind = media_type(request)
    if kind not in ("application/json", "text/csv"):
        raise Problem(415, "Unsupported Media Type", "Send application/json (a list of rows) or text/csv.")
    if kind == "application/json":
        return json_rows(await read_text(request))
    try:
        return csv_rows(text_of(await request.body()))
    except BadExport as error:
        raise bad_request(str(error)) from error
