"""Opens and renews the channel by which Zoho CRM notifies us.

Enabling a channel that is there already is how Zoho wants it prolonged; it runs for a week at most. Source:
zoho.com/crm/developer/docs/api/v8/notifications (enable).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.dialects.zoho_fields import FIELDS
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.unmappable import Unmappable
from wanamaker_crm_bridge.values import microseconds, text_of

from .answers import ApiRefused
from .api import Apis
from .zoho import open_zoho

LONGEST_TOKEN = 50
_IDS = 9 * 10**14


async def open_channel(apis: Apis, workspace: str, connection: str, *, url: str, token: str, ends_at: int) -> int:
    """Until when Zoho keeps it; in microseconds like `ends_at`, which is a wish. `token` is what notifications will say.

    Raises ApiRefused if Zoho does not take it.
    """
    if len(token) > LONGEST_TOKEN:
        raise ApiRefused(
            f"Zoho takes at most {LONGEST_TOKEN} characters: give the connection {connection} a shorter webhook secret"
        )
    watch = {
        "channel_id": channel_of(workspace, connection, url),
        "events": [f"{module}.all" for module in FIELDS],
        "channel_expiry": text_of(ends_at // 1_000_000 * 1_000_000).replace("Z", "+00:00"),
        "token": token,
        "notify_url": url,
        "notify_on_related_action": False,
    }
    answer = await open_zoho(apis, workspace, connection).post("/crm/v8/actions/watch", {"watch": [watch]})
    (taken,) = (answer or {}).get("watch") or [{}]
    if taken.get("status") != "success":
        code = str(taken.get("code") or "")
        raise ApiRefused(f"Zoho did not open the channel: {code if code.replace('_', '').isalnum() else 'no reason'}")
    return min(_told_ends(taken), default=ends_at)


def _told_ends(taken: Mapping[str, Any]) -> Iterator[int]:
    """By each of the channel's events; what cannot be read says nothing, for the channel is open."""
    try:
        for event in Fields(taken).object("details").objects("events"):
            yield event.required("channel_expiry", microseconds)
    except Unmappable:
        return


def channel_of(workspace: str, connection: str, url: str) -> str:
    """The same number for the same wish, after restarts too; another installation of ours has another address."""
    digest = hashlib.sha256("\n".join((workspace, connection, url)).encode()).digest()
    return str(10**14 + int.from_bytes(digest[:8], "big") % _IDS)
