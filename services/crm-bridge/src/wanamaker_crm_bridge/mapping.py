"""The seam between a CRM's dialect and the rest: what a mapping is given and what it gives back.

A dialect is a pure function of one raw request and what is known of its connection (`dialects.DIALECTS` lists them). It never
raises for what a sender wrote: an item that cannot be mapped becomes a `Failure`, and the items beside it still count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.record import canonical

from .connections import Connection
from .unmappable import Unmappable as Unmappable  # dialects have it from here

MAPPING_VERSION = 2
"""Of the mappings. A new one is for what changes the records of a request: those accepted before keep theirs.
2: the generic dialect states the domains of contacts' e-mails."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One verified raw request (or an API's answer), as the inbox has it. Times in microseconds."""

    workspace: str
    connection: str
    delivery_id: str
    """The sender's id of the delivery; the same when it delivers again."""
    received_at: int
    body: bytes
    revision: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    mapping_version: int = 1
    """`MAPPING_VERSION` when it was accepted."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a mapping knows beside the request. `workspace_key` hashes the e-mails."""

    workspace_key: bytes
    connection: Connection = field(default_factory=Connection)
    readable: bool = False
    """Whether we have access to the CRM's API: if not, there is nobody to ask."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of a request's items: each is an event, a failure or skipped."""

    events: tuple[CrmEvent, ...] = ()
    failures: tuple[Failure, ...] = ()
    skipped: int = 0
    """Items of a type that this version does not know."""
    fetches: tuple[Fetch, ...] = ()
    """What has to be asked of the CRM before the rest can be told."""
    run: str | None = None
    """The reconciliation that this is an answer of."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """By event id of what has no time of its own, and so is said anew with every change of its object: what it says, without the
    time. Said before, it is no news."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be mapped. `item` names it within the request and is the same at every mapping."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """A question to a CRM's API. Its answer comes back as a raw request whose `delivery_id` is `fetch:<id>`.

    `id` is made from what is asked and why, so that mapping again asks the same question, not another.
    """

    id: str
    dialect: str
    """Which mapping reads the answer, and which fetcher asks."""
    parameters: Mapping[str, str]
    delay: int = 0
    """How long to wait before asking, in microseconds."""


def page(dialect: str, *, run: str, of: str, since: str, after: str = "") -> Fetch:
    """The question for one page of a reconciliation: of the list `of` what changed since (microseconds), after a place that the
    CRM's reader understands."""
    asked = {"run": run, "list": of, "since": since, "after": after}
    return Fetch(f"{dialect}/{run}/{of}/{after}", dialect, asked)


Dialect = Callable[[Webhook, Context], Mapped]


def event_id(connection: str, sender_event_id: str, index: int) -> str:
    """The identity of the `index`-th record of a sender's event: the same however often and by whatever delivery it came."""
    return hashlib.sha256(canonical([connection, sender_event_id, index])).hexdigest()
