"""The one writer of a topic's file: concurrent appends share a transaction and its sync (group commit).

The event loop collects appends into a group; a dedicated thread takes the group, writes it, and while it waits for the
disk the next group fills. There is no artificial delay: a lone append is written at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Sequence

from ..partitions import partition_for
from ..port import LogUnavailable, NewRecord
from .blocks import BlockWriter
from .format import encode
from .group import Encoded, Group

_BESIDES = 64
"""What a queued record costs beside its bytes, roughly."""


class TopicWriter:
    """`deadline` in seconds bounds an append, waiting included; `queue_bytes` bounds what is accepted and not yet written."""

    def __init__(self, blocks: BlockWriter, *, deadline: float, queue_bytes: int) -> None:
        self._blocks = blocks
        self._partitions = blocks.partitions
        self._deadline = deadline
        self._limit = queue_bytes
        self._queued = 0
        self._turns: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._lock = threading.Lock()
        self._open: Group | None = None
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"append-{blocks.file.path.stem}", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return when all are synced to disk, all in one transaction.

        Raises LogUnavailable, and UnicodeEncodeError for a key that is no text (a lone surrogate).
        """
        if self._closed:
            raise _closed()
        encoded = [
            (partition_for(record.key, self._partitions), encode(record.key.encode(), record.value))
            for record in records
        ]
        size = sum(len(data) for _, data in encoded) + _BESIDES * len(encoded)
        if self._turns or not self._fits(size):
            await self._turn(size)
        else:
            self._queued += size
        await self._submit(encoded, size)

    async def close(self, patience: float) -> None:
        """Write what was accepted, then let go of the file; after `patience` seconds leave the thread to its fate."""
        while self._turns:
            _, turn = self._turns.popleft()
            if not turn.done():
                turn.set_exception(_closed())
        self.abandon()
        await asyncio.to_thread(self._thread.join, patience)

    def abandon(self) -> None:
        """Take no more and let the thread finish by itself."""
        if not self._closed:
            self._closed = True
            self._groups.put(None)

    def _submit(self, encoded: list[Encoded], size: int) -> asyncio.Future[None]:
        if self._closed:
            self._queued -= size
            raise _closed()
        with self._lock:
            group = self._open
            fresh = group is None
            if group is None:
                group = self._open = Group(self._deadline)
            future = group.join(encoded, size)
        if fresh:
            self._groups.put(group)
        return future

    def _fits(self, size: int) -> bool:
        # What is larger than the whole queue may still pass, alone.
        return self._queued == 0 or self._queued + size <= self._limit

    async def _turn(self, size: int) -> None:
        """Wait until the queue has room, first come first served; then `size` is counted as queued."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append((size, turn))
        try:
            async with asyncio.timeout(self._deadline):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._queued -= size  # room was given and nobody takes it
                self._admit()
            if isinstance(error, TimeoutError):
                raise LogUnavailable(
                    f"{self._queued} bytes wait for the disk already, and none moved on for {self._deadline:g} s"
                ) from error
            raise

    def _admit(self) -> None:
        while self._turns:
            size, turn = self._turns[0]
            if not turn.done():
                if not self._fits(size):
                    return
                self._queued += size
                turn.set_result(None)
            self._turns.popleft()

    def _settled(self, group: Group, error: LogUnavailable | None) -> None:
        group.settle(error)
        self._queued -= group.size
        self._admit()

    def _run(self) -> None:
        """The thread: until None comes, which is behind everything accepted."""
        while (group := self._groups.get()) is not None:
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


def _closed() -> LogUnavailable:
    return LogUnavailable("the log is closed")
