"""Links: what a form or an identify says about whose a cookie is, what was decided about it, and who owns a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from wanamaker_shared.contracts.decisions import Decision
from wanamaker_shared.contracts.record import Order
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import FormSubmitted, Identified, WebEvent

Pair = tuple[str, str]
Status = Literal["active", "quarantined", "revoked"]


@dataclass(frozen=True, slots=True)
class Link:
    cookie: str
    order: Order
    identifier: str
    lead: bool
    """Whether the event itself named the e-mail."""
    trust: str
    status: Status = "active"
    released: bool = False

    @property
    def names_email(self) -> bool:
        return self.identifier.startswith("email:")


def pair(a: str, b: str) -> Pair:
    """A pair has no direction."""
    return (a, b) if a < b else (b, a)


def verdicts_of(decisions: Iterable[Decision]) -> dict[Pair, str]:
    """The type of the latest decision on each pair. `decisions` stand in order."""
    return {pair(decision.a, decision.b): decision.type for decision in decisions}


def links_of(events: Iterable[WebEvent], verdicts: dict[Pair, str], settings: WorkspaceSettings) -> list[Link]:
    """All links of a workspace in order, each with its status."""
    by_cookie: dict[str, list[FormSubmitted | Identified]] = {}
    for event in events:
        if isinstance(event, FormSubmitted | Identified) and not event.bot:
            by_cookie.setdefault(event.sender, []).append(event)
    links = [
        _judged(Link(cookie, event.order, identifier, event.email_key is not None, event.trust), verdicts)
        for cookie, named in by_cookie.items()
        for event in named
        if (identifier := _identifier(event, named)) is not None
    ]
    links.sort(key=lambda link: link.order)
    return _limit_cookies_per_email(_limit_emails_per_cookie(links, settings), settings)


def owning_link(links: Iterable[Link], cookie: str, last: Order) -> Link | None:
    """Whose a session is: the cookie's last active link up to the session's last event, else its first one after."""
    active = [link for link in links if link.cookie == cookie and link.status == "active"]
    return next((link for link in reversed(active) if link.order <= last), active[0] if active else None)


def _identifier(event: FormSubmitted | Identified, named: list[FormSubmitted | Identified]) -> str | None:
    """The e-mail that the event names, else the user id, or the e-mail for which that stands on this cookie."""
    if event.email_key:
        return f"email:{event.email_key}"
    if not event.user_id:
        return None
    together = [other for other in named if other.user_id == event.user_id and other.email_key]
    before = [other for other in together if other.order <= event.order]
    if together:
        return f"email:{(before[-1] if before else together[0]).email_key}"
    return f"user:{event.user_id}"


def _judged(link: Link, verdicts: dict[Pair, str]) -> Link:
    verdict = verdicts.get(pair(f"cookie:{link.cookie}", link.identifier))
    if verdict == "link.revoke":
        return replace(link, status="revoked")
    return replace(link, released=verdict == "link.release")


def _limit_emails_per_cookie(links: list[Link], settings: WorkspaceSettings) -> list[Link]:
    """A cookie with too many e-mails is shared by strangers: none of its links counts but the released ones."""
    emails: dict[str, set[str]] = {}
    for link in links:
        if link.names_email and link.status == "active" and not link.released:
            emails.setdefault(link.cookie, set()).add(link.identifier)
    crowded = {cookie for cookie, several in emails.items() if len(several) > settings.emails_per_cookie}
    return [_quarantined(link) if link.cookie in crowded else link for link in links]


def _limit_cookies_per_email(links: list[Link], settings: WorkspaceSettings) -> list[Link]:
    """An e-mail keeps its released cookies and then its first ones, up to the limit."""
    cookies: dict[str, dict[str, bool]] = {}  # e-mail -> its cookies in order of their first link -> released
    for link in links:
        if link.names_email and link.status == "active":
            cookies.setdefault(link.identifier, {}).setdefault(link.cookie, link.released)
    beyond = {
        (email, cookie)
        for email, released in cookies.items()
        for cookie in sorted(released, key=lambda cookie: not released[cookie])[settings.cookies_per_email :]
    }
    return [_quarantined(link) if (link.identifier, link.cookie) in beyond else link for link in links]


def _quarantined(link: Link) -> Link:
    return link if link.released or link.status == "revoked" else replace(link, status="quarantined")
