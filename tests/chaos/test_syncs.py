"""2xx means on disk: the collector's answers under strace. A kill cannot show a sync, a power cut would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.eventlog.syncs import answers_after_syncs, skip_if_not_traced, traced_into
from tests.standalone.running_demo import PATIENCE, clean
from tests.standalone.running_up import wait_for
from wanamaker_shared.service.keys import new_workspace, write_keys

pytestmark = pytest.mark.e2e

SINGLE, BATCHES = 20, 5


@pytest.mark.parametrize(
    ("settings", "status", "wal"),
    [
        ({}, 200, "web-events.db-wal"),
        ({"WANAMAKER_KAFKA": "127.0.0.1:1", "WANAMAKER_ACKNOWLEDGE_SECONDS": "0.5"}, 202, "spool.db-wal"),
    ],
    ids=["embedded log", "spool"],
)
def test_each_2xx_of_the_collector_comes_after_a_sync(
    tmp_path: Path, settings: dict[str, str], status: int, wal: str
) -> None:
    keys = new_workspace("default")
    write_keys(tmp_path / "keys.json", keys)
    trace = tmp_path / "trace"
    with traced_collector(tmp_path, trace, settings) as address, httpx.Client(auth=(keys["write_key"], "")) as client:
        for number in range(SINGLE):
            answer = client.post(f"{address}/v1/page", json={"anonymousId": "c1", "messageId": f"s{number}"})
            assert answer.status_code == status, answer.text
        for number in range(BATCHES):
            events = [{"type": "page", "anonymousId": "c1", "messageId": f"b{number}-{each}"} for each in range(50)]
            assert client.post(f"{address}/v1/batch", json={"batch": events}).json()["accepted"] == 50
    answers, syncs = answers_after_syncs(trace, wal, rb'(write|send)\w*\(\d+<.*"HTTP/1\.1 %d' % status)
    assert answers >= SINGLE + BATCHES
    assert syncs >= SINGLE + BATCHES


@contextmanager
def traced_collector(data: Path, trace: Path, settings: dict[str, str]) -> Iterator[str]:
    """Its address, once it answers; the trace is whole when it is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = {**clean(), "WANAMAKER_DATA": str(data), "WANAMAKER_PORT": str(port), **settings}
    command = [*traced_into(trace), sys.executable, "-m", "wanamaker_collector", "serve"]
    complaints = data / "complaints"
    with complaints.open("wb") as output:
        strace = subprocess.Popen(command, env=environment, stderr=output)
    try:

        def ready() -> bool | None:
            if strace.poll() is not None:
                skip_if_not_traced(trace, complaints.read_bytes())
            try:
                return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200 or None
            except httpx.TransportError:
                return None

        wait_for(ready)
        yield f"http://127.0.0.1:{port}"
    finally:
        children = Path(f"/proc/{strace.pid}/task/{strace.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)
        strace.wait(PATIENCE)
