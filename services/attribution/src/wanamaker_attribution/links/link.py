"""A tracking link as attribution knows it, and the channel that its visits land in. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.tracking_links import LinkCreated

from ..channels import UNASSIGNED, classify_channel

DIRECT = "Direct"


class Link(NamedTuple):
    """`source` and `medium` in lower case, as visits are read."""

    url: str
    target: str
    source: str
    medium: str
    campaign: str
    term: str | None
    content: str | None
    offline: bool


def link_of(record: LinkCreated) -> Link:
    return Link(
        record.url,
        record.target,
        record.utm_source,
        record.medium,
        record.campaign,
        record.term,
        record.content,
        record.offline,
    )


def channel_of(source: str, medium: str, campaign: str, settings: WorkspaceSettings) -> str:
    """The channel of a visit by a URL with these parameters: a URL that has them is read by nothing else."""
    return classify_channel(source, medium, campaign, settings.channel_rules)


def why_not_channel(channel: str, medium: str, *, offline: bool) -> str | None:
    """Why a link of this channel would be lost in reports, and what to do; None if it would not."""
    if channel == DIRECT:
        return "would read as Direct, as if nobody had sent the visitor: name the real source and medium"
    if channel != UNASSIGNED:
        return None
    known = (
        "an e-mail has medium email, a post social, a partner affiliate, an advert cpc or display, an audio spot audio"
    )
    rule = orjson.dumps({"channel": "Offline" if offline else "…", "medium": re.escape(medium)}).decode()
    return (
        f"would land in Unassigned: no channel rule knows this source and medium. Use a medium that says what it is"
        f" ({known}), or let an administrator add a rule to channel_rules with PUT /v1/settings, like {rule}"
    )
