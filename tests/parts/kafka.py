"""A real Apache Kafka: one node in KRaft mode on 127.0.0.1, its data in a temporary directory, gone when it stops."""

from __future__ import annotations

import base64
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from .apart import run_apart
from .jars import jars, java

START_SECONDS = 180.0

PROPERTIES = Path(__file__).parents[2] / "deploy" / "kafka" / "server.properties"
"""The broker is the one we tell users to run, but for where it listens, where it writes, and how long it waits at the start."""

_HERE = """
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={directory}/data
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
"""


class RunningKafka:
    """Answers when it is made. To be used from the main thread: the broker dies with the thread that started it."""

    def __init__(self, servers: str, command: list[str], log: Path) -> None:
        self.servers = servers
        self._command = command
        self._log = log
        self.start()

    @property
    def pid(self) -> int:
        return self._broker.pid

    def start(self) -> None:
        """Also again, on the data that it had. Raises RuntimeError with its log if it does not answer."""
        with self._log.open("ab") as output:
            self._broker = subprocess.Popen(
                self._command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                preexec_fn=_die_with_parent,
                start_new_session=True,  # Ctrl-C is for us; we stop it in our own time
            )
        try:
            _wait_until_it_answers(self._broker, self.servers, self._log)
        except BaseException:
            self.kill()
            raise

    def pause(self) -> None:
        """The broker hangs: connections stay, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)  # until its last thread has stopped

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9`, whether it hangs or not. Nobody needs its data in the end: there is no orderly stop."""
        self._broker.kill()
        self._broker.wait()


@contextmanager
def running_kafka() -> Iterator[RunningKafka]:
    """Raises PartMissing where Kafka cannot be had, RuntimeError with its log where it does not start."""
    command, classes = java(), f"{jars()}/*"
    directory = Path(tempfile.mkdtemp(prefix="wanamaker-kafka-"))
    port, controller = _free_ports(2)
    properties = directory / "server.properties"
    here = _HERE.format(port=port, controller=controller, directory=directory)
    properties.write_text(PROPERTIES.read_text() + here)  # of a key given twice, the last counts
    # A small heap, and no second compiler: it lives for seconds.
    run = [command, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
    run += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classes]
    try:
        identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # `=`: an identity may begin with a dash
        formatting = [*run, "kafka.tools.StorageTool", "format", f"--cluster-id={identity}", "-c", str(properties)]
        subprocess.run(formatting, check=True, capture_output=True, timeout=START_SECONDS)
        kafka = RunningKafka(f"127.0.0.1:{port}", [*run, "kafka.Kafka", str(properties)], directory / "kafka.log")
        try:
            yield kafka
        finally:
            kafka.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _wait_until_it_answers(broker: subprocess.Popen[bytes], servers: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    host, _, port = servers.rpartition(":")
    while time.monotonic() < deadline and broker.poll() is None:
        with socket.socket() as knock:
            knock.settimeout(1.0)
            answered = knock.connect_ex((host, int(port))) == 0
        if answered and run_apart(_has_a_broker(servers)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"Kafka did not start within {START_SECONDS:g} s; it said: {log.read_text()[-2000:]}")


async def _has_a_broker(servers: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=2000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        return bool(cluster["brokers"])
    except KafkaError:
        return False
    finally:
        await admin.close()


def _free_ports(count: int) -> list[int]:
    """Asked for together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _die_with_parent() -> None:
    """Runs in the child: a test run that is killed leaves no broker behind (Linux; elsewhere it would)."""
    death_signal = 1  # PR_SET_PDEATHSIG
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(death_signal, signal.SIGKILL)
