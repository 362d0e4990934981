"""Topic `web-events`: what visitors did, one record for each page view, form, identification or other action.

Producer: collector. Consumers: identity, attribution. Key: workspace and sender, so that a cookie's events share a
partition. Retention: for ever (source). Addresses, user agents, form fields and the rest of the URL stand in `personal`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .record import Personal, Record

TOPIC = "web-events"


class Utm(BaseModel):
    """Campaign parameters as the URL had them (trimmed; empty ones are None)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None


class ClickId(BaseModel):
    """The first recognised click id of the URL: parameter name (`gclid`) and value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    value: str


class Page(BaseModel):
    """Where a page view was, and what its address says about where it came from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: str = ""
    path: str = ""
    referrer_host: str | None = None
    utm: Utm = Utm()
    click_id: ClickId | None = None


class WebEvent(Record):
    """What every web event has. `sender` is the cookie (`anonymous_id`), without one `u:` and the user id."""

    trust: Literal["browser", "server"] = "browser"
    """Which key sent it: the write key (anybody's browser) or the secret key (the owner's server)."""
    bot: bool = False
    """The collector's verdict on the user agent. A bot's events open no session and link nothing."""
    bot_list: str | None = None
    """The version of the list of crawlers that the verdict is from."""
    consent: dict[str, bool] | None = None
    """What the visitor stated, purpose (`analytics`, `marketing`) → given or not; None = nothing."""
    user_id: str | None = None
    """The linkable user id (`identifiers.linkable_user_id`)."""
    email_key: str | None = None
    """The linkable e-mail's key (`identifiers.linkable_email_key`); set on `identify` and `form` only."""
    email_domain: str | None = None
    """The address's registrable domain, for accounts."""
    personal: Personal | None = None


class PageViewed(WebEvent):
    type: Literal["page"] = "page"
    page: Page = Page()


class Tracked(WebEvent):
    """Any other action (`track`, a company trait from `group`, a browser's `alias`); it links nothing."""

    type: Literal["track"] = "track"
    event: str = ""


class FormSubmitted(WebEvent):
    """A form; links its cookie to the e-mail it names, else to the user id."""

    type: Literal["form"] = "form"
    event: str = ""
    form: str | None = None


class Identified(WebEvent):
    """An `identify`, or with the secret key an `alias`: `previous_user_id` is the other user id it names."""

    type: Literal["identify"] = "identify"
    previous_user_id: str | None = None


AnyWebEvent = Annotated[PageViewed | Tracked | FormSubmitted | Identified, Field(discriminator="type")]
TYPES = frozenset(["page", "track", "form", "identify"])
adapter: TypeAdapter[PageViewed | Tracked | FormSubmitted | Identified] = TypeAdapter(AnyWebEvent)


def key(workspace: str, sender: str) -> str:
    return f"{workspace}/{sender}"
