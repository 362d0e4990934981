"""The Kafka of a benchmark: `WANAMAKER_BENCH_KAFKA` (host:port), else a real one of its own where the machine can run it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.parts.kafka import running_kafka
from tests.parts.missing import PartMissing


@contextmanager
def kafka_servers() -> Iterator[str | None]:
    """Bootstrap servers; None where there is no Kafka (and a line says why) or `WANAMAKER_BENCH_KAFKA=none`."""
    servers = os.environ.get("WANAMAKER_BENCH_KAFKA")
    with ExitStack() as parts:
        if not servers:
            try:
                servers = parts.enter_context(running_kafka()).servers
            except PartMissing as missing:
                print(f"without Kafka: {missing}")
        yield None if servers == "none" else servers
