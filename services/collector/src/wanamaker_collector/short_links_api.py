"""`GET /l/{slug}`: from a short link to the page that it stands for, and to nowhere that no workspace allowed.

Nothing is recorded: the page itself sends its page view, with the campaign parameters in its URL.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from wanamaker_shared.eventlog.port import LogUnavailable
from wanamaker_shared.service.metrics import SHORT_LINKS
from wanamaker_shared.service.problems import Problem

from .addresses import CLICK_IDS, parameters
from .short_links import ShortLinks

_HEADERS = {
    "Cache-Control": "no-store",  # a link that is retired must not live on in caches
    # The page sees which website the visitor came from, and not where on it.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Robots-Tag": "noindex",
}


def short_links_router(links: ShortLinks) -> APIRouter:
    router = APIRouter(tags=["links"])

    @router.get(
        "/l/{slug:path}",  # with a slash behind it too, and never answered by the framework's own redirects
        summary="Follow a short link",
        status_code=302,
        response_class=Response,
        responses={
            302: {"description": "To the page, with its campaign parameters."},
            404: {"description": "There is no such link."},
            410: {"description": "The link was retired."},
            503: {"description": "Whether there is such a link cannot be told just now."},
        },
    )
    async def follow(slug: str, request: Request) -> Response:
        """Small and capital letters are the same. Click ids that a network added go along."""
        try:
            held = await links.find(slug.lower().removesuffix("/"))
        except LogUnavailable as error:
            SHORT_LINKS.labels("unavailable").inc()
            detail = "This link cannot be looked up at the moment. Please try again in a few seconds."
            raise Problem(503, "Service Unavailable", detail, headers={**_HEADERS, "Retry-After": "2"}) from error
        if held is None:
            SHORT_LINKS.labels("unknown").inc()
            detail = "There is no page behind this link. Is there a typing error in it?"
            raise Problem(404, "Not Found", detail, headers=_HEADERS)
        if held.retired:
            SHORT_LINKS.labels("retired").inc()
            detail = "This link is no longer in use. Whoever published it has taken it back."
            raise Problem(410, "Gone", detail, headers=_HEADERS)
        SHORT_LINKS.labels("followed").inc()
        url = with_click_ids(held.link.decode(), request.url.query)
        return Response(status_code=302, headers={**_HEADERS, "Location": url})

    router.add_api_route("/l/{slug:path}", follow, methods=["HEAD"], include_in_schema=False)
    return router


def with_click_ids(url: str, query: str) -> str:
    """The URL with the click ids of a query, and nothing else of it; where it leads they cannot change."""
    found = parameters(query)
    ids = "".join(f"&{name}={quote(found[name], safe='')}" for name in CLICK_IDS if name in found)
    page, hash_sign, fragment = url.partition("#")
    return f"{page}{ids}{hash_sign}{fragment}"
