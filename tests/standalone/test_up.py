"""`wanamaker up` with the real services: ready line, second start, a killed child, a killed supervisor, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from .running_demo import PATIENCE, WANAMAKER, clean, wanamaker

T = TypeVar("T")
SERVED = ("collector", "identity", "crm-bridge", "attribution")


class Up:
    """A running `wanamaker up` and what it printed."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._printed = data.parent / f"{data.name}.printed"
        with self._printed.open("w") as output:
            self.process = subprocess.Popen(
                [WANAMAKER, "up", "--data", data, "--ports", "0,0,0,0"], stdout=output, stderr=output, env=clean()
            )

    def until(self, pattern: str) -> re.Match[str]:
        def look() -> re.Match[str] | None:
            assert self.process.poll() is None, self._printed.read_text()
            return re.search(pattern, self._printed.read_text())

        return wait_for(look)

    def children(self) -> dict[str, int]:
        """`identity-consume` → process id, as the kernel knows them."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        found = re.findall(r"^ *(\d+) .*-m wanamaker_(\w+) (serve|consume)$", listed.stdout, re.MULTILINE)
        return {f"{service.replace('_', '-')}-{does}": int(pid) for pid, service, does in found}

    def end(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)
        return self._printed.read_text()


def wait_for(look: Callable[[], T | None]) -> T:
    give_up = time.monotonic() + PATIENCE
    while (seen := look()) is None:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return seen


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    started = Up(tmp_path / "data")
    try:
        yield started
    finally:
        started.end()


def test_up_from_ready_to_ctrl_c(up: Up) -> None:
    line = up.until("^ready .*$|(?<=\n)ready .*")[0]
    addresses = dict(re.findall(r"([\w-]+) (http://\S+)", line))
    assert tuple(addresses) == SERVED
    for address in addresses.values():
        assert httpx.get(f"{address}/readyz").status_code == 200
    assert len(up.children()) == 7

    second = wanamaker("up", data=up.data)
    assert second.returncode == 2
    assert f"already running on {up.data} (process {up.process.pid})" in second.stderr

    killed = up.children()["identity-consume"]
    os.kill(killed, signal.SIGKILL)
    up.until("identity-consume was killed by SIGKILL; starting it again in")
    wait_for(lambda: up.children().get("identity-consume") not in (None, killed) or None)

    left = up.children().values()
    printed = up.end()
    assert up.process.returncode == 0
    assert printed.endswith("stopping\nstopped\n")
    assert "was killed\n" not in printed
    assert not any(alive(pid) for pid in left)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells children that their parent died")
def test_children_do_not_outlive_a_killed_supervisor(up: Up) -> None:
    up.until("ready ")
    children = up.children().values()
    up.process.kill()
    up.process.wait()
    wait_for(lambda: None if any(alive(pid) for pid in children) else True)


def alive(pid: int) -> bool:
    """Running, and not merely waiting for somebody to read its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
