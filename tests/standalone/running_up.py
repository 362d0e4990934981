"""A running `wanamaker up` that tests look at, speak to and do harm to."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from .running_demo import PATIENCE, WANAMAKER, clean

T = TypeVar("T")


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

    def addresses(self) -> dict[str, str]:
        """Service → base URL, once all are ready."""
        return dict(re.findall(r"([\w-]+) (http://\S+)", self.until(r"(?m)^ready .*$")[0]))

    def children(self) -> dict[str, int]:
        """`identity-consume` → process id, as the kernel knows them."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=False)
        every = re.findall(r"^ *(\d+) +(\d+) wanamaker ([\w-]+)$", listed.stdout, re.MULTILINE)
        server = next((pid for pid, parent, _ in every if parent == str(self.process.pid)), None)
        return {name: int(pid) for pid, parent, name in every if parent == server}

    def printed(self) -> str:
        return self._printed.read_text()

    def end(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)
        return self.printed()


def wait_for(look: Callable[[], T | None]) -> T:
    give_up = time.monotonic() + PATIENCE
    while (seen := look()) is None:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return seen


@contextmanager
def running_up(data: Path) -> Iterator[Up]:
    """Started; stopped with Ctrl-C in the end."""
    started = Up(data)
    try:
        yield started
    finally:
        started.end()


def alive(pid: int) -> bool:
    """Running, and not merely waiting for somebody to read its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
