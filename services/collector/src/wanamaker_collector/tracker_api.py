"""`GET /t.js`: the tracker that web pages load, also under the paths that the owner chose; ad blockers know the usual one."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

PATH = "/t.js"

_FRESH_SECONDS = 3600
_HEADERS = {
    "Cache-Control": f"public, max-age={_FRESH_SECONDS}",
    "Vary": "Accept-Encoding",
    # Any website may load it, also with integrity checks and from pages that isolate themselves.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_GZIP = re.compile(r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE)


def tracker_router(paths: Iterable[str] = ()) -> APIRouter:
    """GET and HEAD for `/t.js` and each further path; only the first is in OpenAPI. Answers 200, or 304 to the ETag it gave."""
    plain = files("wanamaker_collector").joinpath("tracker", "t.js").read_bytes()
    packed = gzip.compress(plain, 9, mtime=0)
    digest = hashlib.sha256(plain).hexdigest()[:16]

    def tracker(request: Request) -> Response:
        zipped = _GZIP.search(request.headers.get("accept-encoding", "")) is not None
        tag = f'"{digest}-gzip"' if zipped else f'"{digest}"'
        headers = {**_HEADERS, "ETag": tag}
        if _knows(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["Content-Encoding"] = "gzip"
        return Response(packed if zipped else plain, headers=headers, media_type="text/javascript")

    router = APIRouter(tags=["tracker"])
    for path in dict.fromkeys([PATH, *paths]):
        router.add_api_route(
            path,
            tracker,
            methods=["GET"],
            include_in_schema=path == PATH,
            summary="The tracker for web pages",
            response_class=Response,
            responses={
                200: {"description": "The script.", "content": {"text/javascript": {"schema": {"type": "string"}}}},
                304: {"description": "The script of this If-None-Match is still the one."},
            },
        )
        router.add_api_route(path, tracker, methods=["HEAD"], include_in_schema=False)
    return router


def _knows(if_none_match: str, tag: str) -> bool:
    known = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return any(each in (tag, "*") for each in known)
