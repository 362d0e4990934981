"""A web event as identity sees it: whose it is, which record, and whom it names.

Of `contracts.web_events` the fields used here and no others. Nearly every record is a page view of which nothing but its
identity matters; reading its address and its `personal` too would double what it costs.
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from wanamaker_shared.contracts.record import Record


class WebGlance(Record):
    type: Literal["page", "track", "form", "identify"]
    trust: Literal["browser", "server"] = "browser"
    bot: bool = False
    user_id: str | None = None
    email_key: str | None = None
    previous_user_id: str | None = None


adapter: TypeAdapter[WebGlance] = TypeAdapter(WebGlance)
