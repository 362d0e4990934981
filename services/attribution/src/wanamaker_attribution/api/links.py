"""/v1/links: tagged URLs with their short links: made one or many at a time, listed, retired."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from wanamaker_shared.link_book import Held
from wanamaker_shared.service.problems import Problem

from ..link_making import make_links, retire_link
from ..links.documents import COLUMNS, VERDICT_COLUMNS, file_row, link_document, verdict_document
from ..links.link import Link
from ..ports import Ports
from ..repository.reading import read_settings
from ..schemas.links import LinkAnswer, LinkRow, LinksAnswer, LinksMade
from ..schemas.rows import SentRow
from .access import Analyst, Here
from .answers import answer, bad_request, not_found
from .bodies import csv_rows, decoded, media_type, parse_json
from .cursors import Cursor, Limit, decode_cursor, encode_cursor
from .files import file_answer

router = APIRouter(prefix="/v1", tags=["links"])

MOST_ROWS = 10_000
_ROW = LinkRow.model_json_schema()
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [_ROW, {"type": "array", "items": _ROW}]}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": LinkAnswer}}
FormatText = Annotated[
    str | None, Query(alias="format", max_length=20, description="json or csv; else the Accept header.")
]


@router.post(
    "/links",
    summary="Make tracking links",
    openapi_extra=_BODY,
    response_class=Response,
    responses={200: {"model": LinksMade}},
)
async def post_links(request: Request, grant: Analyst, ports: Here, form: FormatText = None) -> Response:
    """One as a JSON object; many as a list or CSV. Each row has a verdict of its own: those that can be made are, and
    they are durable. A request sent again finds what it made. A single object that is refused is a 400."""
    as_file = _wants_csv(form, request)
    sent, alone = await _sent(request)
    judged, settings, as_of = await make_links(ports, grant.workspace, sent)
    if alone and judged[0].verdict == "refused":
        errors = [{"index": 0, "reason": reason} for reason in judged[0].reasons]
        raise bad_request("The link was not made.", channel=judged[0].channel, errors=errors)
    documents = [
        verdict_document(row, verdict, settings, ports.collector_url) for row, verdict in zip(sent, judged, strict=True)
    ]
    if as_file:
        rows = [file_row(document) for document in documents]
        return file_answer(rows, VERDICT_COLUMNS, form="csv", name="links", as_of=as_of)
    counts = Counter(verdict.verdict for verdict in judged)
    numbers = {name: counts[name] for name in ("created", "exists", "restored", "refused")}
    return answer({**numbers, "links": documents}, as_of)


@router.get("/links", summary="All tracking links", response_class=Response, responses={200: {"model": LinksAnswer}})
async def get_links(
    request: Request, grant: Analyst, ports: Here, limit: Limit = 100, cursor: Cursor = None, form: FormatText = None
) -> Response:
    """In the order they were made, the retired ones too."""
    as_file = _wants_csv(form, request)
    after = decode_cursor(cursor, int, str)
    settings, as_of = await ports.read(lambda connection: read_settings(connection, grant.workspace))
    await ports.links.catch_up()
    found = [held for held in ports.links.links_of(grant.workspace) if after is None or _place(held) > after]
    documents = [link_document(held, settings, ports.collector_url) for held in found[:limit]]
    if as_file:
        rows = [file_row(document) for document in documents]
        return file_answer(rows, COLUMNS, form="csv", name="links", as_of=as_of)
    more = encode_cursor(_place(found[limit - 1])) if len(found) > limit else None
    return answer({"links": documents, "next": more}, as_of)


@router.get("/links/{slug}", summary="A tracking link", response_class=Response, responses=_ANSWER)
async def get_link(slug: str, grant: Analyst, ports: Here) -> Response:
    await ports.links.catch_up()
    return await _answer(ports, grant.workspace, slug)


@router.delete("/links/{slug}", summary="Retire a tracking link", response_class=Response, responses=_ANSWER)
async def delete_link(slug: str, grant: Analyst, ports: Here) -> Response:
    """Its short link answers 410 from then on. The slug stays taken: making the same link again restores it."""
    await retire_link(ports, grant.workspace, slug.lower())
    return await _answer(ports, grant.workspace, slug)


def find_link(ports: Ports, workspace: str, slug: str) -> Held[Link]:
    """The workspace's link. Raises a 404; another workspace's is as unknown as one that is not there."""
    held = ports.links.held(slug.lower())
    if held is None or held.workspace != workspace:
        raise not_found("No link has this slug; GET /v1/links lists them.")
    return held


async def _answer(ports: Ports, workspace: str, slug: str) -> Response:
    held = find_link(ports, workspace, slug)
    settings, as_of = await ports.read(lambda connection: read_settings(connection, workspace))
    return answer({"link": link_document(held, settings, ports.collector_url)}, as_of)


async def _sent(request: Request) -> tuple[list[SentRow], bool]:
    """The rows, and whether it is one that was sent as an object. Raises a 400, 413 or 415."""
    kind = media_type(request)
    if kind not in ("application/json", "text/csv"):
        raise Problem(415, "Unsupported Media Type", "Send application/json (an object or a list) or text/csv.")
    text = decoded(await request.body())
    body = csv_rows(text) if kind == "text/csv" else parse_json(text)
    if isinstance(body, dict):
        return [SentRow(0, body)], True
    if not isinstance(body, list):
        raise bad_request("The body must be a JSON object, or a list of them.")
    if len(body) > MOST_ROWS:
        raise Problem(413, "Content Too Large", f"A request may have at most {MOST_ROWS} links.")
    return [row if isinstance(row, SentRow) else SentRow(index, row) for index, row in enumerate(body)], False


def _wants_csv(parameter: str | None, request: Request) -> bool:
    if parameter not in (None, "", "json", "csv"):
        raise bad_request("format: must be json or csv")
    return parameter == "csv" or (not parameter and "text/csv" in request.headers.get("accept", "").lower())


def _place(held: Held[Link]) -> tuple[int, str]:
    return held.created_at, held.slug
