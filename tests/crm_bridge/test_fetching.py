"""What a webhook leaves out: queued in the transaction, asked outside it, answered through the inbox."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.crm_bridge.conftest import inbox_of
from tests.crm_bridge.signing import SECRET, keyring
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.fetching import AT_ONCE, MOST_ANSWER_BYTES, MOST_ATTEMPTS, fetch_due, run_fetching
from wanamaker_crm_bridge.inbox import FETCHED, inbox_record
from wanamaker_crm_bridge.limits import LimitUsedUp
from wanamaker_crm_bridge.mapping import Context, Dialect, Fetch, Mapped, Webhook, event_id
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_crm_bridge.tables import fetch_queue
from wanamaker_shared.contracts import crm_events, crm_webhooks, failed_events
from wanamaker_shared.contracts.crm_events import DealRevised
from wanamaker_shared.eventlog.kafka.cluster import MAX_RECORD_BYTES
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord
from wanamaker_shared.eventlog.runner import prepare_tables, run_until_caught_up
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.postgres import PostgresDatabase

MINUTE = 60_000_000
RING = keyring(a={"generic": (SECRET,)})


def thin(webhook: Webhook, _: Context) -> Mapped:
    """A CRM that only says which deal changed: the rest must be asked."""
    deal = json.loads(webhook.body)["deal"]
    return Mapped(fetches=(Fetch(f"deal/{deal}", "thin-deal", {"deal": deal}),))


def thin_deal(webhook: Webhook, _: Context) -> Mapped:
    """The API's answer."""
    answer = json.loads(webhook.body)
    event = DealRevised(
        workspace=webhook.workspace,
        source=webhook.connection,
        event_id=event_id(webhook.connection, webhook.delivery_id, 0),
        occurred_at=webhook.received_at,
        received_at=webhook.received_at,
        deal_id=answer["deal"],
        properties={"status": answer["status"]},
    )
    return Mapped(events=(event,))


DIALECTS: Mapping[str, Dialect] = {"thin": thin, "thin-deal": thin_deal}


