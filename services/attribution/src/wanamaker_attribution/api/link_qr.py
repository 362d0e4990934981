"""GET /v1/links/{slug}/qr: the short link as a QR code, for print (ISO/IEC 18004)."""

from __future__ import annotations

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Query, Request, Response

from wanamaker_shared.service.problems import Problem

from ..links.documents import short_url
from .access import Analyst, Here
from .answers import bad_request
from .links import find_link

router = APIRouter(prefix="/v1", tags=["links"])

_LEVEL = "m"
"""15 % of it may be dirty or torn."""
_QUIET_ZONE = 4
"""Modules around it that stay white, as the standard asks."""
_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}


@router.get(
    "/links/{slug}/qr",
    summary="The QR code of a short link",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _MEDIA.values()}},
        409: {"description": "WANAMAKER_COLLECTOR_URL is not set, so there is no address to print."},
        410: {"description": "The link is retired."},
    },
)
async def get_qr(
    slug: str,
    request: Request,
    grant: Analyst,
    ports: Here,
    form: Annotated[
        str | None, Query(alias="format", max_length=20, description="svg or png; else the Accept header.")
    ] = None,
    scale: Annotated[int, Query(ge=1, le=50, description="Pixels of a module, in PNG.")] = 10,
) -> Response:
    """Error level M with a quiet zone of four modules. SVG (the default) scales without loss."""
    kind = _kind(form, request.headers.get("accept", ""))
    await ports.links.catch_up()
    held = find_link(ports, grant.workspace, slug)
    if held.retired:
        raise Problem(410, "Gone", "The link is retired: nobody should print it. Make it again to restore it.")
    url = short_url(held.slug, ports.collector_url)
    if url is None:
        detail = "There is no address to print: set WANAMAKER_COLLECTOR_URL to the public address of the collector."
        raise Problem(409, "Conflict", detail)
    body = io.BytesIO()
    code = segno.make(url, error=_LEVEL, micro=False, boost_error=False)
    if kind == "svg":
        code.save(body, kind="svg", border=_QUIET_ZONE, light="#fff", omitsize=True)
    else:
        code.save(body, kind="png", border=_QUIET_ZONE, scale=scale)
    headers = {"Content-Disposition": f'inline; filename="{held.slug}.{kind}"', "X-Content-Type-Options": "nosniff"}
    return Response(body.getvalue(), media_type=_MEDIA[kind], headers=headers)


def _kind(parameter: str | None, accept: str) -> str:
    if parameter:
        if parameter not in _MEDIA:
            raise bad_request("format: must be svg or png")
        return parameter
    return "png" if _MEDIA["png"] in accept and _MEDIA["svg"] not in accept else "svg"
