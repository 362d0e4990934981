"""A small topic read whole, on both adapters: by a process that was there before it, and by one that comes later."""

from __future__ import annotations

from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.eventlog.whole_topic import WholeTopic

from .conftest import Installation


class Reader:
    def __init__(self, log: EventLog, topic: str) -> None:
        self.taken: list[str] = []
        self.topic = WholeTopic(lambda: log, topic, lambda stored: self.taken.append(stored.value.decode()))


async def test_every_reader_has_every_record_once(installation: Installation) -> None:
    name = installation.topic
    early = Reader(await installation.open("reader"), name)
    await early.topic.catch_up()
    assert early.taken == []
    writing = await installation.open("writer")
    said: list[str] = []
    for round in range(3):
        fresh = [f"{round}-{number}" for number in range(20)]
        await writing.append([NewRecord(name, f"key-{value[-1]}", value.encode()) for value in fresh])
        said += fresh
        await early.topic.catch_up()
        assert sorted(early.taken) == sorted(said), "what was acknowledged before the look is seen by it"
    late = Reader(await installation.open("another"), name)
    await late.topic.catch_up()
    await late.topic.catch_up()
    assert sorted(late.taken) == sorted(said)
    for last in "0123456789":
        of_key = [value for value in said if value.endswith(last)]
        assert [value for value in early.taken if value.endswith(last)] == of_key
