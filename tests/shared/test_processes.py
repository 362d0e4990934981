"""The real processes: `serve` and `consume` come up, answer, and leave at SIGTERM with what they began finished."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.service.database import SqliteDatabase

from .tally import PARTITIONS, Tally, new

ROOT = Path(__file__).parents[2]
CONSUME = """
from tests.shared.tally import Tally
from wanamaker_shared.service import logs
from wanamaker_shared.service.consuming import run_consumer
from wanamaker_shared.service.settings import ServiceSettings
logs.configure("identity")
run_consumer(ServiceSettings(), "identity", lambda _: Tally())
"""
SERVE = """
import asyncio
from fastapi import FastAPI
from wanamaker_shared.service import logs
from wanamaker_shared.service.serving import run_server
from wanamaker_shared.service.settings import ServiceSettings
logs.configure("identity")
app = FastAPI()
@app.get("/slow")
async def slow() -> str:
    print("begun", flush=True)
    await asyncio.sleep(0.5)
    return "done"
@app.get("/quick")
async def quick() -> str:
    return "done"
run_server(app, ServiceSettings())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(program: str, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    environment = {f"WANAMAKER_{name.upper()}": str(value) for name, value in settings.items()}
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def until(condition: Callable[[], bool], child: subprocess.Popen[bytes], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert child.poll() is None, child.communicate()[1].decode()
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def answers(url: str, status: int = 200) -> bool:
    try:
        return httpx.get(url).status_code == status
    except httpx.TransportError:
        return False


def stopped(child: subprocess.Popen[bytes]) -> list[dict[str, object]]:
    """End it with SIGTERM; return its log lines."""
    child.send_signal(signal.SIGTERM)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors.decode()
    return [json.loads(line) for line in errors.splitlines()]


async def test_consume_takes_in_answers_for_itself_and_leaves(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path / "log", process="collector-serve", partitions=PARTITIONS)
    await log.append(new(["a", "b", "poison"]))
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(CONSUME, data=tmp_path, partitions=PARTITIONS, health_port=port) as child:
        until(lambda: answers(f"{url}/readyz"), child)
        until(lambda: 'outcome="failed"' in httpx.get(f"{url}/metrics").text, child)
        until(
            lambda: 'wanamaker_outbox_relayed_records_total{topic="failed-events"}' in httpx.get(f"{url}/metrics").text,
            child,
        )
        lines = stopped(child)
    assert {"consuming", "record set aside"} <= {str(line["event"]) for line in lines}
    assert "ann@example.com" not in json.dumps(lines)
    database = SqliteDatabase(tmp_path / "identity" / "g1.db")
    assert await Tally().words(database) == {"a": 1, "b": 1}
    await database.close()
    await log.close()


async def test_consume_stopped_by_too_many_failures_says_so(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path / "log", process="collector-serve", partitions=PARTITIONS)
    await log.append(new(["poison"] * 3))
    await log.close()
    with running(CONSUME, data=tmp_path, partitions=PARTITIONS, failed_limit=2) as child:
        _, errors = child.communicate(timeout=90)
    assert child.returncode == 1
    last = json.loads(errors.splitlines()[-1])
    assert last["event"] == "stopped"
    assert "raise WANAMAKER_FAILED_LIMIT" in last["reason"]


def test_serve_finishes_the_request_under_way(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(SERVE, data=tmp_path, port=port) as child:
        until(lambda: answers(f"{url}/quick"), child)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            assert child.stdout is not None
            assert child.stdout.readline() == b"begun\n"
            child.send_signal(signal.SIGTERM)
            connection.settimeout(10)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        child.communicate(timeout=60)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'"done"')
    assert b"server:" not in answer.lower()


@pytest.mark.parametrize("program", [CONSUME, SERVE])
def test_a_setting_that_is_no_setting_ends_it_at_once(program: str, tmp_path: Path) -> None:
    with running(program, data=tmp_path, port="http") as child:
        _, errors = child.communicate(timeout=90)
    assert child.returncode == 1
    assert json.loads(errors.splitlines()[-1])["error"].startswith("ValidationError (port: int_parsing)")


def test_a_log_line_that_finds_the_disk_full_stops_nothing() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full, and nothing else is a full disk for one process only")
    says = "import structlog; from wanamaker_shared.service import logs; logs.configure('identity')\n"
    says += "structlog.get_logger().error('said'); print('went on')"
    with full.open("w") as disk:
        ran = subprocess.run([sys.executable, "-c", says], stdout=subprocess.PIPE, stderr=disk, text=True, check=False)
    assert ran.stdout == "went on\n"
