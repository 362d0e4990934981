"""The envelope every record carries, its identity, and its canonical bytes.

Times are whole microseconds since 1970, UTC. Unknown fields are ignored, so that an older consumer reads a newer
producer's records; unknown types are skipped and counted by the consumer.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict


class Identity(NamedTuple):
    """Which record this is. Of several records with one identity exactly one counts (`Precedence`).

    Compares field by field, each as UTF-8 bytes: Python compares text by code point, which is the same order.
    """

    workspace: str
    source: str
    sender: str
    event_id: str


class Order(NamedTuple):
    """When a record happened, made total: events at one microsecond stand in the order of their identities."""

    occurred_at: int
    source: str
    sender: str
    event_id: str


class Precedence(NamedTuple):
    """Which of several records with one identity counts: the smallest.

    The highest revision, then the smallest received_at, then the smallest SHA-256 of the canonical bytes.
    """

    negative_revision: int
    received_at: int
    digest: bytes


class Record(BaseModel):
    """The fields that every record of every topic has."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    workspace: str
    source: str
    """The write key's id, the connection, or the upload it came from."""
    sender: str = ""
    """For web events the anonymous id (without one `u:` and the user id); empty otherwise."""
    event_id: str
    revision: int = 0
    """Raised by re-mapping and repair; the highest counts."""
    occurred_at: int
    received_at: int
    schema_version: int = 1

    @property
    def identity(self) -> Identity:
        return Identity(self.workspace, self.source, self.sender, self.event_id)

    @property
    def order(self) -> Order:
        return Order(self.occurred_at, self.source, self.sender, self.event_id)


class Personal(BaseModel):
    """The only place in a record where values about a person may stand.

    `key` names whose they are (a cookie's or contact's id), so that erasing can drop or encrypt them together.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    v: dict[str, Any]


def encode(record: Record) -> bytes:
    """The canonical bytes of a record: JSON with sorted keys, UTF-8, without the fields that are None."""
    return canonical(record.model_dump(mode="json", exclude_none=True))


def canonical(value: object) -> bytes:
    """Canonical JSON of a plain value: sorted keys, UTF-8, no spaces.

    A copy of what orjson wrote, whose bytes keep the buffer that they grew in: 4 KiB and more for each record.
    """
    return b"".join((orjson.dumps(value, option=orjson.OPT_SORT_KEYS), b""))


def precedence(record: Record, value: bytes) -> Precedence:
    """The rank of a record among those with its identity; `value` is the record's bytes as the log has them."""
    return Precedence(-record.revision, record.received_at, hashlib.sha256(value).digest())
