"""A web event as attribution sees it: which record, when, its page, and the domain of the address that it names.

Of `contracts.web_events` the fields used here and no others: the larger part of most records is `personal`.
The page stays as it was sent; `arrivals` reads it where a session is cut.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import TypeAdapter

from wanamaker_shared.contracts.record import Record


class WebGlance(Record):
    type: Literal["page", "track", "form", "identify"]
    bot: bool = False
    email_key: str | None = None
    email_domain: str | None = None
    page: dict[str, Any] | None = None


adapter: TypeAdapter[WebGlance] = TypeAdapter(WebGlance)
