"""Who sent an event: its sender, by what the request says of the browser and what the event says of itself. Pure.

A link token goes before the cookie, the cookie before the anonymousId of the body, and where the browser may keep nothing, a
hash of the day. With the secret key only the body counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .people import linkable_id
from .refusing import Refused, id_of
from .sites import Site


class Visitor(NamedTuple):
    """What a request's head says of the browser it came from."""

    site: Site
    cookie: str | None = None
    """The id in our cookie."""
    address: str = ""
    user_agent: str = ""
    opted_out: bool = False
    """DNT: 1 or Sec-GPC: 1."""
    request_id: str | None = None
    """What a new visitor's id is made of: the first event's id, the same when the request is sent again."""


class Sender(NamedTuple):
    """`id` is the record's sender. `keep`: the browser is to have it in its cookie."""

    id: str
    user_id: str | None
    keep: bool = False


def sender_of(
    event: Mapping[str, Any],
    workspace_key: bytes,
    visitor: Visitor | None = None,
    *,
    cookie: bool = True,
    token: object = None,
    at: int = 0,
) -> Sender:
    """The sender of an event. `cookie`: the browser may be given one; `token` is the event's link token, `at` its time.

    Raises Refused for one that nobody can be told by.
    """
    stated_user, stated_cookie = id_of(event, "userId"), id_of(event, "anonymousId")
    user_id = None if stated_user is None else linkable_id(workspace_key, stated_user)
    if visitor is not None:
        site = visitor.site
        if site.cookieless or not cookie:
            return Sender(site.daily_id(visitor.address, visitor.user_agent, at), user_id)
        if isinstance(token, str) and (linked := site.tokens.read(token, visitor.user_agent, at)) is not None:
            return Sender(linked, user_id, keep=True)
        if visitor.cookie is not None:
            return Sender(visitor.cookie, user_id, keep=True)
    if stated_cookie is not None:
        own = linkable_id(workspace_key, stated_cookie)
        if own is None:
            raise Refused("anonymousId is a placeholder that stands for nobody; send the visitor's own, or none")
        return Sender(own, user_id, keep=visitor is not None)
    if user_id is not None:
        return Sender(f"u:{user_id}", user_id)
    if visitor is not None and visitor.request_id is not None:
        return Sender(visitor.site.fresh_id(visitor.request_id, visitor.address, visitor.user_agent), None, keep=True)
    raise Refused("an event needs an anonymousId, or a userId that is no placeholder")
