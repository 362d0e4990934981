"""Reads what Snowplow's trackers send, a `payload_data` body or a query string, into the envelope of events that Segment's
libraries would have sent, so that each is judged like those. The parameters are those of Snowplow's tracker protocol.

An event that cannot be read is `Broken` with the reason, and takes no neighbour along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from .headers import Headers
from .reading import Broken, Envelope, again, raw_events, read_batch
from .snowplow_common import COMMON, common_members
from .snowplow_events import KINDS
from .snowplow_parameters import Malformed, Parameters, text_of

POST_PATH = "/com.snowplowanalytics.snowplow/tp2"
"""The path of the protocol's second version, for POST."""

GET_PATH = "/i"
"""The path for GET: one event as a query string."""

LIST = "data"


def read_payload(body: bytes, headers: Headers, *, keyed: bool) -> Envelope:
    """The body is `{"schema"?, "data": [parameters, …]}`. Raises Unreadable.

    `keyed`: the request has its key in a header, so that `aid` is no more than the application's name. Otherwise the first
    `aid` is the key, and an event with another one is Broken.
    """
    document = read_batch(body, LIST)
    stated = document.events
    key = None if keyed else next((each["aid"] for each in stated if isinstance(each, dict) and each.get("aid")), None)
    return document._replace(
        fields={},
        write_key=key,
        events=[_event(each, headers, keyed, key) for each in stated],
        unsafe=True,
        where=POST_PATH,
        raws=lambda: raw_events(body, len(stated), LIST) or [again(each) for each in stated],
    )


def read_query(query: bytes, headers: Headers, *, keyed: bool) -> Envelope:
    """The query string holds the parameters of one event; of one that stands twice the last counts."""
    stated = query_parameters(query)
    key = None if keyed else stated.get("aid")
    events = [_event(stated, headers, keyed, key)]
    return Envelope({}, key, events, unsafe=True, where=GET_PATH, raws=lambda: (query,))


def query_parameters(query: bytes) -> dict[str, str]:
    """Names and values of a query string, decoded; what is no UTF-8 reads U+FFFD, what is empty is left out."""
    return dict(parse_qsl(query.decode("utf-8", "replace"), errors="replace"))


def _event(stated: Any, headers: Headers, keyed: bool, key: Any) -> Any:
    """The event as Segment's libraries would have sent it, or Broken."""
    if isinstance(stated, Broken):
        return stated
    if not isinstance(stated, dict):
        return Broken("an event must be a JSON object")
    try:
        return _translated(stated, headers, keyed, key)
    except Malformed as error:
        return Broken(str(error), _ids(stated))


def _translated(stated: Parameters, headers: Headers, keyed: bool, key: Any) -> dict[str, Any]:
    kind = KINDS.get(text_of(stated, "e") or "")
    if kind is None:
        raise Malformed(f"e must be one of {', '.join(KINDS)}")
    if not keyed and stated.get("aid") != key:
        raise Malformed("aid is the key, and differs from the first one of the request; send such events apart")
    event = common_members(stated, headers)
    event.update(kind.members(stated))
    further = {name: value for name, value in stated.items() if name not in COMMON and name not in kind.parameters}
    if keyed and (name := text_of(stated, "aid")):
        event["context"]["app"] = {"name": name}
    if further:
        event["context"]["snowplow"] = further
    return event


def _ids(stated: Parameters) -> Mapping[str, Any]:
    """Who and which an event is that cannot be read otherwise, so that it can be found."""
    try:
        event = common_members({name: stated.get(name) for name in ("eid", "uid", "tnuid", "nuid", "duid")}, Headers())
    except Malformed:
        return {}
    return {name: event[name] for name in ("messageId", "userId", "anonymousId") if name in event}
