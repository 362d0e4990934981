"""The bell: an 8-byte counter in a shared mapping that the writer raises after each commit, so that readers wake cheaply.

Reading it is a memory access, no system call; a reader looks every few milliseconds. It carries no truth: a missed ring
only delays a reader until its next regular look at the file.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

_COUNTER = struct.Struct("=Q")


class Bell:
    """Whoever comes first makes the file, writer or reader; nobody removes it."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _COUNTER.size:
                os.ftruncate(descriptor, _COUNTER.size)
            self._memory = mmap.mmap(descriptor, _COUNTER.size)
        finally:
            os.close(descriptor)

    def ring(self) -> None:
        """For the file's one writer only."""
        _COUNTER.pack_into(self._memory, 0, (self.count() + 1) & 0xFFFFFFFFFFFFFFFF)

    def count(self) -> int:
        (count,) = _COUNTER.unpack_from(self._memory)
        return int(count)

    def close(self) -> None:
        self._memory.close()
