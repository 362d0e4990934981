"""The servers that the collector's benchmark compares, each in a process of its own, on one core where the system allows it.

`python -m tests.benchmarks.collector_servers KIND PORT CORE DIRECTORY`; `GET /cpu` answers the process's CPU seconds.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, event, insert

from wanamaker_collector.app import create_app
from wanamaker_collector.settings import CollectorSettings

App = Callable[[Any, Any, Any], Any]


def bare(_: Path) -> App:
    """Reads the body and answers: what the same server can do at all."""
    answer = b'{"success":true,"accepted":1,"failed":0,"results":[]}'
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())],
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(start)
        await send({"type": "http.response.body", "body": answer})

    return app


def collector(directory: Path) -> App:
    """The collector as it is served."""
    return create_app(CollectorSettings(data=directory))


class Event(BaseModel):
    """What a plain route would validate of a Segment event."""

    type: str
    messageId: str
    anonymousId: str
    timestamp: str
    sentAt: str | None = None
    event: str | None = None
    context: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}


def plain(directory: Path) -> App:
    """FastAPI, a pydantic body, and one durable INSERT through SQLAlchemy for each event."""
    engine = create_engine(f"sqlite:///{directory / 'plain.db'}")
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
    @app.post("/v1/{kind}")
    async def take(kind: str, body: Event) -> dict[str, Any]:
        with engine.begin() as connection:
            row = {"message_id": body.messageId, "anonymous_id": body.anonymousId, "body": body.model_dump_json()}
            connection.execute(insert(events), [row])
        return {"success": True, "accepted": 1, "failed": 0, "results": []}

    return app


KINDS: dict[str, Callable[[Path], App]] = {"bare": bare, "collector": collector, "plain": plain}


def with_cpu(app: App) -> App:
    """The same application, which also tells what it has cost."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/cpu":
            await app(scope, receive, send)
            return
        body = str(time.process_time()).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    return outer


def main() -> None:
    kind, port, core, directory = sys.argv[1:]
    if core != "any":
        os.sched_setaffinity(0, {int(core)})
    uvicorn.run(
        with_cpu(KINDS[kind](Path(directory))),
        port=int(port),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off" if kind == "bare" else "on",
    )


if __name__ == "__main__":
    main()
