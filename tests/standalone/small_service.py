"""A service of two tables for testing what proves services: it keeps the longest word of each key, and says so to the log."""

from __future__ import annotations

from pathlib import Path

import orjson
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, select

from wanamaker_shared.contracts import crm_events, identity_updates
from wanamaker_shared.contracts.identity_updates import ActiveLink, CookieLinked
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.outbox import emit, outbox_table
from wanamaker_shared.eventlog.port import Batch, NewRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.eventlog.runner import run_until_caught_up
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_shared.service.sql import upsert
from wanamaker_standalone.first_start import keyring
from wanamaker_standalone.proof.rebuilt import Rebuilt, Services

metadata = MetaData()
longest = Table(
    "longest",
    metadata,
    Column("key", Text, primary_key=True),
    Column("word", Text),
    Column("version", BigInteger, info={"derived": False}),
    info={"derived": True},
)
heard = Table("heard", metadata, Column("id", Text, primary_key=True), Column("count", BigInteger))
outbox = outbox_table(metadata)


class Longest:
    """Words come as `{"word": …}`; `"unreadable"` cannot be taken in, a word that came before is a duplicate."""

    topics: tuple[str, ...] = (crm_events.TOPIC,)
    rules_version = 1
    metadata = metadata

    def __init__(self, generation: int) -> None:
        self._generation = generation

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        duplicates = 0
        for record in batch.records:
            word = orjson.loads(record.value)["word"]
            if word == "unreadable":
                raise ValueError("no word")
            row = connection.execute(select(longest).where(longest.c.key == record.key)).one_or_none()
            before, version = (row.word, row.version + 1) if row else (None, 1)
            if before is None or (len(word), word) > (len(before), before):
                upsert(connection, longest, [{"key": record.key, "word": word, "version": version}])
                emit(connection, outbox, [said(record.key, word, self._generation, version)])
            duplicates += before == word
        return Counts(len(batch.records) - duplicates, duplicates, 0)


def said(key: str, word: str, generation: int = 1, version: int = 1) -> NewRecord:
    update = CookieLinked(
        workspace="default",
        source="identity",
        event_id=f"{key}/{generation}/{version}",
        occurred_at=1,
        received_at=1,
        identifier=f"cookie:{key}",
        generation=generation,
        version=version,
        links=[ActiveLink(at=1, source="s", event_id="e", identifier=f"user:{word}")],
    )
    return NewRecord(identity_updates.TOPIC, identity_updates.key("default", update.identifier), encode(update))


SERVICES: Services = {"identity": Rebuilt(lambda _, generation: Longest(generation), history=(heard,))}


def settings_for(data: Path) -> ServiceSettings:
    keyring(data / "keys.json")
    return ServiceSettings(data=data, partitions=2)


async def say(settings: ServiceSettings, *words: tuple[str, str]) -> None:
    log = EmbeddedLog(settings.data / "log", "crm-bridge-consume", partitions=settings.partitions)
    try:
        await log.append([NewRecord(crm_events.TOPIC, key, orjson.dumps({"word": word})) for key, word in words])
    finally:
        await log.close()


async def take_in(settings: ServiceSettings) -> None:
    """What the service's `consume` would do, once."""
    generations = open_generations(settings, "identity")
    generation = await generations.live_generation()
    database = generations.open(generation)
    log = EmbeddedLog(settings.data / "log", "identity-consume", partitions=settings.partitions)
    try:
        await run_until_caught_up(Longest(generation), log, database, "identity")
    finally:
        await log.close()
        await database.close()


async def by_hand(settings: ServiceSettings, statement: str) -> None:
    """Change the live database behind everybody's back."""
    generations = open_generations(settings, "identity")
    database = generations.open(await generations.live_generation())
    try:
        await database.write(lambda connection: connection.exec_driver_sql(statement))
    finally:
        await database.close()


async def live_words(settings: ServiceSettings) -> dict[str, str]:
    generations = open_generations(settings, "identity")
    database = generations.open(await generations.live_generation())
    try:
        rows = await database.read(lambda connection: connection.execute(select(longest.c.key, longest.c.word)).all())
        return {row.key: row.word for row in rows}
    finally:
        await database.close()


async def mark_as_waiting(settings: ServiceSettings, key: str, word: str) -> None:
    """Put something into the outbox that the log does not have yet."""
    generations = open_generations(settings, "identity")
    database = generations.open(await generations.live_generation())
    try:
        await database.write(lambda connection: emit(connection, outbox, [said(key, word)]))
    finally:
        await database.close()