class Crm:
    """The CRM's API. Fails as often as it is told, then answers; may look at the world while it is asked."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.asked: list[Fetch] = []
        self.answered = asyncio.Event()

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        self.asked.append(question)
        if len(self.asked) <= self.failures:
            raise ConnectionError("refused")
        self.answered.set()
        return json.dumps({"deal": question.parameters["deal"], "status": "won"}).encode()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    database: Database = (
        PostgresDatabase(request.getfixturevalue("postgres_url"), "crm_bridge_g1")
        if request.param == "postgres"
        else SqliteDatabase(tmp_path / "crm-bridge" / "g1.db", durable=False)
    )
    await prepare_tables(BridgeProjection(RING, Connections(), DIALECTS), database)
    yield database
    await database.close()


@pytest.fixture
async def consume_log(settings: BridgeSettings) -> AsyncIterator[EventLog]:
    log = open_log(settings, "crm-bridge-consume")
    yield log
    await log.close()


async def deliver(
    log: EventLog, name: str = "m1", at: int = MINUTE, *, connection: str = "thin", deal: str = "D1"
) -> None:
    webhook = Webhook("a", connection, name, at, json.dumps({"deal": deal}).encode())
    await log.append([inbox_record(webhook, dialect="thin", verified_by="test")])


async def consume(database: Database, log: EventLog) -> None:
    await run_until_caught_up(BridgeProjection(RING, Connections(), DIALECTS), log, database, "crm-bridge")


async def queued(database: Database) -> list[tuple[str, int, int]]:
    columns = (fetch_queue.c.fetch_id, fetch_queue.c.attempts, fetch_queue.c.due_at)
    return [tuple(row) for row in await database.read(lambda connection: connection.execute(select(*columns)).all())]


async def values_of(log: EventLog, topic: str) -> list[bytes]:
    found = []
    for at, end in (await log.end_positions([topic])).items():
        async for batch in log.read(at.topic, at.partition, 0, end):
            found += [record.value for record in batch.records]
    return found


async def test_a_question_is_asked_once_and_its_answer_becomes_a_fact(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    crm = Crm()
    await deliver(log)
    await consume(database, consume_log)
    assert await queued(database) == [("deal/D1", 0, MINUTE)]
    assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda: 2 * MINUTE) == 1
    assert crm.asked == [Fetch("deal/D1", "thin-deal", {"deal": "D1"})]
    answer = (await inbox_of(log))[-1]
    assert (answer.event_id, answer.dialect, answer.verified_by) == (FETCHED + "deal/D1", "thin-deal", "fetcher")
    assert json.loads(base64.b64decode(answer.personal.v["body"])) == {"deal": "D1", "status": "won"}
    await consume(database, consume_log)
    assert await queued(database) == []
    (fact,) = await values_of(consume_log, crm_events.TOPIC)
    assert crm_events.adapter.validate_json(fact).event_id == event_id("thin", FETCHED + "deal/D1", 0)


async def test_a_question_is_leased_while_it_is_asked(database: Database, log: EventLog, consume_log: EventLog) -> None:
    await deliver(log)
    await consume(database, consume_log)
    first, second = Crm(failures=0), Crm()
    await fetch_due(database, log, {"thin-deal": first}, clock=lambda: 2 * MINUTE)  # and dies before `consume` sees it
    assert await fetch_due(database, log, {"thin-deal": second}, clock=lambda: 11 * MINUTE) == 0
    assert await fetch_due(database, log, {"thin-deal": second}, clock=lambda: 12 * MINUTE) == 1
    await consume(database, consume_log)
    assert len(await values_of(consume_log, crm_events.TOPIC)) == 1
    assert await queued(database) == []


async def test_no_transaction_is_open_while_a_crm_is_asked(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    class Writing(Crm):
        async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
            await asyncio.wait_for(database.write(lambda _: None), 5)
            return await super().fetch(workspace, connection, question)

    await deliver(log)
    await consume(database, consume_log)
    assert await fetch_due(database, log, {"thin-deal": Writing()}, clock=lambda: 2 * MINUTE) == 1
    assert len(await inbox_of(log)) == 2


async def test_an_answer_met_before_its_question_is_not_asked_for_again(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    """A rebuild may read the inbox's partitions in any order."""
    answer = Webhook("a", "thin", FETCHED + "deal/D1", MINUTE, b'{"deal": "D1", "status": "won"}')
    await log.append([inbox_record(answer, dialect="thin-deal", verified_by="fetcher")])
    await deliver(log)
    await consume(database, consume_log)
    assert await queued(database) == []


async def test_a_failing_api_is_asked_later_and_later_and_given_up_in_the_end(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    crm = Crm(failures=99)
    await deliver(log)
    await consume(database, consume_log)
    waits = []
    for _ in range(MOST_ATTEMPTS):
        ((_, _, due),) = await queued(database)
        assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda due=due: due - 1) == 0  # type: ignore[misc]
        assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda due=due: due) == 1  # type: ignore[misc]
        waits += [later - due for _, _, later in await queued(database)]
    assert waits[:3] == [10_000_000, 20_000_000, 40_000_000]
    assert max(waits) == 60 * MINUTE
    assert await queued(database) == []
    (failed,) = [failed_events.adapter.validate_json(value) for value in await values_of(log, failed_events.TOPIC)]
    assert failed.reason.startswith("12 attempts failed, the last by ConnectionError")
    assert len(await values_of(log, crm_webhooks.TOPIC)) == 1


async def test_a_limit_that_is_used_up_is_waited_for_however_long_and_is_no_attempt(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    class Exhausted(Crm):
        async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
            self.asked.append(question)
            raise LimitUsedUp("the limit of requests is used up")

    crm = Exhausted()
    await deliver(log)
    await consume(database, consume_log)
    for _ in range(3 * MOST_ATTEMPTS):
        ((_, attempts, due),) = await queued(database)
        assert attempts == 0
        assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda due=due: due) == 1  # type: ignore[misc]
    ((_, _, later),) = await queued(database)
    assert later - due == 10 * MINUTE
    assert await fetch_due(database, log, {"thin-deal": Crm()}, clock=lambda: later) == 1


