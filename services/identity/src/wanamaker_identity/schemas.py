"""HTTP bodies of identity."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MemberOut(BaseModel):
    """An identifier of the person. A cookie appears only where nobody owns it; then it has no `since`."""

    kind: Literal["email", "user", "contact", "cookie"]
    id: str = Field(description="An e-mail's key, a user id, `<connection>/<contact id>`, or a cookie.")
    since: datetime | None = Field(description="When a record named it first.")
    via: str | None = Field(description="The type of that record.")


class LinkOut(BaseModel):
    """A form or identify that links a cookie to the person; `at`, `source`, `event_id` and `trust` are its cause."""

    cookie: str
    identifier: str = Field(description="`email:<key>` or `user:<id>`.")
    at: datetime
    source: str = Field(description="The id of the key that sent it.")
    event_id: str
    type: str
    trust: Literal["browser", "server"]
    status: Literal["active", "quarantined", "revoked"]
    reason: Literal["emails_per_cookie", "cookies_per_email", "link.revoke", "link.release"] | None = Field(
        description="The limit or the decision by which it has this status; null: nothing speaks against it."
    )


class ErasureOut(BaseModel):
    """Somebody asked to erase this person. It stays pending: erasing itself is not built yet."""

    status: Literal["pending"]
    requested_at: datetime
    identifier: str = Field(description="By which the person was named.")


class ProfileOut(BaseModel):
    id: str
    identifiers: list[MemberOut]
    links: list[LinkOut]
    erasure: ErasureOut | None = Field(description="The first request to erase the person; null: there is none.")
    next: str | None = Field(description="Send it as `after` for the links that follow; null: there are none.")


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: str = Field(min_length=1, max_length=1000, examples=["cookie:c1"])
    b: str = Field(min_length=1, max_length=1000, examples=["email:ann@example.com"])
    reason: str = Field(default="", max_length=1000, description="For whoever reads the log; kept as personal.")


class DecisionOut(BaseModel):
    """The decision is durable; it shows once it is consumed, within a second."""

    event_id: str
    a: str
    b: str


class ErasureListed(ErasureOut):
    via: Literal["contact.erased", "api"] = Field(description="Who asked: a CRM that erased the contact, or an admin.")
    event_id: str = Field(description="Of the decision.")
    profile: str | None = Field(description="The person who has the identifier now; null: nobody.")


class ErasuresOut(BaseModel):
    erasures: list[ErasureListed]
    next: str | None = Field(description="Send it as `after` for those that follow; null: there are none.")


class ErasureAsked(ErasureOut):
    """The decision is durable. Nothing was erased: that comes later, and this request will be carried out then."""

    event_id: str
