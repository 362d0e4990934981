"""The one writer of a topic's file: concurrent appends share a transaction and its sync (group commit).

The event loop collects appends into a group; a dedicated thread takes the group, writes it, and while it waits for the
disk the next group fills. There is no artificial delay: a lone append is written at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from ..grouping import Group, Room, closed
from ..partitions import partition_for
from ..port import LogUnavailable, NewRecord
from .blocks import BlockWriter, Encoded
from .format import encode

_BESIDES = 64
"""What a queued record costs beside its bytes, roughly."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Errand:
    """Something else to do on the writer thread, in its turn."""

    work: Callable[[], Any]
    answer: Future[Any]

    def run(self) -> None:
        if not self.answer.set_running_or_notify_cancel():
            return
        try:
            self.answer.set_result(self.work())
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it and the thread must live
            self.answer.set_exception(error)


class TopicWriter:
    """`deadline` in seconds bounds an append, waiting included; `queue_bytes` bounds what is accepted and not yet written."""

    def __init__(self, blocks: BlockWriter, *, deadline: float, queue_bytes: int) -> None:
        self._blocks = blocks
        self._partitions = blocks.partitions
        self._deadline = deadline
        self._room = Room(queue_bytes, deadline)
        self._lock = threading.Lock()
        self._open: Group[Encoded] | None = None
        self._groups: queue.SimpleQueue[Group[Encoded] | Errand | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"append-{blocks.file.path.stem}", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return when all are synced to disk, all in one transaction.

        Raises LogUnavailable, and UnicodeEncodeError for a key that is no text (a lone surrogate).
        """
        if self._closed:
            raise closed()
        encoded = [
            (partition_for(record.key, self._partitions), encode(record.key.encode(), record.value))
            for record in records
        ]
        size = sum(len(data) for _, data in encoded) + _BESIDES * len(encoded)
        if not self._room.take_now(size):
            await self._room.take(size)
        await self._join(encoded, size)

    async def check(self) -> None:
        """Raises LogUnavailable if the disk does not take a write now."""
        refusal = await self.run(self._blocks.check)
        if refusal is not None:
            raise refusal

    async def run(self, work: Callable[[], R]) -> R:
        """What `work` answers, done on the thread after everything that was joined before. Raises what it raises,
        and LogUnavailable once closed."""
        if self._closed:
            raise closed()
        answer: Future[R] = Future()
        self._groups.put(Errand(work, answer))
        return await asyncio.wrap_future(answer)

    async def close(self, patience: float) -> None:
        """Write what was accepted, then let go of the file; after `patience` seconds leave the thread to its fate."""
        self._room.close()
        self.abandon()
        await asyncio.to_thread(self._thread.join, patience)

    def abandon(self) -> None:
        """Take no more and let the thread finish by itself."""
        if not self._closed:
            self._closed = True
            self._groups.put(None)

    def _join(self, encoded: list[Encoded], size: int) -> asyncio.Future[None]:
        if self._closed:
            self._room.give_back(size)
            raise closed()
        with self._lock:
            group = self._open
            fresh = group is None
            if group is None:
                group = self._open = Group(self._deadline)
            future = group.join(encoded, size)
        if fresh:
            self._groups.put(group)
        return future

    def _settled(self, group: Group[Encoded], error: LogUnavailable | None) -> None:
        group.settle(error)
        self._room.give_back(group.size)

    def _run(self) -> None:
        """The thread: until None comes, which is behind everything accepted."""
        while (group := self._groups.get()) is not None:
            if isinstance(group, Errand):
                group.run()
                continue
            with self._lock:
                if self._open is group:
                    self._open = None
            error = self._blocks.write(group.records)
            try:
                group.loop.call_soon_threadsafe(self._settled, group, error)
            except RuntimeError:  # the loop is closed: nobody waits for the answer
                continue
            self._blocks.tidy()
        self._blocks.close()
