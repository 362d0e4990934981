"""Topic `tracking-links`: the tagged URLs that a workspace made, each with the slug of its short link.

Producer: attribution (`POST /v1/links`, `DELETE /v1/links/{slug}`). Readers: attribution and collector, each whole, into
memory (`link_book`). Key: slug, so that its records stand in one order for everybody. Retention: for ever (source). A slug
belongs to the first `link.created` with it, of whatever workspace, and to no other ever after; of its holder's other records
the latest by order says whether it is retired.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from .record import Record

TOPIC = "tracking-links"
SLUG_LENGTH = 64
SLUG = re.compile(rf"(?=.{{1,{SLUG_LENGTH}}}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")
"""Lower-case letters, digits and single dashes between them: what can be printed, typed and said."""


class LinkCreated(Record):
    type: Literal["link.created"] = "link.created"
    slug: str
    url: str
    """Where the short link leads: the target with its campaign parameters."""
    target: str
    """The page itself, as it was given, in canonical form."""
    utm_source: str
    medium: str
    campaign: str
    term: str | None = None
    content: str | None = None
    offline: bool = False
    """It is printed, said or shown, so that people come by the short link only."""


class LinkRetired(Record):
    type: Literal["link.retired"] = "link.retired"
    slug: str


class LinkRestored(Record):
    """It was made again, the same, after it had been retired."""

    type: Literal["link.restored"] = "link.restored"
    slug: str


AnyLink = Annotated[LinkCreated | LinkRetired | LinkRestored, Field(discriminator="type")]
TYPES = frozenset(["link.created", "link.retired", "link.restored"])
adapter: TypeAdapter[LinkCreated | LinkRetired | LinkRestored] = TypeAdapter(AnyLink)


def key(slug: str) -> str:
    return slug
