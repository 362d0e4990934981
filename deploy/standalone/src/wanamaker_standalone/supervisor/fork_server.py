"""The process that the services are forked from: what all of them import is imported once, and in memory once.

`python -m wanamaker_standalone.supervisor.fork_server MODULES…` imports these. Then it reads what to start from stdin, one
JSON object a line, and tells on stdout which process that is, `{"pid": 7}`, and how each ended, `{"pid": 7, "code": 0}`. When
stdin ends, so do they.

It has no threads and opens nothing, so that what is forked is as good as new.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import runpy
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

import orjson
from setproctitle import setproctitle

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """In a child, before it does anything: end it (SIGTERM) should its parent die without stopping it."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    setproctitle("wanamaker fork-server")
    answers = os.dup(1)
    os.dup2(2, 1)  # what an import prints is no answer
    for name in sys.argv[1:]:
        with suppress(ImportError):  # the service that needs it says so, in its own log
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection of each child would copy what they share
    _become(_until_forked(answers))


def _until_forked(answers: int) -> dict[str, Any]:
    """Start what is asked for until stdin ends, then exit. Returns in the children, each with what it was started for."""
    running: set[int] = set()

    def tell(**what: int) -> None:
        os.write(answers, orjson.dumps(what) + b"\n")  # not `print`: a signal may come while one prints

    def reap(_: int, __: FrameType | None) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                running.discard(ended[0])
                tell(pid=ended[0], code=os.waitstatus_to_exitcode(ended[1]))

    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin.buffer:
        wanted: dict[str, Any] = orjson.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # that it began is told before that it ended
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(answers)
        else:
            running.add(pid)
            tell(pid=pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        if not pid:
            return wanted
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    raise SystemExit


def _become(wanted: dict[str, Any]) -> None:
    """Run a module as `python -m` does, in a session of its own: Ctrl-C in the terminal is for the supervisor alone."""
    os.setsid()
    die_with_parent()
    setproctitle(f"wanamaker {wanted['name']}")  # what `ps` and `top` show
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(given, standard)
    for given in (nothing, log):
        os.close(given)
    os.environ.update(wanted["environment"])
    module, *arguments = wanted["command"]
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
