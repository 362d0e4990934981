"""`wanamaker up` with the real services: ready line, second start, a killed child, a killed supervisor, Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .running_demo import wanamaker
from .running_up import Up, alive, running_up, wait_for

SERVED = ("collector", "identity", "crm-bridge", "attribution")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    with running_up(tmp_path / "data") as started:
        yield started


def test_up_from_ready_to_ctrl_c(up: Up) -> None:
    addresses = up.addresses()
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
