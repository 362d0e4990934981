"""An acknowledged record survives: `kill -9` at any moment, and (counted, for a kill cannot show it) a power cut."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.eventlog.following import everything
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord

APPENDING = Path(__file__).with_name("appending.py")


def acknowledged_until_killed(directory: Path, kill_after: int) -> list[int]:
    """The numbers that an appending process told before it died of `kill -9`, which comes after so many of them."""
    with subprocess.Popen([sys.executable, APPENDING, directory, "40"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(kill_after)]
        child.kill()
        return [int(line) for line in told + child.stdout.read().split(b"\n")[:-1]]


async def test_a_killed_writer_loses_no_acknowledged_record(tmp_path: Path) -> None:
    for kill_after in (1, 400, 3000):
        directory = tmp_path / str(kill_after)
        acknowledged = acknowledged_until_killed(directory, kill_after)

        log = EmbeddedLog(directory, "writer")
        stored = [int(record.value) for found in (await everything(log, "topic")).values() for record in found]
        assert len(stored) == len(set(stored))
        assert set(acknowledged) <= set(stored)
        await log.append([NewRecord("topic", "a", b"after")])
        assert sum((await log.end_positions(["topic"])).values()) == len(stored) + 1
        await log.close()


def test_the_write_ahead_log_is_synced_between_its_last_write_and_the_answer(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed, and nothing else shows a sync")
    trace = tmp_path / "trace"
    command = [strace, "-f", "-y", "-o", str(trace), "-e", "trace=write,pwrite64,fsync,fdatasync", sys.executable]
    traced = subprocess.run(
        [*command, str(APPENDING), str(tmp_path / "log"), "1", "20"], capture_output=True, check=False
    )
    if not trace.exists() or b"ptrace" in traced.stderr.lower():
        pytest.skip(f"strace may not trace here: {traced.stderr.decode()[:200]}")
    assert traced.returncode == 0, traced.stderr.decode()

    unsynced, syncs, answers = False, 0, 0
    syncing: set[str] = set()  # threads whose sync has begun and not ended: their line is cut in two
    for line in trace.read_text().splitlines():
        thread, call = line.split(maxsplit=1)
        if re.match(r"pwrite64\(\d+<[^>]*topic\.db-wal>", call):
            unsynced = True
        elif re.match(r"f(data)?sync\(\d+<[^>]*topic\.db-wal>", call) and "unfinished" in call:
            syncing.add(thread)
        elif re.match(r"f(data)?sync\(\d+<[^>]*topic\.db-wal>", call) or (
            thread in syncing and re.match(r"<\.\.\. f(data)?sync resumed>", call)
        ):
            syncing.discard(thread)
            unsynced, syncs = False, syncs + 1
        elif re.match(r"write\(1<[^>]*>, \"\d+\\n\"", call):
            assert not unsynced, f"answer {answers} was given before its records were synced"
            answers += 1
    assert answers == 20
    assert syncs >= 20
