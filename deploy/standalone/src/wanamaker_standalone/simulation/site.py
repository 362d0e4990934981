"""Visits to the demo company's site, as Segment-compatible events with the time each happened."""

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
    one = Visit(on, start, channel, person)
    one.events.append((start, _page(on, url, arrival.referrer)))
    for _ in range(pages - 1):
        previous, url = url.partition("?")[0], company.SITE + dice.pick(company.INNER_PAGES)
        one.events.append((_later(dice, one), _page(on, url, previous)))
    if dice.chance(0.12):
        one.events.append((_later(dice, one), _event(on, "track", event=dice.pick(company.ACTIONS))))
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
    during.events.append((at, _event(during.device, "track", event="Form Submitted", properties=properties)))
    return at


def log_in(dice: Dice, during: Visit, user_id: str, who: Name | None) -> None:
    """A login; the first one on a device says the e-mail too (`who`), later ones only the user id."""
    traits = {} if who is None else {"email": who.email, "name": who.full}
    during.events.append((_later(dice, during), _event(during.device, "identify", userId=user_id, traits=traits)))


def _later(dice: Dice, during: Visit) -> datetime:
    return during.end + timedelta(seconds=dice.whole(5, 240), milliseconds=dice.whole(0, 999))


def _page(on: Device, url: str, referrer: str) -> dict[str, Any]:
    return _event(on, "page", page={"url": url, "referrer": referrer})


def _event(on: Device, kind: str, *, page: Mapping[str, str] | None = None, **rest: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"userAgent": on.agent, "ip": on.ip}
    if page is not None:
        context["page"] = page
    return {"type": kind, "anonymousId": on.cookie, "context": context, **rest}
