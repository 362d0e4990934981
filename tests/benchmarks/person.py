"""What one more touchpoint and one more won deal cost where the person has had 50 touchpoints, and where it has had 50,000.

Identity's and attribution's projections are driven directly, one record a transaction, as records come live; by turns for each
person. All touchpoints lie in the same ninety days. Beside the two, one of 500 tells what a full journey on many days costs.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path

import orjson
from sqlalchemy import Connection, delete, select

from wanamaker_attribution.projection import AttributionProjection
from wanamaker_collector.mapping import Origin
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.emitting import event_record
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_identity.projection import IdentityProjection
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.port import Batch, NewRecord, StoredRecord
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import SqliteDatabase
from wanamaker_shared.service.keys import Keyring, new_workspace, read_keyring, write_keys

from .mixed import web_record

FURTHER = 40
_DAYS = 90
_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOURCES = (("google", "cpc"), ("newsletter", "email"), ("linkedin", "social"), ("partner.test", "referral"))
_RATIO_WANTED = 1.5


@dataclass(slots=True)
class Person:
    """`cookies` browsers by turns, the visits evenly over the days."""

    name: str
    touchpoints: int
    cookies: int
    made: int = 0
    deals: int = 0
    touch_micros: list[float] = field(default_factory=list)
    deal_micros: list[float] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"{self.name}@buyer.test"

    @property
    def both(self) -> float:
        return statistics.median(self.touch_micros) + statistics.median(self.deal_micros)


def run() -> None:
    """Print CPU an additional touchpoint and deal, and the ratio."""
    people = [Person("few", 50, 5), Person("full", 500, 10), Person("many", 50_000, 100)]
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_run(Path(directory), people))
    print(f"{'touchpoints before':>20}{'touchpoint':>14}{'won deal':>12}{'both':>12}  CPU µs")
    for person in people:
        touch, deal = statistics.median(person.touch_micros), statistics.median(person.deal_micros)
        print(f"{person.touchpoints:>20,}{touch:14,.0f}{deal:12,.0f}{person.both:12,.0f}")
    few, full, many = (person.both for person in people)
    print(f"50,000 ÷ 50 touchpoints: {many / few:.2f}×  wanted ≤ {_RATIO_WANTED}×   (500 ÷ 50: {full / few:.2f}×)")


async def _run(directory: Path, people: Sequence[Person]) -> None:
    write_keys(directory / "keys.json", new_workspace("default"))
    loop = Loop(directory, read_keyring(directory / "keys.json"))
    await loop.prepare()
    for person in people:
        await loop.tell([loop.form(person, cookie) for cookie in range(person.cookies)])
        while person.made < person.touchpoints:
            await loop.tell([loop.visit(person) for _ in range(min(1000, person.touchpoints - person.made))])
    for round_ in range(-5, FURTHER):  # the first compile statements and are not counted
        for person in people:
            touch = await loop.tell([loop.visit(person)])
            deal = await loop.tell(loop.won_deal(person))
            if round_ >= 0:
                person.touch_micros.append(touch)
                person.deal_micros.append(deal)
    await loop.close()


class Loop:
    """Both projections with a database each, and no log between: what identity emits goes straight to attribution."""

    def __init__(self, directory: Path, keyring: Keyring) -> None:
        self._keys = keyring.workspaces["default"]
        self._origin = Origin("default", "secret", browser=False, workspace_key=self._keys.hmac_key)
        self._identity: Projection = IdentityProjection(keyring)
        self._attribution: Projection = AttributionProjection(keyring)
        self._of: dict[Projection, SqliteDatabase] = {
            self._identity: SqliteDatabase(directory / "identity.db"),
            self._attribution: SqliteDatabase(directory / "attribution.db"),
        }

    async def prepare(self) -> None:
        for projection, database in self._of.items():
            await prepare_tables(projection, database)

    async def tell(self, records: Sequence[NewRecord]) -> float:
        """Take the records in everywhere; the CPU that took, in µs."""
        started = time.process_time()
        updates: list[NewRecord] = []
        for batch in _batches(records):
            updates += await self._of[self._identity].write(partial(self._conclude, batch=batch))
        for batch in (*_batches(records), *_batches(updates)):
            await self._of[self._attribution].write(partial(self._attribution.apply, batch=batch))
        return (time.process_time() - started) * 1e6

    async def close(self) -> None:
        for database in self._of.values():
            await database.close()

    def form(self, person: Person, cookie: int) -> NewRecord:
        """Each browser says once, before all visits, who sits before it."""
        event = {"type": "track", "event": "Form Submitted", "properties": {"email": person.email}}
        return self._web(person, cookie, f"form-{cookie}", _BEGIN - timedelta(days=1), event)

    def visit(self, person: Person) -> NewRecord:
        number = person.made
        person.made += 1
        source, medium = _SOURCES[number % len(_SOURCES)]
        url = f"https://shop.test/?utm_source={source}&utm_medium={medium}&utm_campaign=c{number % 3}"
        event = {"type": "page", "context": {"page": {"url": url}}}
        return self._web(person, number % person.cookies, f"visit-{number}", _when(person), event)

    def won_deal(self, person: Person) -> list[NewRecord]:
        person.deals += 1
        at = _when(person) + timedelta(seconds=1)
        deal = {
            "id": f"{person.name}-{person.deals}",
            "status": "won",
            "amount": f"{1000 + person.deals}.01",
            "currency": "EUR",
            "contacts": [{"id": person.name, "email": person.email}],
        }
        name = f"deal-{person.name}-{person.deals}"
        body = orjson.dumps({"type": "deal.updated", "id": name, "occurred_at": at.isoformat(), "deal": deal})
        webhook = Webhook("default", "generic", name, _micros(at), body)
        return [event_record(event) for event in DIALECTS["generic"](webhook, Context(self._keys.hmac_key)).events]

    def _web(self, person: Person, cookie: int, name: str, at: datetime, event: Mapping[str, object]) -> NewRecord:
        whole = {**event, "anonymousId": f"{person.name}-{cookie}", "messageId": f"{person.name}-{name}"}
        whole["timestamp"] = at.isoformat()
        return web_record(whole, self._origin, _micros(at))

    def _conclude(self, connection: Connection, batch: Batch) -> list[NewRecord]:
        self._identity.apply(connection, batch)
        outbox = outbox_table(self._identity.metadata)
        rows = connection.execute(select(outbox.c.topic, outbox.c.key, outbox.c.value).order_by(outbox.c.id)).all()
        if rows:
            connection.execute(delete(outbox))
        return [NewRecord(*row) for row in rows]


def _when(person: Person) -> datetime:
    return _BEGIN + person.made * timedelta(days=_DAYS) / person.touchpoints


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _batches(records: Iterable[NewRecord]) -> list[Batch]:
    """A batch for each run of records of one topic."""
    return [
        Batch(topic, 0, 0, 0, tuple(StoredRecord(0, record.key, record.value) for record in of_topic))
        for topic, of_topic in groupby(records, key=lambda record: record.topic)
    ]
