"""Replays each rebuilt service up to its live positions into a database of its own, and names every row that differs."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from wanamaker_shared.contracts import identity_updates
from wanamaker_shared.eventlog.compare import Difference, differences, lines, load
from wanamaker_shared.eventlog.port import EventLog, TopicPartition
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.eventlog.replay import ReplayProgress, replay
from wanamaker_shared.eventlog.runner import progress_of
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..counters import faults
from ..stages import Stage
from .conclusions import contradictions, said_by_replay, said_in_log
from .rebuilt import Rebuilt, Services
from .snapshot import Snapshot, take

IDENTITY = "identity"
SHOWN = 50
"""So many differing rows are named, the rest is counted."""
Report = Callable[[str, ReplayProgress], None]


@dataclass(slots=True)
class Verdict:
    """`wrong`: one line for each row that is not what the log says; `notes`: what could not be looked at now."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unnamed: int = 0
    digest: str = ""
    """SHA-256 over all derived tables of all services."""

    def add(self, line: str) -> None:
        if len(self.wrong) < SHOWN:
            self.wrong.append(line)
        else:
            self.unnamed += 1


async def verify(settings: ServiceSettings, services: Services, scratch: Path, report: Report) -> Verdict:
    """Look at every one of the services. The live installation may go on meanwhile; `scratch` takes a copy of the tables."""
    verdict = Verdict()
    sha = hashlib.sha256()
    log = open_log(settings, "verify")
    try:
        for service in sorted(services):
            proof = _Proof(settings, service, services[service], log, scratch, report, verdict)
            snapshot = await proof.run()
            with snapshot.lines.open("rb") as file:
                while block := file.read(1 << 20):
                    sha.update(block)
    finally:
        await log.close()
    verdict.digest = sha.hexdigest()
    return verdict


@dataclass(frozen=True, slots=True)
class _Proof:
    settings: ServiceSettings
    service: str
    rebuilt: Rebuilt
    log: EventLog
    scratch: Path
    report: Report
    verdict: Verdict

    async def run(self) -> Snapshot:
        async with _live(self.settings, self.service, self.rebuilt) as (projection, live):
            snapshot = await take(projection, live, self.scratch / f"{self.service}.lines")
            ends = await self.log.end_positions(projection.topics)
            said_upto = await self.log.end_positions([identity_updates.TOPIC])
            # Nothing came in since the snapshot and nothing waits to go out: the log holds what the snapshot concluded.
            quiet = snapshot.waiting_out == 0 and await progress_of(live, projection.metadata) == snapshot.progress
        stage = Stage(self.service, ends, snapshot.progress, snapshot.waiting_out)
        for fault in faults(stage, dense=self.settings.kafka is None):
            self.verdict.add(fault)
        again = SqliteDatabase(self.scratch / f"{self.service}.db", durable=False)
        try:
            upto = {at: min(position, ends.get(at, 0)) for at, position in snapshot.positions.items()}
            await replay(projection, self.log, again, upto, group=self.service, progress=self._show)
            await self._compare(projection, snapshot, again)
            if self.service == IDENTITY:
                await self._compare_said(projection, again, said_upto if quiet else None)
        finally:
            await again.close()
        return snapshot

    def _show(self, progress: ReplayProgress) -> None:
        self.report(self.service, progress)

    async def _compare(self, projection: Projection, snapshot: Snapshot, again: Database) -> None:
        for at, row in (await progress_of(again, projection.metadata)).items():
            taken = snapshot.progress[at].records
            if taken != row.records:
                self.verdict.add(
                    f"{self.service}: position [{at.topic}, {at.partition}]: took in {taken} records, the log has {row.records}"
                )

        def compare(connection: Connection) -> None:
            with snapshot.lines.open("rb") as file:
                live = load(file, projection.metadata)
                for difference in differences(live, lines(connection, projection.metadata)):
                    self.verdict.add(f"{self.service}: {describe(difference)}")

        await again.read(compare)

    async def _compare_said(
        self, projection: Projection, again: Database, upto: Mapping[TopicPartition, int] | None
    ) -> None:
        if upto is None:
            self.verdict.notes.append(
                "identity was at work, so what it said to the log was not compared; stop it for that"
            )
            return
        concluded = await again.read(lambda connection: said_by_replay(connection, projection))
        for line in contradictions(await said_in_log(self.log, upto), concluded):
            self.verdict.add(line)


def describe(difference: Difference) -> str:
    """The row by table and key, and which of its columns are what instead of what."""
    key = ", ".join(str(part) for part in difference.key)
    return f"{difference.table} [{key}]: {'; '.join(_columns(difference))}"


def _columns(difference: Difference) -> Iterator[str]:
    live, replayed = difference.left, difference.right
    if live is None or replayed is None:
        yield "is missing, the log gives it" if live is None else "is there, the log does not give it"
        return
    for name in live:
        if live[name] != replayed[name]:
            yield f"{name} is {live[name]!r}, the log gives {replayed[name]!r}"


@asynccontextmanager
async def _live(
    settings: ServiceSettings, service: str, rebuilt: Rebuilt
) -> AsyncIterator[tuple[Projection, Database]]:
    generations = open_generations(settings, service)
    try:
        generation = await generations.live_generation()
        database = generations.open(generation)
        try:
            yield rebuilt.projection(settings.keyring, generation), database
        finally:
            await database.close()
    finally:
        await generations.close()
