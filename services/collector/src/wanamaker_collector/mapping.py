"""Maps one Segment event to one record of `web-events`, or says why it cannot be one. Pure: reception time is an argument.

Records are built as plain dicts, since a model costs four times as much; a test holds their bytes equal to the
contract's `encode`. The event as it was sent, less what stands outside, is the record's `personal` value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord

from .cleaning import DEPTH, REPLACEMENT, TooDeep, check_depth, clean, cut
from .event_time import occurred_at, parse_time
from .pages import page_of
from .people import first_linkable, linkable_id, plain_id, stated_emails, without_address
from .robots import is_bot

EVENT_BYTES = 32 * 1024
ID_BYTES = 512
NAME_BYTES = 255

FORM_EVENTS = frozenset({"Form Submitted", "Lead"})


class Refused(ValueError):
    """The event cannot be taken. The reason names what to mend and holds nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose events these are. `source` is the id of the key they came with; a browser's is the write key."""

    workspace: str
    source: str
    browser: bool
    workspace_key: bytes
    form_events: frozenset[str] = FORM_EVENTS


Fields = dict[str, Any]
Event = Mapping[str, Any]


def to_record(
    event: Any, kind: Any, origin: Origin, *, received_at: int, sent_at: int | None, unsafe: bool
) -> NewRecord:
    """The record of an event of this kind (`page`, `track`, …).

    `sent_at` is the batch's; the event's own goes first. `unsafe` = the texts may hold control characters. Raises Refused.
    """
    if not isinstance(event, dict):
        raise Refused("an event must be a JSON object")
    if not isinstance(kind, str) or (complete := _KINDS.get(kind)) is None:
        raise Refused(f"type must be one of {', '.join(_KINDS)}")
    try:
        if unsafe:
            event = clean(event)
        context = bag(event, "context")
        fields = _common_fields(event, kind, context, origin, received_at, sent_at)
        complete(fields, event, context, origin)
        value = _canonical(fields)
        if value.count(b"{") + value.count(b"[") > DEPTH:
            check_depth(event)
    except TooDeep as error:
        raise Refused(f"nested deeper than {DEPTH} levels") from error
    if len(value) > EVENT_BYTES and len(_canonical(event)) > EVENT_BYTES:
        raise Refused(f"an event may have at most {EVENT_BYTES} bytes")
    return NewRecord(web_events.TOPIC, web_events.key(origin.workspace, fields["sender"]), value)


def sender_of(event: Event, origin: Origin) -> tuple[str, str | None]:
    """The sender, and the user id under which the event joins. Raises Refused for one that nobody can be told by."""
    stated_user, stated_cookie = _id(event, "userId"), _id(event, "anonymousId")
    user_id = None if stated_user is None else linkable_id(origin.workspace_key, stated_user)
    if stated_cookie is not None:
        cookie = linkable_id(origin.workspace_key, stated_cookie)
        if cookie is None:
            raise Refused("anonymousId is a placeholder that stands for nobody; send the visitor's own, or none")
        return cookie, user_id
    if user_id is None:
        raise Refused("an event needs an anonymousId, or a userId that is no placeholder")
    return f"u:{user_id}", user_id


def _common_fields(
    event: Event, kind: str, context: Event, origin: Origin, received_at: int, sent_at: int | None
) -> Fields:
    sender, user_id = sender_of(event, origin)
    own_sent_at = time_of(event, "sentAt")
    happened = occurred_at(
        received_at=received_at,
        sent_at=sent_at if own_sent_at is None else own_sent_at,
        timestamp=time_of(event, "timestamp"),
        browser=origin.browser,
    )
    if happened < 0:
        raise Refused("timestamp lies before 1970")
    fields: Fields = {
        "workspace": origin.workspace,
        "source": origin.source,
        "sender": sender,
        "event_id": plain_id(origin.workspace_key, _id(event, "messageId") or _digest(event, kind)),
        "revision": 0,
        "occurred_at": happened,
        "received_at": received_at,
        "schema_version": 1,
        "trust": "browser" if origin.browser else "server",
        "bot": is_bot(context.get("userAgent")),
        "personal": {"key": sender, "v": _rest(event)},
    }
    if user_id is not None:
        fields["user_id"] = user_id
    return fields


