"""Who writes a file: one process, held by an flock that dies with it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..port import LogUnavailable


class Ownership:
    """Held from construction to `release` or the end of the process. Raises LogUnavailable if somebody else holds it."""

    def __init__(self, path: Path, process: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 200, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise LogUnavailable(
                f"{path.with_suffix('.db')} is written by {holder or 'another process'} already; "
                "a topic has one writer: stop that one, or use another data directory"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{process} (pid {os.getpid()})\n".encode(), 0)

    def release(self) -> None:
        """The file stays: removing it would let two writers hold two locks of one name."""
        os.close(self._descriptor)
