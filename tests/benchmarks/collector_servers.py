"""The servers that the benchmarks compare, all served as the product is, one process each.

`python -m tests.benchmarks.collector_servers KIND PORT DIRECTORY [KAFKA]`; `GET /cpu` answers the process's CPU seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wanamaker_collector.app import create_app
from wanamaker_collector.front_door import BODY_SECONDS
from wanamaker_collector.settings import CollectorSettings
from wanamaker_crm_bridge.app import create_app as create_bridge
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.service.serving import run_server

from . import naive
from .serving import SERVERS, stay_on

App = Callable[[Any, Any, Any], Any]

_REFUSES_NOBODY = 1e5
"""Requests a second from one sender."""


def bare(_: CollectorSettings) -> App:
    """Reads the body and answers: what the same server can do at all."""
    answer = b'{"success":true,"accepted":1,"failed":0,"results":[]}'
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())],
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await receive()
        await send(start)
        await send({"type": "http.response.body", "body": answer})

    return app


KINDS: dict[str, Callable[[CollectorSettings], App]] = {
    "bare": bare,
    "collector": create_app,
    "collector-kafka": create_app,
    "sql": lambda settings: naive.through_sql(settings.data),
    "nothing": lambda _: naive.storing_nothing(),
    "kafka": lambda settings: naive.through_kafka(settings.kafka or ""),
    "crm-bridge": lambda settings: create_bridge(BridgeSettings(data=settings.data)),
}


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
    kind, port, directory, kafka = sys.argv[1:]
    stay_on(SERVERS)
    settings = CollectorSettings(
        data=Path(directory),
        port=int(port),
        kafka=kafka or None,
        kafka_prefix="benchmark.",
        rate_address=_REFUSES_NOBODY,
        rate_cookie=_REFUSES_NOBODY,
        rate_key=_REFUSES_NOBODY * 10,
        log_level="warning",
    )
    app = KINDS[kind](settings)
    admission = getattr(app, "admission", None)  # the collector's own; nothing refuses for the others
    run_server(with_cpu(app), settings, body_seconds=BODY_SECONDS, admission=admission)


if __name__ == "__main__":
    main()
