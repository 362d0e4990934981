"""POST /v1/spend/exports: an ad platform's export as it was downloaded, all or nothing; or only looked at (`dry_run`)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from wanamaker_shared.contracts import ad_spend
from wanamaker_shared.contracts.ad_spend import Post, SpendRevised
from wanamaker_shared.service.problems import Problem

from ..currencies import is_currency
from ..ports import Ports
from ..repository.stated_costs import read_stated_costs
from ..schemas.exports import BadLine, ExportAnswer, ExportedCost
from ..spend_exports import PLATFORMS, Asked, BadExport, read_export
from ..uploads.earlier_exports import counted_twice, withdrawn
from ..uploads.exports import Judged, judge_export, sums_of, without
from .access import Analyst, Here
from .answers import bad_request
from .bodies import media_type

router = APIRouter(prefix="/v1", tags=["uploads"])
_MOST_SHOWN = 1_000
_MOST_ERRORS = 1_000
_TWICE = (
    "is a campaign and day that an earlier export told with other columns (the campaign's id, or the account), so it would "
    "count twice; export with the same columns, or send whole=true"
)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}}
            for name in ("text/csv", "application/octet-stream")
        },
    }
}
PlatformText = Annotated[
    str | None, Query(alias="platform", max_length=40, description=f"{', '.join(PLATFORMS)}; else by the headings.")
]
CurrencyText = Annotated[
    str | None, Query(alias="currency", max_length=10, description="ISO 4217, where the file does not name it.")
]
OrderText = Annotated[
    Literal["dmy", "mdy"] | None,
    Query(alias="date_order", description="Whether 03/04 is in April or March, if unclear."),
]
DecimalSign = Annotated[
    Literal[".", ","] | None, Query(alias="decimal", description="What stands before the cents, if unclear.")
]
AccountText = Annotated[
    str | None, Query(alias="account", max_length=255, description="The account, where the file does not name it.")
]


@router.post("/spend/exports", summary="An ad platform's export, as it was downloaded", openapi_extra=_BODY)
async def post_export(
    request: Request,
    grant: Analyst,
    ports: Here,
    platform: PlatformText = None,
    currency: CurrencyText = None,
    date_order: OrderText = None,
    decimal: DecimalSign = None,
    account: AccountText = None,
    post: Annotated[Post, Query(description="What the costs paid for: visitors, leads, or sales.")] = "attract",
    by_day: Annotated[bool, Query(description="Each line is of one day, though it does not look so.")] = False,
    whole: Annotated[
        bool,
        Query(
            description="The file has all campaigns that its account had on its days, from the first to the last: "
            "what earlier exports said of others becomes 0."
        ),
    ] = False,
    dry_run: Annotated[bool, Query(description="Only tell what would be written.")] = False,
) -> ExportAnswer:
    """The file itself is the body. A campaign's costs of a day replace what an earlier export said of them. One bad line
    refuses all, each with its reason."""
    if media_type(request) == "multipart/form-data":
        raise Problem(415, "Unsupported Media Type", "Send the file itself as the body, not a form that holds it.")
    asked = Asked(
        platform=_platform(platform),
        currency=_currency(currency),
        date_order=date_order,
        decimal=decimal,
        account=(account or "").strip() or None,
        by_day=by_day,
    )
    content = await request.body()
    async with ports.exporting[grant.workspace]:  # what one says of another's days, it says of all that came before it
        return await _take(ports, grant.workspace, content, asked, post, whole=whole, dry_run=dry_run)


async def _take(
    ports: Ports, workspace: str, content: bytes, asked: Asked, post: Post, *, whole: bool, dry_run: bool
) -> ExportAnswer:
    stamp = ports.stamp()
    try:
        judged = await asyncio.to_thread(_judge, workspace, content, asked, post, stamp)
    except BadExport as error:
        raise bad_request(str(error)) from error
    known = await _known(ports, workspace, judged, whole=whole)
    gone = withdrawn(judged.records, known, received_at=stamp) if whole else []
    if not whole:
        judged = without(judged, counted_twice(judged.records, known), _TWICE)
    if dry_run:
        return _answer(judged, len(gone), dry_run=True)
    if judged.bad:
        raise bad_request(
            f"{len(judged.bad)} of the lines cannot be taken, so none was.",
            errors=[{"line": row.line, "reason": row.reason} for row in judged.bad[:_MOST_ERRORS]],
        )
    records = [*judged.records, *gone]
    await ports.append(ad_spend.TOPIC, [(ad_spend.key(r.workspace, r.provider, r.campaign), r) for r in records])
    return _answer(judged, len(gone), dry_run=False)


async def _known(ports: Ports, workspace: str, judged: Judged, *, whole: bool) -> list[dict[str, Any]]:
    """What earlier exports said of the days of this one, from its first to its last. Raises a 503 if `whole` and not all that
    was sent is consumed."""
    if not judged.records:
        return []
    days = [record.date for record in judged.records]
    ends = await ports.log.end_positions([ad_spend.TOPIC]) if whole else {}
    provider = judged.export.platform.name
    known, as_of = await ports.read(
        lambda connection: read_stated_costs(connection, workspace, provider, min(days), max(days))
    )
    reached = as_of.positions[ad_spend.TOPIC]
    if any(place.partition >= len(reached) or reached[place.partition] < end for place, end in ends.items()):
        detail = (
            "Costs that were sent before are not all counted yet, and whole=true has to know them. Send the file again."
        )
        raise Problem(503, "Service Unavailable", detail, headers={"Retry-After": "1"})
    return known


def _judge(workspace: str, content: bytes, asked: Asked, post: Post, received_at: int) -> Judged:
    return judge_export(workspace, read_export(content, asked), post=post, received_at=received_at)


def _platform(name: str | None) -> str | None:
    if name and name not in PLATFORMS:
        raise bad_request(f"platform: must be one of {', '.join(PLATFORMS)}")
    return name or None


def _currency(text: str | None) -> str | None:
    code = (text or "").strip().upper()
    if code and not is_currency(code):
        raise bad_request("currency: must be a currency of ISO 4217, like EUR")
    return code or None


def _answer(judged: Judged, gone: int, *, dry_run: bool) -> ExportAnswer:
    export, records = judged.export, sorted(judged.records, key=lambda record: (record.date, record.spend_key))
    return ExportAnswer(
        platform=export.platform.name,
        dry_run=dry_run,
        accepted=0 if dry_run else len(export.costs),
        lines=len(export.costs) + len(export.refused),
        skipped=export.skipped,
        first=records[0].date if records else None,
        last=records[-1].date if records else None,
        amounts=sums_of(records),
        costs=len(records),
        withdrawn=gone,
        errors=[BadLine(line=row.line or 0, reason=row.reason) for row in judged.bad[:_MOST_ERRORS]],
        written=[_cost(record) for record in records[:_MOST_SHOWN]] if dry_run else [],
    )


def _cost(record: SpendRevised) -> ExportedCost:
    fields: dict[str, Any] = record.model_dump()
    return ExportedCost(
        id=record.spend_key,
        source=record.utm_source or "",
        **{name: fields[name] or "" if name in ("medium", "currency") else fields[name] for name in _COPIED},
    )


_COPIED = ("date", "medium", "campaign", "campaign_id", "account", "post", "amount", "currency")
