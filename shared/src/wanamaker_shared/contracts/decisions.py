"""Topic `decisions`: what a person decided about the profile graph.

Producer: identity (`POST /v1/links/{revoke,release}`). Consumer: identity. Key: workspace. Retention: for ever (source).
The latest decision on a pair by order holds for all its statements, past and future; the pair has no direction.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from .record import Personal, Record

TOPIC = "decisions"


class Decision(Record):
    a: str
    """An identifier: `cookie:<id>`, `email:<email key>`, `user:<id>`, `contact:<connection>/<id>`."""
    b: str
    personal: Personal | None = None
    """`v` = {"reason": free text}."""


class LinkRevoke(Decision):
    type: Literal["link.revoke"] = "link.revoke"


class LinkRelease(Decision):
    type: Literal["link.release"] = "link.release"


AnyDecision = Annotated[LinkRevoke | LinkRelease, Field(discriminator="type")]
TYPES = frozenset(["link.revoke", "link.release"])
adapter: TypeAdapter[LinkRevoke | LinkRelease] = TypeAdapter(AnyDecision)


def key(workspace: str) -> str:
    return workspace