def _page(fields: Fields, event: Event, context: Event, _: Origin) -> None:
    fields["type"] = "page"
    fields["page"] = page_of(context, bag(event, "properties"))


def _screen(fields: Fields, event: Event, context: Event, origin: Origin) -> None:
    _page(fields, event, context, origin)
    if not fields["page"]["path"]:
        fields["page"]["path"] = _name(event.get("name"))


def _track(fields: Fields, event: Event, context: Event, origin: Origin) -> None:
    name = event.get("event")
    if not isinstance(name, str) or not name.strip():
        raise Refused("track needs the name of its event, a text")
    fields["type"] = "track"
    fields["event"] = _name(name)
    properties = bag(event, "properties")
    if name.strip() not in origin.form_events:
        return
    emails = stated_emails((properties, bag(event, "traits"), bag(context, "traits")))
    if not emails:
        return
    fields["type"] = "form"
    _link(fields, emails, origin)
    if form := _name(properties.get("form")):
        fields["form"] = form


def _identify(fields: Fields, event: Event, context: Event, origin: Origin) -> None:
    fields["type"] = "identify"
    _link(fields, stated_emails((bag(event, "traits"), bag(context, "traits"))), origin)


def _group(fields: Fields, event: Event, _: Event, __: Origin) -> None:
    bag(event, "traits")
    fields["type"] = "track"
    fields["event"] = "group"


def _alias(fields: Fields, event: Event, _: Event, origin: Origin) -> None:
    previous = _id(event, "previousId")
    if previous is None or event.get("userId") is None:
        raise Refused("alias needs a previousId and a userId")
    if origin.browser:
        fields["type"] = "track"
        fields["event"] = "alias"
        return
    fields["type"] = "identify"
    if (linkable := linkable_id(origin.workspace_key, previous)) is not None:
        fields["previous_user_id"] = linkable


_KINDS: dict[str, Callable[[Fields, Event, Event, Origin], None]] = {
    "page": _page,
    "screen": _screen,
    "track": _track,
    "identify": _identify,
    "group": _group,
    "alias": _alias,
}


def _link(fields: Fields, emails: list[Any], origin: Origin) -> None:
    if emails and (address := first_linkable(origin.workspace_key, emails)) is not None:
        fields["email_key"] = address.key
        if address.domain is not None:
            fields["email_domain"] = address.domain


def bag(event: Event, name: str) -> Event:
    """A member that must be an object if it is there. Raises Refused."""
    value = event.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(f"{name} must be an object")
    return value


def time_of(holder: Event, name: str) -> int | None:
    """The microseconds of a member that must be a time if it is there. Raises Refused."""
    value = holder.get(name)
    if value is None:
        return None
    try:
        return parse_time(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f"{name} must be an RFC 3339 time, like 2026-01-05T10:00:00Z") from error


def _id(event: Event, name: str) -> str | None:
    """An id as text; null is none. Whole numbers are taken as their digits, since senders write them so."""
    value = event.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) * 4 > ID_BYTES and len(value.encode()) > ID_BYTES:
            raise Refused(f"{name} may have at most {ID_BYTES} bytes")
        if REPLACEMENT in value:
            raise Refused(f"{name} contains control characters or broken text")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Refused(f"{name} must be a text")


def _name(value: Any) -> str:
    return cut(without_address(value.strip()), NAME_BYTES) if isinstance(value, str) else ""


def _digest(event: Event, kind: str) -> str:
    """The id of an event without messageId: SHA-256 of its canonical JSON, without what a repetition may change."""
    lasting = {name: value for name, value in event.items() if name not in ("writeKey", "sentAt")}
    return hashlib.sha256(_canonical({**lasting, "type": kind})).hexdigest()


def _canonical(value: Fields) -> bytes:
    try:
        return canonical(value)
    except TypeError as error:  # the encoder's own limit; text and numbers it takes, since they were JSON
        raise TooDeep from error


def _rest(event: Event) -> Fields:
    """The event without what names it: those ids stand outside, unless they are addresses."""
    rest = dict(event)
    rest.pop("type", None)
    rest.pop("writeKey", None)
    for name in ("anonymousId", "messageId"):
        value = rest.pop(name, None)
        if isinstance(value, str) and without_address(value) != value:
            rest[name] = value
    return rest
