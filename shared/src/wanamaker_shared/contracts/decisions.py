"""Topic `decisions`: what was decided about the profile graph: by a person, or by a CRM that erased a contact.

Producer: identity (`serve`: `POST /v1/links/{revoke,release}`, `DELETE /v1/profiles/{id}`, and of each `contact.erased` of
crm-events one `person.erase`). Consumer: identity. Key: workspace. Retention: for ever (source). The latest decision on a pair by
order holds for all its statements, past and future; the pair has no direction.
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


class PersonErase(Record):
    """The person who has the identifier, whoever that is when it is carried out, is to be erased."""

    type: Literal["person.erase"] = "person.erase"
    identifier: str
    """As in a decision on a pair."""
    via: Literal["contact.erased", "api"]
    """Who asked: a CRM, whose record gives this one its identity and times, or somebody with the admin key."""


_Any = LinkRevoke | LinkRelease | PersonErase
AnyDecision = Annotated[_Any, Field(discriminator="type")]
TYPES = frozenset(["link.revoke", "link.release", "person.erase"])
adapter: TypeAdapter[_Any] = TypeAdapter(AnyDecision)


def key(workspace: str) -> str:
    return workspace
