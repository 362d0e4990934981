"""Which files make up a topic, and which partitions each of them holds.

A topic with one writer is one file, `<topic>.db`, with the log's number of partitions. A topic that several processes
write (failed-events) is one file per writer, `<topic>.<process>.db`, and each is one partition of the topic, numbered by
the writer's place in contracts/topics.py: so that no file ever has two writers, and a partition never has two files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...contracts.topics import TOPICS


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of a topic. Its own partitions 0 … partitions-1 are `base` … `base + partitions - 1` of the topic.

    `partitions` is what a new file gets; an existing file keeps its own number.
    """

    topic: str
    path: Path
    base: int
    partitions: int

    @property
    def bell(self) -> Path:
        """The counter that wakes readers."""
        return self.path.with_suffix(".bell")

    @property
    def lock(self) -> Path:
        """The file whose flock says who writes."""
        return self.path.with_suffix(".lock")


def files_of(directory: Path, topic: str, partitions: int) -> tuple[LogFile, ...]:
    """All files of a topic, whether they exist yet or not, by rising partition."""
    writers = _several_writers(topic)
    if not writers:
        return (LogFile(topic, directory / f"{topic}.db", 0, partitions),)
    return tuple(LogFile(topic, directory / f"{topic}.{writer}.db", index, 1) for index, writer in enumerate(writers))


def file_written_by(process: str, directory: Path, topic: str, partitions: int) -> LogFile:
    """The file this process appends to. Raises ValueError if the topic has several writers and this is none of them."""
    writers = _several_writers(topic)
    files = files_of(directory, topic, partitions)
    if not writers:
        return files[0]
    if process not in writers:
        raise ValueError(f"{process} does not write {topic}; contracts/topics.py names {', '.join(writers)}")
    return files[writers.index(process)]


def topics_of(process: str) -> tuple[str, ...]:
    """The topics that contracts/topics.py lets this process write."""
    return tuple(topic.name for topic in TOPICS.values() if process in topic.writers)


def _several_writers(topic: str) -> tuple[str, ...]:
    writers = TOPICS[topic].writers if topic in TOPICS else ()
    return writers if len(writers) > 1 else ()
