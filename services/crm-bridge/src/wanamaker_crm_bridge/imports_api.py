"""The routes of imports: take a spreadsheet of deals in, tell how far it is, list its rows that are not good. Admin key only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from wanamaker_shared.failed.schemas import rfc3339
from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.keys import Grant
from wanamaker_shared.service.problems import Problem

from .importing.desk import ImportDesk
from .repository.imports import RUNNING, Import, RowVerdict
from .schemas import ImportList, ImportRow, ImportRows, ImportState, Progress, RowCounts
from .spreadsheet.options import Options, read_options
from .spreadsheet.refusal import Refused

_bearer = HTTPBearer(auto_error=False, description="The admin key of keys.json")
_ID = re.compile(r"[0-9a-f]{32}")
FIRST_ROWS = 50
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "Taken; it goes on in the background, see `GET /v1/imports/{id}`", "model": ImportState},
    408: {"description": "The file came too slowly", **_PROBLEM},
    413: {"description": "The file is too large", **_PROBLEM},
    422: {"description": "The file, or a parameter, cannot be used; nothing was imported", **_PROBLEM},
    507: {"description": "The disk has no room for the file", **_PROBLEM},
}


router = APIRouter(prefix="/v1/imports", tags=["imports"])


def include_imports(app: FastAPI, desk: ImportDesk) -> None:
    app.state.import_desk = desk
    app.include_router(router)


async def _desk(request: Request) -> ImportDesk:
    desk: ImportDesk = request.app.state.import_desk
    return desk


Here = Annotated[ImportDesk, Depends(_desk)]


async def _admin(here: Here, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Grant:
    grant: Grant = requires(here.settings.keyring, "admin")(credentials)
    return grant


Admin = Annotated[Grant, Depends(_admin)]


async def _options(
    connection: Annotated[str | None, Query(description="Whose deals the rows are; `spreadsheet`: their own.")] = None,
    columns: Annotated[
        str | None, Query(description="JSON: heading → field, or → null for one not to be read.")
    ] = None,
    decimal: Annotated[str | None, Query(description="comma or point")] = None,
    date_order: Annotated[str | None, Query(description="day_first or month_first")] = None,
    currency: Annotated[str | None, Query(description="Of amounts that state none: EUR")] = None,
    status: Annotated[str | None, Query(description="Of rows that state none: open, won or lost")] = None,
    zone: Annotated[
        str | None, Query(description="Of times without one: Europe/Warsaw. Without it they count as days.")
    ] = None,
    encoding: Annotated[str | None, Query(description="utf-8, utf-16, windows-1252, windows-1250, iso-8859-2")] = None,
    delimiter: Annotated[str | None, Query(description="comma, semicolon, tab or bar")] = None,
    sheet: Annotated[str | None, Query(description="Of an XLSX: the sheet's name. Without it, the first.")] = None,
) -> Options:
    try:
        return read_options(
            {
                "connection": connection,
                "columns": columns,
                "decimal": decimal,
                "date_order": date_order,
                "currency": currency,
                "status": status,
                "zone": zone,
                "encoding": encoding,
                "delimiter": delimiter,
                "sheet": sheet,
            }
        )
    except Refused as problem:
        raise Problem(422, "Unprocessable Content", str(problem), option=problem.option) from None


@router.post("/deals", summary="Import deals from a CSV or XLSX file", responses=ANSWERS, openapi_extra=_BODY)
async def import_deals(
    here: Here,
    grant: Admin,
    request: Request,
    options: Annotated[Options, Depends(_options)],
    dry_run: Annotated[bool, Query(description="Only judge the rows; nothing is imported.")] = False,
    again: Annotated[bool, Query(description="State a file that was imported before anew, as of now.")] = False,
) -> JSONResponse:
    """The same file again is the import that is there; one that was interrupted goes on."""
    speaks_of = here.settings.known_connections.of(options.connection).speaks_of
    if speaks_of is not None:
        why = f"{options.connection} speaks of {speaks_of}'s deals and has none of its own; say connection={speaks_of}"
        raise Problem(422, "Unprocessable Content", why, option="connection")
    known, worked = await here.take(grant.workspace, request, options, dry_run=dry_run, again=again)
    if worked and known.state == "failed":
        raise Problem(422, "Unprocessable Content", known.reason, import_id=known.import_id)
    state = await _whole(here, known)
    status = 202 if state.state in RUNNING else 200
    return JSONResponse(state.model_dump(mode="json"), status, {"Location": f"/v1/imports/{state.id}"})


@router.get("", summary="The newest imports")
async def list_all(here: Here, grant: Admin, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> ImportList:
    return ImportList(imports=[_view(here, each) for each in await here.newest(grant.workspace, limit)])


@router.get("/{import_id}", summary="How far an import is, and how the file was read")
async def get_import(here: Here, grant: Admin, import_id: str) -> ImportState:
    return await _whole(here, await _found(here, grant, import_id))


@router.get(
    "/{import_id}/rows",
    summary="The rows that are bad or have a warning, with their lines",
    response_model=ImportRows,
    responses={200: {"content": {"text/csv": {}}}},
)
async def get_rows(
    here: Here,
    grant: Admin,
    import_id: str,
    verdict: Annotated[str | None, Query(pattern="^(warned|bad)$", description="Without it, both.")] = None,
    after: Annotated[int, Query(ge=0, le=1 << 53, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    format: Annotated[str, Query(pattern="^(json|csv)$")] = "json",
) -> Any:
    await _found(here, grant, import_id)
    rows = await here.rows(grant.workspace, import_id, verdict=verdict, after=after, limit=limit + 1)
    page = _rows(rows[:limit])
    if format == "csv":
        return Response(as_csv(page), media_type="text/csv; charset=utf-8")
    return ImportRows(rows=page, next=page[-1].line if len(rows) > limit else None)


async def _found(here: ImportDesk, grant: Grant, import_id: str) -> Import:
    known = await here.find(grant.workspace, import_id) if _ID.fullmatch(import_id) else None
    if known is None:
        raise Problem(404, "Not Found", "This workspace has no import of that id.")
    return known


async def _whole(here: ImportDesk, known: Import) -> ImportState:
    rows = await here.rows(known.workspace, known.import_id, verdict=None, after=0, limit=FIRST_ROWS)
    more = {"rows": _rows(rows), "sample": here.importer.sample(known.workspace, known.import_id)}
    return _view(here, known).model_copy(update=more)


def _view(here: ImportDesk, known: Import) -> ImportState:
    interrupted = known.state in RUNNING and not here.is_worked_on(known)
    passed = here.importer.progress(known.workspace, known.import_id)
    judged = known.good + known.warned + known.bad
    return ImportState(
        id=known.import_id,
        state="interrupted" if interrupted else known.state,
        reason="nobody works on it now; send the file again to go on" if interrupted else known.reason,
        connection=known.connection,
        again=known.again,
        begun_at=None if known.begun_at is None else rfc3339(known.begun_at),
        reading=known.reading,
        counts=RowCounts(rows=judged, good=known.good, warned=known.warned, bad=known.bad, deals=known.deals),
        progress=Progress(
            rows_read=known.rows_read or passed,
            rows_judged=judged or (passed if known.rows_read else 0),
            rows_mapped=known.rows_mapped,
        ),
    )


def _rows(rows: Sequence[RowVerdict]) -> list[ImportRow]:
    return [ImportRow(line=row.line, verdict=row.verdict, reasons=row.reasons) for row in rows]


def as_csv(rows: list[ImportRow]) -> str:
    """For a spreadsheet program, which would take a cell that begins with one of = + - @ for a formula: those get a `'`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "verdict", "reasons"])
    for row in rows:
        writer.writerow([row.line, row.verdict, harmless("; ".join(row.reasons))])
    return text.getvalue()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
