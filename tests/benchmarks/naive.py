"""What one would write in an afternoon: FastAPI routes with a pydantic body, to hold the collector against."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, event, insert

from .browser import BATCH_PATH

_TOPIC = "naive"
_PARTITIONS = 2
"""As many as ours has."""


class Page(BaseModel):
    url: str
    referrer: str | None = None
    title: str | None = None


class Library(BaseModel):
    name: str
    version: str


class Context(BaseModel):
    page: Page | None = None
    library: Library | None = None
    locale: str | None = None
    consent: dict[str, Any] | None = None


class Event(BaseModel):
    """What a plain route would validate of a Segment event."""

    type: Literal["page", "screen", "track", "identify", "group", "alias"]
    messageId: str
    anonymousId: str
    timestamp: datetime
    event: str | None = None
    context: Context = Context()
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}


class Batch(BaseModel):
    writeKey: str
    sentAt: datetime
    batch: list[Event]


def storing_nothing() -> FastAPI:
    """Validates and answers."""
    app = FastAPI()

    @app.post(BATCH_PATH)
    async def take(body: Batch) -> dict[str, Any]:
        return _taken(body)

    return app


def through_sql(directory: Path) -> FastAPI:
    """One durable INSERT through SQLAlchemy for each event."""
    engine = create_engine(f"sqlite:///{directory / 'naive.db'}")
    events = Table(
        "events",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("message_id", Text),
        Column("anonymous_id", Text),
        Column("body", Text),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    events.metadata.create_all(engine)
    app = FastAPI()

    # `async`, although it blocks: the thread pool of a `def` route makes this one slower still.
    @app.post(BATCH_PATH)
    async def take(body: Batch) -> dict[str, Any]:
        for each in body.batch:
            with engine.begin() as connection:
                row = {"message_id": each.messageId, "anonymous_id": each.anonymousId, "body": each.model_dump_json()}
                connection.execute(insert(events), [row])
        return _taken(body)

    return app


def through_kafka(servers: str) -> FastAPI:
    """Awaits Kafka's acknowledgement of each event, from an idempotent producer with the client's defaults."""
    producer: AIOKafkaProducer

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        nonlocal producer
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        await admin.start()
        await admin.create_topics([NewTopic(_TOPIC, num_partitions=_PARTITIONS, replication_factor=1)])
        await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            yield
        finally:
            await producer.stop()

    app = FastAPI(lifespan=lifespan)

    @app.post(BATCH_PATH)
    async def take(body: Batch) -> dict[str, Any]:
        await asyncio.gather(
            *(
                producer.send_and_wait(_TOPIC, key=each.anonymousId.encode(), value=each.model_dump_json().encode())
                for each in body.batch
            )
        )
        return _taken(body)

    return app


def _taken(body: Batch) -> dict[str, Any]:
    return {"success": True, "accepted": len(body.batch), "failed": 0, "results": []}
