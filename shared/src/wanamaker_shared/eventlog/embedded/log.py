"""The embedded adapter of the port: a directory of topic files, each written by the process that owns it, read by all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

from ..grouping import closed
from ..port import Batch, NewRecord, Positions, TopicPartition
from .blocks import BlockWriter
from .files import file_written_by, files_of, topics_of
from .reader import FileReader
from .subscription import Follower
from .threads import Reading
from .writer import TopicWriter


class EmbeddedLog:
    """Keeps the contract of `EventLog`. One event loop uses one instance.

    `process` is `<service>-<command>`: the topics that contracts/topics.py gives it are opened for writing at once, others
    at the first append. A group is one process here: every subscription gets all partitions.

    Raises LogUnavailable if another process writes one of the topics, LogCorrupt for a file of another format.
    """

    def __init__(
        self,
        directory: Path,
        process: str,
        *,
        partitions: int = 4,
        deadline: float = 10.0,
        queue_bytes: int = 64 << 20,
    ) -> None:
        self.directory = directory
        self.process = process
        self.partitions = partitions
        self._deadline = deadline
        self._queue_bytes = queue_bytes
        self._closed = False
        self._reading = Reading()
        self._readers: dict[str, tuple[FileReader, ...]] = {}
        self._writers: dict[str, TopicWriter] = {}
        directory.mkdir(parents=True, exist_ok=True)
        try:
            for topic in topics_of(process):
                self._open_writer(topic)
        except BaseException:
            for writer in self._writers.values():
                writer.abandon()
            raise

    async def append(self, records: Sequence[NewRecord]) -> None:
        """All records of one topic are written in one transaction; those of several topics may succeed in part."""
        if self._closed:
            raise closed()
        if len(records) == 1:  # the collector's hot path
            topic = records[0].topic
            await (self._writers.get(topic) or self._open_writer(topic)).append(records)
            return
        by_topic: dict[str, list[NewRecord]] = {}
        for record in records:
            by_topic.setdefault(record.topic, []).append(record)
        writers = [(self._writers.get(topic) or self._open_writer(topic), of) for topic, of in by_topic.items()]
        answers = await asyncio.gather(*(writer.append(of) for writer, of in writers), return_exceptions=True)
        for answer in answers:
            if answer is not None:
                raise answer

    def subscribe(
        self, topics: Collection[str], group: str, positions: Positions, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Ends when the log is closed. Raises LogCorrupt, LogUnavailable."""
        readers = [reader for topic in dict.fromkeys(topics) for reader in self._readers_of(topic)]
        return Follower(readers, self._reading, positions, lambda: self._closed).batches(max_records)

    async def read(
        self, topic: str, partition: int, start: int, end: int, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Also finishes at the end of the partition, if that comes before `end`. Raises LogCorrupt, LogUnavailable."""
        reader = next((reader for reader in reversed(self._readers_of(topic)) if reader.file.base <= partition), None)
        while reader is not None and start < end:
            records = await self._reading.run(reader.read, partition, start, end, max_records)
            if not records:
                return
            following = records[-1].offset + 1
            yield Batch(topic, partition, start, following, tuple(records))
            start = following

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        found: dict[TopicPartition, int] = {}
        for topic in dict.fromkeys(topics):
            for reader in self._readers_of(topic):
                ends = await self._reading.run(reader.ends)
                found.update((TopicPartition(topic, partition), end) for partition, end in ends.items())
        return found

    async def check(self) -> None:
        """Whether the disk takes records of the topics this process writes. Raises LogUnavailable."""
        if self._closed:
            raise closed()
        for writer in self._writers.values():
            await writer.check()

    async def close(self) -> None:
        """Bounded by twice the deadline."""
        self._closed = True
        await asyncio.gather(*(writer.close(self._deadline) for writer in self._writers.values()))
        await self._reading.close(self._close_readers)

    def _close_readers(self) -> None:
        for readers in self._readers.values():
            for reader in readers:
                reader.close()

    def _readers_of(self, topic: str) -> tuple[FileReader, ...]:
        readers = self._readers.get(topic)
        if readers is None:
            readers = tuple(FileReader(file) for file in files_of(self.directory, topic, self.partitions))
            self._readers[topic] = readers
        return readers

    def _open_writer(self, topic: str) -> TopicWriter:
        file = file_written_by(self.process, self.directory, topic, self.partitions)
        writer = TopicWriter(BlockWriter(file, self.process), deadline=self._deadline, queue_bytes=self._queue_bytes)
        self._writers[topic] = writer
        return writer
