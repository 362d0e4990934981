"""`GET /v1/link-token`: the visitor's id on its way to another domain of the same owner, which cannot read the cookie itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wanamaker_shared.service.problems import Problem

from .answers import readable_by
from .asking import Head, head_of, text_of
from .credentials import Credentials
from .link_tokens import LASTS_SECONDS
from .sites import Site


class LinkToken(BaseModel):
    """`token` goes into the parameter `_wm` of the link."""

    token: str
    expires_in: int = Field(description="Seconds.")


def link_token_router(credentials: Credentials, clock: Callable[[], int]) -> APIRouter:
    router = APIRouter(tags=["collect"])

    @router.get(
        "/v1/link-token",
        summary="A token that carries the visitor to another domain of yours",
        responses={
            401: {"description": "No write key."},
            403: {"description": "This website may not send with this key."},
            404: {"description": "The browser sent no cookie of ours."},
        },
    )
    async def link_token(
        request: Request,
        response: Response,
        write_key: Annotated[str, Query(alias="writeKey", description="The write key.")],
    ) -> LinkToken:
        head = head_of(request.scope)
        site = _site(credentials, write_key, head)
        kept = None if site.cookieless else site.cookie.read(head.get(b"cookie", b""))
        shared = _shared(head)
        if kept is None:
            raise Problem(404, "Not Found", "The browser sent no cookie; send an event first.", headers=shared)
        response.headers.update({**shared, "cache-control": "no-store"})
        token = site.tokens.issue(kept.id, text_of(head, b"user-agent"), clock())
        return LinkToken(token=token, expires_in=LASTS_SECONDS)

    return router


def _site(credentials: Credentials, key: str, head: Head) -> Site:
    origin = credentials.of_body(key)
    if origin is None or origin.site is None:
        raise Problem(401, "Unauthorized", "Send the write key as `writeKey`.", headers=_shared(head))
    website = head.get(b"origin")
    if website is not None and not origin.site.allows(website):
        detail = "This website may not send with this key; `wanamaker keys allow` lets it."
        raise Problem(403, "Forbidden", detail, headers=_shared(head))
    return origin.site


def _shared(head: Head) -> dict[str, str]:
    website = head.get(b"origin")
    return {} if website is None else {name.decode(): value.decode("latin-1") for name, value in readable_by(website)}
