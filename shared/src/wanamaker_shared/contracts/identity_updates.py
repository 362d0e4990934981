"""Topic `identity-updates`: what identity concluded, one key's whole present value at a time.

Producer: identity. Consumer: attribution. Key: workspace and identifier. Retention: for ever, rebuilt from its sources
(derived). Of one key's values the highest (generation, version) holds, in whatever order they come.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .record import Record

TOPIC = "identity-updates"


class ActiveLink(BaseModel):
    """A link in force: neither quarantined nor revoked. `source` and `event_id` name the web event that made it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: int
    source: str
    event_id: str
    identifier: str
    """`email:<email key>` or `user:<id>`, after a user id that stands for an e-mail was replaced by it."""
    lead: bool = False
    """Whether the event itself named the e-mail: such a form or identify makes a lead."""


class IdentityUpdate(Record):
    """`source` is `identity`; `event_id` is made of the key, generation and version. Times are those of the change's cause."""

    identifier: str
    generation: int = 1
    version: int = 1


class CookieLinked(IdentityUpdate):
    """The active links of a cookie, in order. `identifier` is `cookie:<id>`."""

    type: Literal["cookie.linked"] = "cookie.linked"
    links: list[ActiveLink] = []
    cause: str = ""
    """The identity (JSON list) of the record that changed it, for restatements."""


class IdentifierResolved(IdentityUpdate):
    """Whose an identifier (`email:`, `user:`, `contact:`) is."""

    type: Literal["identifier.resolved"] = "identifier.resolved"
    profile: str
    """The person's profile id: that of the earliest identifier of the component; empty: no record names it any more."""
    since: int
    """When the identifier was first named."""
    via: str = ""
    """The type of the record that first named it (`form`, `identify`, `contact.revised`, …)."""
    cause: str = ""


AnyIdentityUpdate = Annotated[CookieLinked | IdentifierResolved, Field(discriminator="type")]
TYPES = frozenset(["cookie.linked", "identifier.resolved"])
adapter: TypeAdapter[CookieLinked | IdentifierResolved] = TypeAdapter(AnyIdentityUpdate)


def key(workspace: str, identifier: str) -> str:
    return f"{workspace}/{identifier}"
