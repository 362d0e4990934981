"""Maps one Segment event to one record of `web-events`, or says why it cannot be one. Pure: reception time is an argument.

Records are built as plain dicts, since a model costs four times as much; a test holds their bytes equal to the
contract's `encode`. The event as it was sent, less what stands outside, is the record's `personal` value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord

from .cleaning import DEPTH, TooDeep, check_depth, clean, cut
from .consent import OPT_OUT, UNASKED, Consent, Policy, consent_of
from .event_time import occurred_at, parse_time
from .ip_addresses import truncated
from .pages import page_of
from .people import first_linkable, linkable_id, plain_id, stated_emails, without_address
from .refusing import Refused, id_of
from .robots import LIST_VERSION, is_bot
from .sites import Site
from .visitors import Visitor, sender_of

EVENT_BYTES = 32 * 1024
NAME_BYTES = 255

FORM_EVENTS = frozenset({"Form Submitted", "Lead"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose events these are. `source` is the id of the key they came with; a browser's is the write key."""

    workspace: str
    source: str
    browser: bool
    workspace_key: bytes
    form_events: frozenset[str] = FORM_EVENTS
    policy: Policy = OPT_OUT
    site: Site | None = None
    """A browser's only."""


class Mapped(NamedTuple):
    """The record, and the sender if the browser is to keep it in its cookie."""

    record: NewRecord
    keep: str | None


Fields = dict[str, Any]
Event = Mapping[str, Any]


def to_record(
    event: Any,
    kind: Any,
    origin: Origin,
    *,
    received_at: int,
    sent_at: int | None,
    unsafe: bool,
    visitor: Visitor | None = None,
) -> Mapped:
    """The record of an event of this kind (`page`, `track`, …).

    `sent_at` is the batch's; the event's own goes first. `unsafe` = the texts may hold control characters. `visitor` is the
    browser that sent it. Raises Refused and Declined.
    """
    if not isinstance(event, dict):
        raise Refused("an event must be a JSON object")
    if not isinstance(kind, str) or (complete := _KINDS.get(kind)) is None:
        raise Refused(f"type must be one of {', '.join(_KINDS)}")
    try:
        if unsafe:
            event = clean(event)
        context = bag(event, "context")
        consent = _consent(context, origin, visitor)
        fields, keep = _common_fields(event, kind, context, origin, received_at, sent_at, visitor, consent)
        complete(fields, event, context, origin)
        if not consent.marketing:
            _forget(fields)
        value = _canonical(fields)
        if value.count(b"{") + value.count(b"[") > DEPTH:
            check_depth(event)
    except TooDeep as error:
        raise Refused(f"nested deeper than {DEPTH} levels") from error
    if len(value) > EVENT_BYTES and len(_canonical(event)) > EVENT_BYTES:
        raise Refused(f"an event may have at most {EVENT_BYTES} bytes")
    return Mapped(NewRecord(web_events.TOPIC, web_events.key(origin.workspace, fields["sender"]), value), keep)


def _consent(context: Event, origin: Origin, visitor: Visitor | None) -> Consent:
    if not origin.browser and "consent" not in context:
        return UNASKED
    opted_out = visitor is not None and visitor.opted_out
    return consent_of(context, origin.policy, browser=origin.browser, opted_out=opted_out)


def _common_fields(
    event: Event,
    kind: str,
    context: Event,
    origin: Origin,
    received_at: int,
    sent_at: int | None,
    visitor: Visitor | None,
    consent: Consent,
) -> tuple[Fields, str | None]:
    own_sent_at = time_of(event, "sentAt")
    happened = occurred_at(
        received_at=received_at,
        sent_at=sent_at if own_sent_at is None else own_sent_at,
        timestamp=time_of(event, "timestamp"),
        browser=origin.browser,
    )
    if happened < 0:
        raise Refused("timestamp lies before 1970")
    sender, user_id, keep = sender_of(
        event,
        origin.workspace_key,
        visitor,
        cookie=consent.cookie and context.get("cookieless") is not True,
        token=context.get("linkToken"),
        at=happened,
    )
    user_agent = context.get("userAgent") or (visitor.user_agent if visitor is not None else None)
    fields: Fields = {
        "workspace": origin.workspace,
        "source": origin.source,
        "sender": sender,
        "event_id": plain_id(origin.workspace_key, id_of(event, "messageId") or _digest(event, kind)),
        "revision": 0,
        "occurred_at": happened,
        "received_at": received_at,
        "schema_version": 1,
        "trust": "browser" if origin.browser else "server",
        "bot": is_bot(user_agent),
        "bot_list": LIST_VERSION,
        "personal": {"key": sender, "v": _rest(event, context, sender, user_agent, visitor is None or keep)},
    }
    if user_id is not None:
        fields["user_id"] = user_id
    if consent.stated is not None:
        fields["consent"] = consent.stated
    return fields, sender if keep else None


def _forget(fields: Fields) -> None:
    """Leave nothing that names a person or an advertisement's click: marketing was refused."""
    for name in ("user_id", "previous_user_id", "email_key", "email_domain"):
        fields.pop(name, None)
    fields.get("page", {}).pop("click_id", None)
    fields["personal"]["v"] = {}


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
    previous = id_of(event, "previousId")
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


def _rest(event: Event, context: Event, sender: str, user_agent: Any, recognised: bool) -> Fields:
    """The event without what names it: those ids stand outside, unless they are addresses or were not what counted.

    Of a browser that is to be recognised on no other day, nothing stays by which it could be.
    """
    rest = dict(event)
    rest.pop("type", None)
    rest.pop("writeKey", None)
    if not recognised:
        rest.pop("anonymousId", None)
    for name in ("anonymousId", "messageId"):
        value = rest.pop(name, None)
        if isinstance(value, str) and (without_address(value) != value or (name == "anonymousId" and value != sender)):
            rest[name] = value
    tells_of_other_days = "linkToken" in context and not recognised
    if "ip" in context or (user_agent and not context.get("userAgent")) or tells_of_other_days:
        rest["context"] = _private(context, user_agent, recognised)
    return rest


def _private(context: Event, user_agent: Any, recognised: bool) -> Fields:
    """The context with its IP address truncated and its browser named."""
    kept = dict(context)
    if not recognised:
        kept.pop("linkToken", None)
    if isinstance(ip := kept.pop("ip", None), str) and (part := truncated(ip)) is not None:
        kept["ip"] = part
    if user_agent:
        kept["userAgent"] = user_agent
    return kept
