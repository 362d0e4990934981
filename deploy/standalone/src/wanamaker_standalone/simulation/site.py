"""Visits to the demo company's site: events as the tracker on its pages makes them, with the time each happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from . import company
from .dice import Dice
from .names import Firm, Name


@dataclass(frozen=True, slots=True)
class Device:
    """A browser: its cookie and what it says about itself."""

    cookie: str
    agent: str
    ip: str


@dataclass(slots=True)
class Visit:
    """One session. `person` is the lead's number, None for somebody who stays unknown."""

    device: Device
    start: datetime
    channel: str
    page: Mapping[str, str]
    """Where the visitor is now."""
    person: int | None = None
    events: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        return self.events[-1][0]


def device(dice: Dice, *, phone: bool = False) -> Device:
    agents = company.PHONES if phone else company.BROWSERS
    return Device(dice.hexadecimal(32), dice.pick(agents), f"203.0.113.{dice.whole(1, 254)}")


def visit(dice: Dice, on: Device, start: datetime, channel: str, *, pages: int, person: int | None = None) -> Visit:
    """A landing through the channel, then pages (and now and then an action) at most four minutes apart."""
    arrival = dice.pick(company.ARRIVALS[channel])
    query = arrival.query.replace("{click}", dice.hexadecimal(20))
    url = company.SITE + dice.pick(company.LANDING_PAGES) + (f"?{query}" if query else "")
    one = Visit(on, start, channel, _page(url, arrival.referrer), person)
    one.events.append((start, _event(one, "page")))
    for _ in range(pages - 1):
        one.page = _page(company.SITE + dice.pick(company.INNER_PAGES), one.page["url"].partition("?")[0])
        one.events.append((_later(dice, one), _event(one, "page")))
    if dice.chance(0.12):
        one.events.append((_later(dice, one), _event(one, "track", event=dice.pick(company.ACTIONS))))
    return one


def submit_form(dice: Dice, during: Visit, who: Name, employer: Firm, *, email: str) -> datetime:
    """Somebody fills in a form at the end of the visit; returns when."""
    at = _later(dice, during)
    properties = {
        "form": dice.pick(company.FORMS),
        "email": email,
        "name": who.full,
        "address": who.street,
        "company": employer.name,
    }
    during.events.append((at, _event(during, "track", event="Form Submitted", properties=properties)))
    return at


def log_in(dice: Dice, during: Visit, user_id: str, who: Name | None) -> None:
    """A login; the first one on a device says the e-mail too (`who`), later ones only the user id."""
    traits = {} if who is None else {"email": who.email, "name": who.full}
    during.events.append((_later(dice, during), _event(during, "identify", userId=user_id, traits=traits)))


def _later(dice: Dice, during: Visit) -> datetime:
    return during.end + timedelta(seconds=dice.whole(5, 240), milliseconds=dice.whole(0, 999))


def _page(url: str, referrer: str) -> dict[str, str]:
    path, mark, search = url.removeprefix(company.SITE).partition("?")
    title = path.strip("/").replace("/", " ").title() or "Home"
    return {
        "url": url,
        "referrer": referrer,
        "title": f"{title} | {company.NAME}",
        "path": path,
        "search": mark + search,
    }


def _event(during: Visit, kind: str, **rest: Any) -> dict[str, Any]:
    """As the tracker sends it; user agent and address, which a browser's request has itself, stand in the event."""
    context = {
        "page": during.page,
        "library": {"name": "wanamaker.js", "version": "demo"},
        "locale": "en-GB",
        "userAgent": during.device.agent,
        "ip": during.device.ip,
    }
    return {"type": kind, "anonymousId": during.device.cookie, "context": context, **rest}
