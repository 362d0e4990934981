"""POST /v1/spend and POST /v1/rates: rows are checked, appended, and answered once durable."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from fastapi import APIRouter, Request

from wanamaker_shared.contracts import ad_spend, rates
from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.rates import RateRecorded
from wanamaker_shared.service.problems import Problem

from ..schemas.rows import BadRows, SentRow, check_formulas, check_rows
from ..schemas.uploads import Accepted, RateRow, SpendRow
from ..spend_exports import BadExport
from ..spend_exports.text import text_of
from ..uploads.rates import rate_records
from ..uploads.spend import spend_records
from .access import Admin, Analyst, Here
from .answers import bad_request, rows_refused
from .bodies import MOST_ROWS, csv_rows, decoded, json_rows, media_type

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
    sent = await _sent(request)
    records, accepted = await asyncio.to_thread(_spend, grant.workspace, sent, ports.stamp())
    key = ad_spend.key
    await ports.append(ad_spend.TOPIC, [(key(r.workspace, r.provider, r.campaign), r) for r in records])
    return Accepted(accepted=accepted)


@router.post("/rates", summary="Exchange rates, as a JSON list or CSV", openapi_extra=_body(RateRow))
async def post_rates(request: Request, grant: Admin, ports: Here) -> Accepted:
    """What one unit of a currency was worth in another on a day. Uploaded rates stand before those of any table; a
    later request replaces."""
    sent = await _sent(request)
    records, accepted = await asyncio.to_thread(_rates, grant.workspace, sent, ports.stamp())
    await ports.append(rates.TOPIC, [(rates.key(r.workspace, r.day), r) for r in records])
    return Accepted(accepted=accepted)


class _Sent(NamedTuple):
    kind: str
    content: bytes


async def _sent(request: Request) -> _Sent:
    kind = media_type(request)
    if kind not in ("application/json", "text/csv"):
        raise Problem(415, "Unsupported Media Type", "Send application/json (a list of rows) or text/csv.")
    return _Sent(kind, await request.body())


# What follows runs on a thread: a hundred thousand rows take seconds, and reports are answered meanwhile.


def _spend(workspace: str, sent: _Sent, received_at: int) -> tuple[list[SpendRevised], int]:
    """The records, and how many rows they are. Raises Problem."""
    found = _rows(sent)
    try:
        check_formulas(found)
        rows = check_rows(SpendRow, found)
        if sum(row.days for row in rows) > MOST_ROWS:
            raise Problem(
                413, "Content Too Large", f"A request may have at most {MOST_ROWS} days of costs, periods too."
            )
        lines = [row.line for row in found]
        return spend_records(workspace, rows, received_at=received_at, lines=lines), len(rows)
    except BadRows as error:
        raise rows_refused(error) from error


def _rates(workspace: str, sent: _Sent, received_at: int) -> tuple[list[RateRecorded], int]:
    """The records, and how many rows they are. Raises Problem."""
    found = _rows(sent)
    try:
        rows = check_rows(RateRow, found)
        lines = [row.line for row in found]
        return rate_records(workspace, rows, received_at=received_at, lines=lines), len(rows)
    except BadRows as error:
        raise rows_refused(error) from error


def _rows(sent: _Sent) -> list[SentRow]:
    if sent.kind == "application/json":
        return json_rows(decoded(sent.content))
    try:
        return csv_rows(text_of(sent.content))
    except BadExport as error:
        raise bad_request(str(error)) from error
