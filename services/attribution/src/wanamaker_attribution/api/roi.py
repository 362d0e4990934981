"""GET /v1/roi: what each channel brought and cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from ..reports.measures import COLUMNS
from ..reports.table import RoiTable, ShownRow, accounts_in, fold, group_columns, shown_rows, shown_totals
from ..repository.accounts import names_of
from ..repository.reading import read_settings
from ..repository.roi import read_facts, read_unconverted
from ..schemas.roi import RoiAnswer
from .access import Analyst, Here
from .answers import answer, bad_request
from .files import chosen_format, file_answer
from .questions import BasisText, FromText, GroupText, ModelText, ToText, question_of

router = APIRouter(prefix="/v1", tags=["reports"])

CurrencyText = Annotated[
    str | None, Query(alias="currency", max_length=10, description="The reporting currency; there is no other yet.")
]
FormatText = Annotated[
    str | None, Query(alias="format", max_length=20, description="json, csv or parquet; else the Accept header.")
]


@router.get("/roi", summary="The ROI table", response_class=Response, responses={200: {"model": RoiAnswer}})
async def get_roi(
    request: Request,
    grant: Analyst,
    ports: Here,
    model: ModelText = "linear",
    basis: BasisText = "conversion",
    group_by: GroupText = "channel",
    first: FromText = None,
    last: ToText = None,
    currency: CurrencyText = None,
    form: FormatText = None,
) -> Response:
    """Credits dated by their touchpoint or conversion, sessions and spend by their own day. Totals add up exactly."""
    question = question_of(model=model, basis=basis, first=first, last=last, group_by=group_by)
    wanted = chosen_format(form, request.headers.get("accept"))

    def work(connection: Connection) -> tuple[str, RoiTable, list[ShownRow], list[dict[str, object]]]:
        reporting = read_settings(connection, grant.workspace).currency
        if currency is not None and currency.strip().upper() != reporting:
            raise bad_request(f"currency: reports are in {reporting}; rates for others are not kept yet")
        table = fold(read_facts(connection, grant.workspace, question), question)
        names = names_of(connection, grant.workspace, accounts_in(table, question))
        return (
            reporting,
            table,
            shown_rows(table, question, names),
            read_unconverted(connection, grant.workspace, question),
        )

    (reporting, table, rows, unconverted), as_of = await ports.read(work)
    if wanted != "json":
        columns = {**dict.fromkeys(group_columns(question), str), **COLUMNS}
        return file_answer(rows, columns, form=wanted, name="roi", as_of=as_of)
    return answer(
        {
            "model": list(question.models) if "model" in question.group_by else question.models[0],
            "basis": question.basis,
            "group_by": question.group_by,
            "from": question.start,
            "to": question.end,
            "currency": reporting,
            "rows": rows,
            "totals": shown_totals(table, question),
            "unconverted": unconverted,
        },
        as_of,
    )
