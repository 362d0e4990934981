"""The command as a person runs it, and one demo that several test files look at."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from wanamaker_standalone.simulation.simulate import simulate
from wanamaker_standalone.simulation.values import Simulation, Truth

DAYS = 30
"""Of the demo that the tests share."""
WANAMAKER = Path(sys.executable).parent / "wanamaker"
PATIENCE = 180


def wanamaker(*arguments: object, data: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WANAMAKER, *map(str, arguments), *(("--data", data) if data else ())],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=clean() | environment,
        check=False,
    )


def clean() -> dict[str, str]:
    """The environment without what would send this to somebody's Kafka."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WANAMAKER_")}


@dataclass(frozen=True, slots=True)
class Demo:
    data: Path
    printed: str
    attribution: str
    simulation: Simulation
    reports: dict[str, Any]
    """Model → the answer of /v1/roi by channel."""
    exit_code: int

    @property
    def truth(self) -> Truth:
        return self.simulation.truth


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Runs once, with `--keep-running`; asks the reports; stops it with Ctrl-C."""
    data = tmp_path_factory.mktemp("demo") / "data"
    printed = data.parent / "printed"
    with printed.open("w") as output:
        running = subprocess.Popen(
            [WANAMAKER, "demo", "--days", str(DAYS), "--keep-running", "--data", data],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clean(),
        )
        try:
            text = until(printed, "Running until Ctrl-C", running)
            address = found(r"(http://\S+)/ +the ROI table", text)
            script = json.loads((data / "demo.json").read_text())
            end = date.fromisoformat(script["end"])
            reports = {model: ask(data, address, model, end) for model in ("linear", "first_touch", "last_touch")}
        finally:
            running.send_signal(signal.SIGINT)
            exit_code = running.wait(PATIENCE)
    return Demo(data, printed.read_text(), address, simulate(script["seed"], DAYS, end), reports, exit_code)


def until(printed: Path, line: str, running: subprocess.Popen[bytes]) -> str:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        text = printed.read_text()
        if re.search(rf"{re.escape(line)}.*\n(.*\n){{4}}", text):
            return text
        assert running.poll() is None, text
        time.sleep(0.1)
    raise AssertionError(printed.read_text())


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]


def ask(data: Path, address: str, model: str, end: date) -> Any:
    keys = json.loads((data / "keys.json").read_text())
    query = {
        "model": model,
        "basis": "conversion",
        "group_by": "channel",
        "from": (end - timedelta(days=DAYS - 1)).isoformat(),
        "to": end.isoformat(),
    }
    headers = {"authorization": f"Bearer {keys['analyst_key']}"}
    answer = httpx.get(f"{address}/v1/roi", params=query, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()
