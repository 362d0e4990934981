"""What each feature costs a single event, in CPU µs: the collector's own functions over thousands of different requests.

Each is timed by itself, in one process without sockets. Among all the others it costs about a third more, since the processor's
caches hold no such number of them; that stands in the line of what else the door does.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from wanamaker_collector.answers import Header, readable_by, taken
from wanamaker_collector.asking import head_of, is_browser, opted_out, text_of
from wanamaker_collector.consent import consent_of
from wanamaker_collector.event_time import occurred_at
from wanamaker_collector.front_door import FrontDoor
from wanamaker_collector.intake import BATCH, take_in
from wanamaker_collector.limits import Limits
from wanamaker_collector.mapping import time_of
from wanamaker_collector.pages import page_of
from wanamaker_collector.people import first_linkable
from wanamaker_collector.reading import read_batch
from wanamaker_collector.robots import is_bot
from wanamaker_collector.visitors import sender_of
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.service.keys import read_keyring

from .sent import Sent, Sents
from .serving import fresh_keys

_EACH = 4000
_REPEATS = 5
_HOT = 20
"""So many are made and then timed: what has just come over the wire is in the processor's caches."""
_AT_ONCE = 128

Feature = Callable[[Sent], Any]


def features() -> dict[str, float]:
    """CPU µs by feature, in the order in which a request meets them; medians."""
    with tempfile.TemporaryDirectory() as directory, _no_garbage():
        fresh_keys(Path(directory))
        sents = Sents(read_keyring(Path(directory) / "keys.json"))
        found = {name: _timed(feature, sents) for name, feature in _head(sents).items()}
        parts = {name: _timed(feature, sents) for name, feature in _parts(sents).items()}
        found |= parts
        found["mapping: everything else"] = _timed(partial(_mapped, sents), sents) - sum(parts.values())
        found["the door: everything else, and all of it among each other"] = _timed(_door(sents), sents) - sum(
            found.values()
        )
        found["log: append, group commit, sync"] = asyncio.run(_appended(sents, Path(directory)))
    return found


def _head(sents: Sents) -> dict[str, Feature]:
    credentials, site = sents.credentials, sents.site
    limits, answer, website = _limits(), taken(1, []), site.allows

    def cors(sent: Sent) -> None:
        origin = sent.headers[b"origin"]
        further: list[Header] = readable_by(origin) if website(origin) else []
        _run(answer.send(_nowhere, further))

    return {
        "head: the headers that matter": lambda sent: head_of(sent.scope),
        "head: browser, DNT, user agent": lambda sent: (
            is_browser(sent.headers) and (opted_out(sent.headers), text_of(sent.headers, b"user-agent"))
        ),
        "answer, website allowed, CORS headers": cors,
        "body: JSON read": lambda sent: read_batch(sent.body),
        "key": lambda sent: credentials.of_body(sent.envelope.write_key),
        "cookie: found, verified (one in four is new)": lambda sent: site.cookie.read(sent.headers[b"cookie"]),
        "rate limits: address, cookie, key": lambda sent: limits.wait(
            sents.origin.source, sent.visitor.cookie, sent.visitor.address
        ),
    }


def _parts(sents: Sents) -> dict[str, Feature]:
    """Of `take_in`."""
    origin = sents.origin

    def moment(sent: Sent) -> int:
        return occurred_at(
            received_at=sents.received_at,
            sent_at=time_of(sent.envelope.fields, "sentAt"),
            timestamp=time_of(sent.event, "timestamp"),
            browser=True,
        )

    return {
        "consent": lambda sent: consent_of(sent.context, origin.policy, browser=True, opted_out=False),
        "time corrected by the sender's clock": moment,
        "who: cookie before anonymousId": lambda sent: sender_of(sent.event, origin.workspace_key, sent.visitor),
        "page: host, path, utm, click id (of seven in ten)": lambda sent: (
            page_of(sent.context, {}) if sent.event["type"] == "page" else None
        ),
        "robots": lambda sent: is_bot(sent.visitor.user_agent),
        "e-mail keyed (of one in ten)": lambda sent: (
            first_linkable(origin.workspace_key, [sent.email]) if sent.email else None
        ),
        "canonical JSON of the record": lambda sent: canonical(sent.record),
    }


def _door(sents: Sents) -> Feature:
    """All of a request but the log: this one takes at once what it is given."""
    door = FrontDoor(
        _nowhere,
        sents.credentials,
        _limits(),
        body_bytes=1 << 20,
        in_flight_bytes=1 << 26,
        clock=lambda: sents.received_at,
    )
    door.log = cast(EventLog, SimpleNamespace(append=_nowhere))

    def through(sent: Sent) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent.body, "more_body": False}

        _run(door(sent.scope, receive, _nowhere))

    return through


def _limits() -> Limits:
    return Limits(key=1e6, cookie=1e6, address=1e6)


def _mapped(sents: Sents, sent: Sent) -> NewRecord:
    taken_in = take_in(sent.body, sent.envelope, BATCH, sents.origin, sents.received_at, sent.visitor)
    (record,) = taken_in.records
    return record


async def _appended(sents: Sents, directory: Path) -> float:
    """CPU of the event loop and of the writer's thread, with as many appends under way as the benchmark has connections."""
    log = EmbeddedLog(directory / "log", "collector-serve", partitions=2)
    costs = []
    for _ in range(_REPEATS):
        records = iter([_mapped(sents, sent) for sent in sents.take(_EACH)])

        async def work(records: Iterator[NewRecord] = records) -> None:
            for record in records:
                await log.append([record])

        before = time.process_time()
        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        costs.append((time.process_time() - before) / _EACH * 1e6)
    await log.close()
    return statistics.median(costs)


def _timed(feature: Feature, sents: Sents) -> float:
    """CPU µs, each time of requests that nobody has seen before; less what it costs to call a function at all."""
    costs = []
    for _ in range(_REPEATS):
        seconds = 0.0
        for _ in range(_EACH // _HOT):
            fresh = sents.take(_HOT)
            seconds += _spent(feature, fresh) - _spent(lambda _: None, fresh)
        costs.append(seconds / _EACH * 1e6)
    return statistics.median(costs)


def _spent(feature: Feature, sents: list[Sent]) -> float:
    before = time.process_time()
    for sent in sents:
        feature(sent)
    return time.process_time() - before


@contextmanager
def _no_garbage() -> Iterator[None]:
    """As in the collector, which has Python look for cycles seldom."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _nowhere(*_: Any) -> None:
    return


def _run(answering: Any) -> None:
    """A coroutine that never waits."""
    try:
        answering.send(None)
    except StopIteration:
        return
