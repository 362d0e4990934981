"""The supervisor over small stand-ins: ready line, order of stopping, restart, giving up, killing, refusing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from wanamaker_standalone.refusal import Refusal
from wanamaker_standalone.supervisor import ports
from wanamaker_standalone.supervisor.child import GaveUp, Patience
from wanamaker_standalone.supervisor.lock import is_running, only_one
from wanamaker_standalone.supervisor.processes import STOP_ORDER, Process, processes
from wanamaker_standalone.supervisor.supervisor import Supervisor as SupervisorWithLibraries
from wanamaker_standalone.supervisor.supervisor import supervised

Supervisor = partial(SupervisorWithLibraries, common=())
"""The stand-ins share nothing."""
QUICK = Patience(first_pause=0.01, longest_pause=0.05, tries=3, stop=5)


def stand_in(name: str, tmp_path: Path, does: str = "ready") -> Process:
    (port,) = ports.choose("127.0.0.1", [0])
    environment = {"PORT": str(port), "NAME": name, "JOURNAL": str(tmp_path / "journal")}
    return Process(name, ("tests.standalone.stand_in", does), environment, f"http://127.0.0.1:{port}")


@pytest.fixture
def said() -> list[str]:
    return []


async def test_all_are_ready_then_stop_in_order(tmp_path: Path, said: list[str]) -> None:
    names = [name for stage in STOP_ORDER for name in stage]
    supervisor = Supervisor([stand_in(name, tmp_path) for name in reversed(names)], tmp_path / "logs", said.append)
    async with supervised(supervisor):
        await supervisor.ready()
    left = (tmp_path / "journal").read_text().split()
    assert left[:5] == names[:5], "one after the other"
    assert set(left[5:]) == {"identity-serve", "attribution-serve"}, "those who only answer leave together, last"
    assert (tmp_path / "logs" / "identity-consume.log").read_text() == "serving\n"
    assert said == []


async def test_a_crashed_child_is_started_again_and_said_so(tmp_path: Path, said: list[str]) -> None:
    noticed = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        noticed.set()

    supervisor = Supervisor([stand_in("collector-serve", tmp_path)], tmp_path, say, patience=QUICK)
    async with supervised(supervisor), asyncio.timeout(10):
        await supervisor.ready()
        first = supervisor.children["collector-serve"].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await noticed.wait()
        await supervisor.ready()
        assert supervisor.children["collector-serve"].pid not in (None, first)
    assert said == [
        f"collector-serve was killed by SIGKILL; starting it again in 0.01 s (its log: {tmp_path}/collector-serve.log)"
    ]


async def test_each_is_shown_by_its_name(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor([stand_in("collector-serve", tmp_path)], tmp_path, said.append)
    async with supervised(supervisor):
        await supervisor.ready()
        pid = supervisor.children["collector-serve"].pid
        assert shown("args", pid) == "wanamaker collector-serve"
        assert shown("args", int(shown("ppid", pid))) == "wanamaker fork-server"


async def test_what_is_shared_is_imported_and_may_print_or_be_missing(tmp_path: Path, said: list[str]) -> None:
    """`this` prints a poem."""
    common = ("this", "nowhere.to.be.found")
    supervisor = SupervisorWithLibraries([stand_in("identity-serve", tmp_path)], tmp_path, said.append, common=common)
    async with supervised(supervisor):
        await supervisor.ready()
    printed = (tmp_path / "identity-serve.log").read_text()
    assert "Simple is better than complex." in printed
    assert printed.endswith("serving\n")
    assert said == []


async def test_a_fork_server_that_was_killed_is_started_again_with_all_its_children(
    tmp_path: Path, said: list[str]
) -> None:
    names = ["collector-serve", "identity-serve"]
    stand_ins = [stand_in(name, tmp_path) for name in names]
    both = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        if len(said) == len(names):
            both.set()

    supervisor = Supervisor(stand_ins, tmp_path, say, patience=QUICK)
    async with supervised(supervisor), asyncio.timeout(20):
        await supervisor.ready()
        before = {name: supervisor.children[name].pid for name in names}
        os.kill(int(shown("ppid", before["collector-serve"])), signal.SIGKILL)
        await both.wait()
        await supervisor.ready()
        assert not before.items() & {name: supervisor.children[name].pid for name in names}.items()
    left = (tmp_path / "journal").read_text().split()
    assert sorted(left) == sorted(2 * names), "each left when told to: with the server, and at the end"
    assert sorted(line.split()[0] for line in said) == names


def shown(what: str, pid: int | None) -> str:
    """One column of `ps`."""
    listed = subprocess.run(["ps", "-o", f"{what}=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return listed.stdout.strip()


async def test_one_that_never_becomes_ready_ends_it_all_with_the_end_of_its_log(
    tmp_path: Path, said: list[str]
) -> None:
    supervisor = Supervisor(
        [stand_in("collector-serve", tmp_path), stand_in("identity-serve", tmp_path, "broken")],
        tmp_path,
        said.append,
        patience=QUICK,
    )
    with pytest.raises(GaveUp, match=r"identity-serve ended with exit code 1 3 times .*\n *no such setting"):
        async with supervised(supervisor):
            await supervisor.ready()
    assert len(said) == 2, "two restarts, then it gives up"
    assert (tmp_path / "journal").read_text() == "collector-serve\n", "the others are stopped"


async def test_a_child_that_does_not_stop_is_killed(tmp_path: Path, said: list[str]) -> None:
    patience = Patience(stop=0.2)
    supervisor = Supervisor([stand_in("collector-serve", tmp_path, "deaf")], tmp_path, said.append, patience=patience)
    async with supervised(supervisor):
        await supervisor.ready()
        pid = supervisor.children["collector-serve"].pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "collector-serve did not stop in time and was killed" in said[0]


async def test_a_second_ctrl_c_does_not_wait(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor([stand_in("collector-serve", tmp_path, "deaf")], tmp_path, said.append)
    async with asyncio.timeout(10):
        async with supervised(supervisor):
            await supervisor.ready()
            supervisor.hurry()


def test_every_process_has_a_turn_to_stop() -> None:
    every = processes(Path("data"), "127.0.0.1", [1, 2, 3, 4], [5, 6, 7])
    assert sorted(process.name for process in every) == sorted(name for stage in STOP_ORDER for name in stage)


def test_processes_are_the_production_commands() -> None:
    every = {process.name: process for process in processes(Path("/d"), "::1", [1, 2, 3, 4], [5, 6, 7])}
    bridge = every["crm-bridge-consume"]
    assert bridge.command == ("wanamaker_crm_bridge", "consume")
    assert bridge.environment == {"WANAMAKER_DATA": "/d", "WANAMAKER_HOST": "::1", "WANAMAKER_HEALTH_PORT": "5"}
    assert bridge.address == "http://[::1]:5"


@pytest.fixture
def taken_port() -> Iterator[int]:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_named_with_its_service(taken_port: int) -> None:
    with pytest.raises(Refusal, match=rf"port {taken_port} \(identity\)"):
        ports.require_free("127.0.0.1", [0, taken_port, 0, 0])


def test_chosen_ports_differ_and_given_ones_stay() -> None:
    chosen = ports.choose("127.0.0.1", [0, 8123, 0, 0], spare=3)
    assert chosen[1] == 8123
    assert len(set(chosen)) == 7


@pytest.mark.parametrize("text", ["8001", "1,2,3,x", "1,2,3,70000", ""])
def test_misshapen_ports_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match="four port numbers"):
        ports.parse(text)


def test_a_second_supervisor_on_one_directory_is_refused(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with only_one(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(Refusal, match=rf"already running on .* \(process {os.getpid()}\)"), only_one(tmp_path):
            pass
    with only_one(tmp_path):
        pass
