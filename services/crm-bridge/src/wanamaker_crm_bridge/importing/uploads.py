"""Where one `serve` keeps the files it works on: a directory of its own, held by a lock that dies with the process.

Several may share the directory above it; what a dead one left is removed, what a living one holds is not. Blocking.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from wanamaker_shared.service.errors import describe

_LOCK = "lock"
_log = structlog.get_logger(__name__)


class Uploads:
    """`directory` is held from `open` to `close`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.directory = root / secrets.token_hex(8)
        self._held: int | None = None

    def open(self) -> None:
        """Without a disk to write on, nothing is imported, and the rest goes on."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with _locked(self._root / _LOCK):  # so that nobody takes for left what is just being made
                for path in self._root.iterdir():
                    if path.is_dir():
                        _remove_unless_held(path)
                self.directory.mkdir(mode=0o700)
                self._held = _hold(self.directory / _LOCK)
        except OSError as error:
            _log.warning("no room for imports", directory=str(self._root), error=describe(error))

    def close(self) -> None:
        if self._held is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            os.close(self._held)
            self._held = None


def _remove_unless_held(directory: Path) -> None:
    held = _hold(directory / _LOCK)
    if held is not None:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(held)


def _hold(path: Path) -> int | None:
    """The lock, until it is closed or the process ends; None if somebody else has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
