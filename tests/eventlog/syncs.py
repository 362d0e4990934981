"""Whether each answer of a process came after a sync of what it promised: read from strace, for nothing else shows a sync."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

_SYNC = rb"f(data)?sync"
_WRITES = "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg"


def traced_into(trace: Path) -> list[str | Path]:
    """What stands before the command that is to be traced. Skips the test where there is no strace."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed, and nothing else shows a sync")
    return [strace, "-f", "-y", "-s", "64", "-o", trace, "-e", f"trace={_WRITES},fsync,fdatasync"]


def skip_if_not_traced(trace: Path, complaint: bytes) -> None:
    if not trace.exists() or b"ptrace" in complaint.lower():
        pytest.skip(f"strace may not trace here: {complaint.decode()[:200]}")


def answers_after_syncs(trace: Path, wal: str, answer: bytes) -> tuple[int, int]:
    """How many answers (calls that match `answer`) there were, and how many syncs of the file whose name ends in `wal`.

    Fails if at an answer the file had been written since its last sync ended.
    """
    name = re.escape(wal.encode())
    written = re.compile(rb"pwrite\w*\(\d+<[^>]*" + name + rb">")
    synced = re.compile(_SYNC + rb"\(\d+<[^>]*" + name + rb">")
    resumed = re.compile(rb"<\.\.\. " + _SYNC + rb" resumed>")
    answered = re.compile(answer)
    unsynced, syncs, answers = False, 0, 0
    syncing: set[bytes] = set()  # threads whose sync has begun and not ended: their line is cut in two
    for line in trace.read_bytes().splitlines():
        thread, call = line.split(maxsplit=1)
        if written.match(call):
            unsynced = True
        elif synced.match(call) and b"unfinished" in call:
            syncing.add(thread)
        elif synced.match(call) or (thread in syncing and resumed.match(call)):
            syncing.discard(thread)
            unsynced, syncs = False, syncs + 1
        elif answered.match(call):
            assert not unsynced, f"answer {answers} was given before its records were synced"
            answers += 1
    return answers, syncs
