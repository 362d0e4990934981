"""The page at `/`: plain HTML with its own style and script, nothing from elsewhere. It asks for the analyst key itself."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Response

from .answers import not_found

router = APIRouter(include_in_schema=False)
_FILES = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("/")
async def get_page() -> Response:
    return _asset("index.html")


@router.get("/dashboard/{name}")
async def get_asset(name: str) -> Response:
    if name not in _FILES:
        raise not_found("No such file.")
    return _asset(name)


def _asset(name: str) -> Response:
    body = files("wanamaker_attribution").joinpath("dashboard", name).read_bytes()
    return Response(body, media_type=f"{_FILES[name]}; charset=utf-8", headers=_HEADERS)
