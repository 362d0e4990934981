"""One supervisor per data directory: two would write the same topic files."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..refusal import Refusal


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the directory. The kernel lets go of it when this process ends, however it ends.

    Raises Refusal if another process holds it, or the directory cannot be made.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "up.lock").open("a+")
    except OSError as error:
        raise Refusal(f"cannot keep data in {data}: {error.strerror}; choose another place with --data") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Refusal(
                f"Wanamaker is already running on {data} (process {holder}); stop it, or use another directory with --data"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def is_running(data: Path) -> bool:
    """Whether a supervisor holds the directory now."""
    try:
        file = (data / "up.lock").open("r")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
