"""An acknowledged record survives: `kill -9` at any moment, and (counted, for a kill cannot show it) a power cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.eventlog.following import everything
from tests.eventlog.syncs import answers_after_syncs, skip_if_not_traced, traced_into
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
    trace = tmp_path / "trace"
    traced = subprocess.run(
        [*traced_into(trace), sys.executable, APPENDING, tmp_path / "log", "1", "20"], capture_output=True, check=False
    )
    skip_if_not_traced(trace, traced.stderr)
    assert traced.returncode == 0, traced.stderr.decode()
    answers, syncs = answers_after_syncs(trace, "topic.db-wal", rb'write\(1<[^>]*>, "\d+\\n"')
    assert answers == 20
    assert syncs >= 20
