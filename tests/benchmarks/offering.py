"""The client that never waits, in a process of its own on the clients' core, so that nothing here holds it up."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType

from wanamaker_shared.service.keys import WorkspaceKeys

from .browser import Traffic, visitors_of
from .open_loop import Outcome, Stretch, offer
from .serving import CLIENTS, stay_on

_traffic: Traffic
"""Of the client's process."""


class Offering:
    """Runs plans one after another, each with requests that nobody has sent before; `outcomes` holds what came of them."""

    def __init__(self, keys: WorkspaceKeys) -> None:
        self._process = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _prepare, (keys,))
        self._first = 0
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> Offering:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.shutdown()

    def begin(self, port: int, plan: Sequence[Stretch]) -> Future[Outcome]:
        first, self._first = self._first, self._first + sum(round(rate * seconds) for rate, seconds in plan)
        offered = self._process.submit(_offer, port, list(plan), first)
        offered.add_done_callback(lambda done: self.outcomes.append(done.result()))
        return offered

    def now(self, port: int, plan: Sequence[Stretch]) -> Outcome:
        return self.begin(port, plan).result()


def _prepare(keys: WorkspaceKeys) -> None:
    global _traffic
    stay_on(CLIENTS)
    _traffic = Traffic(keys, visitors_of(keys))


def _offer(port: int, plan: Sequence[Stretch], first: int) -> Outcome:
    return offer(port, _traffic, plan, first)