async def test_the_loop_asks_what_comes_and_stops(
    database: Database, log: EventLog, consume_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    appended, append = asyncio.Event(), log.append

    async def told(records: Sequence[NewRecord]) -> None:
        await append(records)
        appended.set()

    await deliver(log)
    await consume(database, consume_log)
    monkeypatch.setattr(log, "append", told)
    stop = asyncio.Event()
    running = asyncio.ensure_future(run_fetching(database, log, {"thin-deal": Crm()}, stop))
    await asyncio.wait_for(appended.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert len(await inbox_of(log)) == 2


async def test_questions_of_other_dialects_are_left_alone(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    await deliver(log)
    await consume(database, consume_log)
    assert await fetch_due(database, log, {"other": Crm()}, clock=lambda: 2 * MINUTE) == 0


class Hanging(Crm):
    """The API of the connection `thin` never answers, all others do."""

    def __init__(self) -> None:
        super().__init__()
        self.full = asyncio.Event()

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        if connection == "thin":
            self.asked.append(question)
            if len(self.asked) == AT_ONCE:
                self.full.set()
            await asyncio.Event().wait()
        return await super().fetch(workspace, connection, question)


async def test_an_api_that_hangs_holds_up_no_other_connection(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    for number in range(20):
        await deliver(log, f"m{number}", deal=f"D{number}")
    await consume(database, consume_log)
    crm, stop = Hanging(), asyncio.Event()
    running = asyncio.ensure_future(run_fetching(database, log, {"thin-deal": crm}, stop))
    await asyncio.wait_for(crm.full.wait(), 5)
    await deliver(log, "other", connection="other", deal="E1")
    await consume(database, consume_log)
    await asyncio.wait_for(crm.answered.wait(), 5)
    assert [fetch.parameters["deal"] for fetch in crm.asked] == ["D0", "D1", "E1"]
    stop.set()
    await asyncio.wait_for(running, 5)
    assert len(await queued(database)) == 21, "what was under way is asked again when its lease ends"


async def test_the_questions_of_one_connection_are_asked_a_few_at_a_time(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    for number in range(5):
        await deliver(log, f"m{number}", deal=f"D{number}")
        await deliver(log, f"n{number}", connection="other", deal=f"E{number}")
    await consume(database, consume_log)
    crm = Crm()
    assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda: 2 * MINUTE) == 2 * AT_ONCE
    assert sorted(fetch.parameters["deal"] for fetch in crm.asked) == ["D0", "D1", "E0", "E1"]


async def test_two_processes_that_look_at_once_ask_nothing_twice(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    for number in range(20):
        await deliver(log, f"m{number}", deal=f"D{number}", connection=f"thin{number}")
    await consume(database, consume_log)
    crm = Crm()
    begun = await asyncio.gather(
        *(fetch_due(database, log, {"thin-deal": crm}, clock=lambda: 2 * MINUTE) for _ in range(4))
    )
    assert (sum(begun), len({fetch.id for fetch in crm.asked})) == (20, 20)


async def test_an_answer_that_is_too_large_is_given_up_at_once_and_told(
    database: Database, log: EventLog, consume_log: EventLog
) -> None:
    class Verbose(Crm):
        async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
            return bytes(MOST_ANSWER_BYTES + 1)

    await deliver(log)
    await consume(database, consume_log)
    assert await fetch_due(database, log, {"thin-deal": Verbose()}, clock=lambda: 2 * MINUTE) == 1
    assert await queued(database) == []
    (failed,) = [failed_events.adapter.validate_json(value) for value in await values_of(log, failed_events.TOPIC)]
    assert "the answer has 11,534,337 bytes, more than the inbox takes" in failed.reason


async def test_the_largest_answer_fits_into_a_record_of_the_log() -> None:
    webhook = Webhook("a" * 64, "thin", FETCHED + "x" * 1000, MINUTE, bytes(MOST_ANSWER_BYTES))
    record = inbox_record(webhook, dialect="thin-deal", verified_by="fetcher")
    assert len(record.key.encode()) + len(record.value) <= MAX_RECORD_BYTES


async def test_a_log_that_is_gone_for_a_while_costs_no_question_and_stops_no_other(
    database: Database, log: EventLog, consume_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: object) -> None:
        raise LogUnavailable("no disk")

    await deliver(log)
    await consume(database, consume_log)
    crm, append = Crm(), log.append
    monkeypatch.setattr(log, "append", gone)
    assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda: 2 * MINUTE) == 1
    monkeypatch.setattr(log, "append", append)
    assert await fetch_due(database, log, {"thin-deal": crm}, clock=lambda: 12 * MINUTE) == 1
    assert len(await inbox_of(log)) == 2
