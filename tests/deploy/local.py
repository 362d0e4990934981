"""Runs the services of docker-compose.yml as processes of this machine: their commands, their environments, their order.

Kafka and PostgreSQL are stood in for by real ones; what Docker would give (names of hosts, volumes, ports of one's own) is put in
by plain text replacement, everywhere alike.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.deploy.compose import ComposeService, in_order

JOB_SECONDS = 120
HEALTHY_SECONDS = 180
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class StandIns:
    """Text of the compose file → what it is here."""

    texts: Mapping[str, str]

    def put_in(self, text: str) -> str:
        """In one pass: what was put in is not replaced again."""
        there = sorted(self.texts, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, there)), lambda match: self.texts[match[0]], text)


def stand_ins(services: Mapping[str, ComposeService], *, kafka: str, postgres: str, directory: Path) -> StandIns:
    """A free port for each port that a service is told, the real parts, directories for the volumes."""
    any_of_ours = next(service for service in services.values() if "WANAMAKER_KAFKA" in service.environment)
    listened = {
        port
        for service in services.values()
        for name in ("WANAMAKER_PORT", "WANAMAKER_HEALTH_PORT")
        if (port := service.environment.get(name))
    }
    (directory / "keys").mkdir()
    (directory / "data").mkdir()
    return StandIns(
        {
            any_of_ours.environment["WANAMAKER_DATABASE"]: postgres,
            any_of_ours.environment["WANAMAKER_KAFKA"]: kafka,
            "/keys/": f"{directory}/keys/",
            "/data": f"{directory}/data",
            "0.0.0.0": "127.0.0.1",
            **dict(zip(sorted(listened), _free_ports(len(listened)), strict=True)),
        }
    )


@contextmanager
def running(services: Mapping[str, ComposeService], here: StandIns, directory: Path) -> Iterator[None]:
    """Run the jobs and start the others, each after what it waits for; yield once all are healthy; stop them backwards."""
    with ExitStack() as started:
        health: list[tuple[ComposeService, subprocess.Popen[bytes]]] = []
        for service in in_order(_ours(services)):
            if service.ends:
                _run_job(service, here, directory)
            else:
                process = started.enter_context(_process(service, here, directory))
                health.append((service, process))
        for service, process in health:
            _wait_until_healthy(service, process, here, directory)
        yield


def _ours(services: Mapping[str, ComposeService]) -> dict[str, ComposeService]:
    """Ours only, and nobody waits for the others: they run already."""
    ours = {name for name, service in services.items() if service.image is None}
    return {
        name: replace(
            services[name], after={other: how for other, how in services[name].after.items() if other in ours}
        )
        for name in ours
    }


def _run_job(service: ComposeService, here: StandIns, directory: Path) -> None:
    with _log(service, directory).open("wb") as log:
        subprocess.run(
            _command(service.command, here),
            env=_environment(service, here),
            cwd=directory,
            stdout=log,
            stderr=log,
            timeout=JOB_SECONDS,
            check=True,
        )


@contextmanager
def _process(service: ComposeService, here: StandIns, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    with _log(service, directory).open("wb") as log:
        process = subprocess.Popen(
            _command(service.command, here),
            env=_environment(service, here),
            cwd=directory,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(
    service: ComposeService, process: subprocess.Popen[bytes], here: StandIns, directory: Path
) -> None:
    kind, *check = service.health
    assert kind == "CMD", service.health
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        checked = subprocess.run(_command(tuple(check), here), capture_output=True, timeout=30, check=False)
        if checked.returncode == 0:
            return
        time.sleep(0.2)
    raise AssertionError(f"{service.name} is not healthy; it said:\n{_log(service, directory).read_text()[-3000:]}")


def _command(command: tuple[str, ...], here: StandIns) -> list[str]:
    program, *arguments = command
    return [str(Path(sys.executable).parent / program), *(here.put_in(argument) for argument in arguments)]


def _environment(service: ComposeService, here: StandIns) -> dict[str, str]:
    """The service's own environment and no setting of whoever runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WANAMAKER_")}
    return inherited | {name: here.put_in(value) for name, value in service.environment.items()}


def _log(service: ComposeService, directory: Path) -> Path:
    return directory / f"{service.name}.log"


def _free_ports(count: int) -> list[str]:
    """Asked for together, so that they differ."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [str(each.getsockname()[1]) for each in sockets]
