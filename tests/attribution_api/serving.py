"""Attribution's `serve` over what its projection made of a history, in one process and a directory of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from tests.attribution.identity_by_oracle import identity_updates
from tests.oracle import tables
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS
from wanamaker_attribution.app import create_app
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_attribution.settings import AttributionSettings
from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.eventlog.port import Batch, NewRecord, StoredRecord
from wanamaker_shared.eventlog.runner import prepare_tables, run_until_caught_up
from wanamaker_shared.eventlog.step import step
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.keys import Keyring, WorkspaceKeys, write_keys

PARTITIONS = 2
NOW = 1_775_000_000_000_000
KEYRING = Keyring(
    WorkspaceKeys(name, f"w-{name}", f"s-{name}", f"r-{name}", f"a-{name}", key.hex(), {}) for name, key in KEYS.items()
)
Records = Sequence[tuple[str, str, bytes]]


def records_of(entries: Sequence[Entry]) -> Records:
    """What the log would hold, with what a right identity service says about it."""
    return [
        *(record for record in logged(entries) if record[0] != "decisions"),
        *identity_updates(tables(entries, KEYS)),
    ]


def batches_of(records: Records) -> list[Batch]:
    places: dict[tuple[str, int], list[StoredRecord]] = {}
    for topic, key, value in records:
        stored = places.setdefault((topic, partition_for(key, PARTITIONS)), [])
        stored.append(StoredRecord(len(stored), key, value))
    return [Batch(*place, 0, len(stored), tuple(stored)) for place, stored in places.items()]


class Api:
    """A client; `get` and `send` use w1's keys unless told."""

    def __init__(self, client: httpx.AsyncClient, data: Path) -> None:
        self.client = client
        self.data = data

    async def get(self, path: str, *, workspace: str = "w1", **parameters: Any) -> Any:
        """The JSON of a 200."""
        answer = await self.ask(path, workspace=workspace, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(
        self, path: str, *, workspace: str = "w1", headers: dict[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        """`from_` is the parameter `from`."""
        sent = {name.rstrip("_"): value for name, value in parameters.items()}
        return await self.client.get(path, params=sent, headers=bearer(f"r-{workspace}") | (headers or {}))

    async def refused(self, status: int, path: str, **parameters: Any) -> dict[str, Any]:
        """The problem document."""
        return problem_of(await self.ask(path, **parameters), status)

    async def send(
        self, method: str, path: str, body: bytes | str, *, key: str = "a-w1", kind: str = "application/json"
    ) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        headers = bearer(key) | {"Content-Type": kind}
        return await self.client.request(method, path, content=content, headers=headers)

    async def pages(self, path: str, name: str, limit: int, **parameters: Any) -> list[list[Any]]:
        """All pages of a list."""
        pages: list[list[Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.get(path, limit=limit, **cursor, **parameters)
            pages.append(answer[name])
            if answer["next"] is None:
                return pages
            cursor = {"cursor": answer["next"]}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    return document


def settings_in(data: Path) -> AttributionSettings:
    documents = [
        {
            "workspace": keys.workspace,
            "write_key": keys.write_key,
            "secret_key": keys.secret_key,
            "analyst_key": keys.analyst_key,
            "admin_key": keys.admin_key,
            "workspace_key": keys.workspace_key,
            "webhooks": {},
        }
        for keys in KEYRING.workspaces.values()
    ]
    write_keys(data / "keys.json", documents[0] | {"workspaces": documents[1:]})
    return AttributionSettings(data=data, partitions=PARTITIONS, rate_table_seconds=0)


async def take_in(database: Database, records: Records) -> None:
    """Make the tables of these records, past any log."""
    projection = AttributionProjection(KEYRING, now=lambda: NOW)
    await prepare_tables(projection, database)
    for batch in batches_of(records):
        await step(projection, database, batch, group="attribution")


async def lay_out(data: Path, entries: Sequence[Entry]) -> None:
    """Write the keys, the log, and the tables of these records, into a directory."""
    settings_in(data)
    await append(data, records_of(entries))
    await catch_up(data)


async def append(data: Path, records: Records) -> None:
    """Append to the log, each topic as a process that may write it."""
    by_writer: dict[str, list[NewRecord]] = {}
    for topic, key, value in records:
        by_writer.setdefault(TOPICS[topic].writers[0], []).append(NewRecord(topic, key, value))
    for writer, its in by_writer.items():
        log = EmbeddedLog(data / "log", process=writer, partitions=PARTITIONS)
        await log.append(its)
        await log.close()


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Api]:
    """`serve` over a directory that was laid out."""
    app = create_app(settings_in(data), clock=lambda: NOW)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://attribution.test") as client,
    ):
        yield Api(client, data)


@asynccontextmanager
async def serving(data: Path, entries: Sequence[Entry] = ()) -> AsyncIterator[Api]:
    """`serve` over the tables of these records."""
    await lay_out(data, entries)
    async with opened(data) as api:
        yield api


async def catch_up(data: Path) -> None:
    """Take in what the log holds past the tables that are there."""
    log = EmbeddedLog(data / "log", process="attribution-consume", partitions=PARTITIONS)
    database = SqliteDatabase(data / "attribution" / "g1.db", durable=False)
    projection = AttributionProjection(KEYRING, now=lambda: NOW)
    await run_until_caught_up(projection, log, database, "attribution")
    await database.close()
    await log.close()


async def rows_of(data: Path, table: Any) -> list[dict[str, Any]]:
    database = SqliteDatabase(data / "attribution" / "g1.db", durable=False)
    rows = await database.read(lambda connection: [dict(row) for row in connection.execute(select(table)).mappings()])
    await database.close()
    return rows
