"""The browser behind a request: whether its page may send, what its cookie says, and the cookie it is to have from now on."""

from __future__ import annotations

from typing import Any

from .answers import Header, problem
from .asking import Head, address_of, is_browser, opted_out, text_of
from .cookies import Kept
from .intake import Intake
from .rejecting import Rejected
from .sites import Site
from .visitors import Visitor


def visitor_of(scope: Any, head: Head, site: Site | None) -> tuple[Visitor | None, Kept | None]:
    """The visitor and the cookie that came; none of both for a server (no site), and for a library with a browser's key.

    Raises Rejected for a page of a website that may not send.
    """
    if site is None:
        return None, None
    if (website := head.get(b"origin")) is not None and not site.allows(website):
        raise Rejected(problem(403, "This website may not send with this key; `wanamaker keys allow` lets it."))
    if not is_browser(head):
        return None, None
    kept = site.cookie.read(head[b"cookie"]) if b"cookie" in head else None
    visitor = Visitor(
        site,
        kept.id if kept is not None else None,
        address_of(scope),
        text_of(head, b"user-agent"),
        opted_out(head),
    )
    return visitor, kept


def cookie_for(visitor: Visitor, kept: Kept | None, intake: Intake, day: int) -> list[Header]:
    """What the answer sets: the id that counted, or its end if the visitor refuses; nothing while the browser has it."""
    cookie = visitor.site.cookie
    if intake.keep is not None:
        to_set = cookie.to_set(intake.keep, day, kept)
        return [] if to_set is None else [(b"set-cookie", to_set)]
    return [(b"set-cookie", cookie.gone)] if intake.declined and kept is not None else []
