"""An import that was interrupted goes on, one that ended does not begin again, and nobody has to wait for one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.crm_bridge.importing import NOW, Bridge, bridge, consuming_of, deals, said, settings_in
from tests.crm_bridge.signing import SECRET, signed
from wanamaker_crm_bridge.importing import appending, desk, judging, running
from wanamaker_crm_bridge.importing.running import ALIVE_MICROS
from wanamaker_crm_bridge.importing.uploads import Uploads
from wanamaker_crm_bridge.repository.imports import Import, claim_import, save_import
from wanamaker_crm_bridge.tables import imports
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.service.sql import insert_rows

ROWS = 400
BAD = 7
FILE = "Deal ID,Deal Name,Amount,Contact Email\n" + "".join(
    f"D{n},Deal {n},{'many' if n % 57 == 5 else n},p{n}@shop.example\n" for n in range(ROWS)
)


@pytest.fixture(autouse=True)
def small_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "CHUNK_ROWS", 5)


async def whole(directory: Path) -> list[str]:
    """What the file says when nothing interrupts it."""
    directory.mkdir()
    async with bridge(directory) as here:
        assert (await here.take_in(FILE))["state"] == "done"
        return said(await here.events())


async def until(here: Bridge, import_id: str, appended: int) -> None:
    while True:
        known = await here.desk.find("default", import_id)
        if known is not None and known.appended >= appended:
            return


async def test_serve_stops_in_the_middle_and_the_file_goes_on(tmp_path: Path) -> None:
    expected = await whole(tmp_path / "whole")
    at = tmp_path / "halted"
    at.mkdir()
    async with bridge(at, consuming=False, wait=0) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, 16)
    async with bridge(at, clock=lambda: NOW + 3600) as here:
        state = await here.get(import_id)
        assert state["state"] == "interrupted"
        assert "send the file again" in state["reason"]
        state = await here.take_in(FILE)
        assert (state["id"], state["state"], state["counts"]["bad"]) == (import_id, "done", BAD)
        assert said(await here.events()) == expected
        inbox = [record.event_id for record in await here.inbox()]
        assert len(inbox) == len(set(inbox))


async def test_the_inbox_holds_no_more_than_a_few_deliveries_ahead(tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False, wait=0) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, appending.AHEAD)
        for _ in range(20):
            await here.get(import_id)
        assert appending.AHEAD <= len(await here.inbox()) <= appending.AHEAD + appending.AT_ONCE
        state = await here.get(import_id)
        assert (state["state"], state["progress"]["rows_mapped"]) == ("importing", 0)
        stop = asyncio.Event()
        consuming = asyncio.ensure_future(consuming_of(here.settings, stop))
        assert (await here.ended(import_id))["progress"]["rows_mapped"] == ROWS
        stop.set()
        await consuming


async def test_what_was_appended_but_not_noted_is_one_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Death between the log and the database: the same deliveries are appended once more."""
    expected = await whole(tmp_path / "whole")
    at = tmp_path / "halted"
    at.mkdir()
    async with bridge(at, consuming=False, wait=0) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, 16)
        await here.desk.importer.stop()
        await here.desk.database.write(lambda tx: save_import(tx, "default", import_id, appended=3, told_at=0))
    async with bridge(at, clock=lambda: NOW + 3600) as here:
        assert (await here.take_in(FILE))["state"] == "done"
        assert said(await here.events()) == expected


async def test_an_outage_of_the_log_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append = EmbeddedLog.append
    failures = iter([True, True])

    async def failing(log: EmbeddedLog, records: Sequence[NewRecord]) -> None:
        if records and records[0].topic == "crm-webhooks" and next(failures, False):
            raise LogUnavailable("the disk is full")
        await append(log, records)

    monkeypatch.setattr(EmbeddedLog, "append", failing)
    monkeypatch.setattr(appending, "OUTAGE_SECONDS", 0.0)
    async with bridge(tmp_path) as here:
        assert (await here.take_in(FILE))["state"] == "done"
        assert len(deals(await here.events())) == ROWS - BAD


async def test_the_same_file_is_stated_anew_when_asked(tmp_path: Path) -> None:
    now = [1_767_607_200.0]
    async with bridge(tmp_path, clock=lambda: now[0]) as here:
        first = await here.take_in("Deal ID,Amount\nD1,5\n")
        now[0] += 60
        assert (await here.take_in("Deal ID,Amount\nD1,6\n"))["id"] != first["id"]
        now[0] += 60
        again = await here.take_in("Deal ID,Amount\nD1,5\n", again=True)
        assert (again["id"] != first["id"], again["again"]) == (True, 1)
        events = await here.events()
        assert deals(events)["D1"]["amount"] == "5"
        assert len(events) == 3
        assert (await here.take_in("Deal ID,Amount\nD1,5\n"))["id"] == again["id"]
        assert [each["id"] for each in (await here.get())["imports"]][:1] == [again["id"]]


async def test_an_import_that_was_interrupted_goes_on_also_where_it_is_asked_for_again(tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False, wait=0) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, 16)
    async with bridge(tmp_path, clock=lambda: NOW + 3600) as here:
        state = await here.take_in(FILE, again=True)
        assert (state["id"], state["again"], state["state"]) == (import_id, 0, "done")


async def test_somebody_at_work_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that another process does not take the import over while `consume` is away."""
    monkeypatch.setattr(running, "_TELL_SECONDS", 0.0)
    now = [float(NOW)]
    async with bridge(tmp_path, consuming=False, wait=0, clock=lambda: now[0]) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, appending.AHEAD)
        now[0] += 3600
        async with asyncio.timeout(30):
            while (known := await here.desk.find("default", import_id)) is None or known.told_at < now[0] * 1_000_000:
                continue


async def test_a_corrected_file_holds_over_an_earlier_one_that_goes_on_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By when each was begun, and not by what reached the log last."""
    now = [1_767_607_200.0]
    correction = FILE.replace("D1,Deal 1,1,", "D1,Deal 1,1000,")
    async with bridge(tmp_path, consuming=False, wait=0, clock=lambda: now[0]) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, 16)
    async with bridge(tmp_path, clock=lambda: now[0]) as here:
        now[0] += 60
        assert (await here.take_in(correction))["state"] == "done"
        now[0] += 60
        assert (await here.take_in(FILE))["id"] == import_id
        found = deals(await here.events())
        assert (found["D1"]["amount"], found["D2"]["amount"]) == ("1000", "2")


async def test_another_reading_of_a_file_is_another_import(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        one = await here.take_in("Deal ID;Amount\nD1;1,234\n", decimal="comma")
        two = await here.take_in("Deal ID;Amount\nD1;1,234\n", decimal="point")
        assert one["id"] != two["id"]


async def test_two_at_once_are_one(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        answers = await asyncio.gather(*(here.post(FILE) for _ in range(3)))
        assert len({answer.json()["id"] for answer in answers}) == 1
        await here.ended(answers[0].json()["id"])
        inbox = [record.event_id for record in await here.inbox()]
        assert len(inbox) == len(set(inbox))


@pytest.mark.parametrize(
    ("state", "told_before", "claimed"),
    [
        ("reading", 0, False),
        ("importing", 29_000_000, False),
        ("importing", 30_000_000, True),
        ("failed", 0, True),
        ("checked", 0, True),
        ("done", 90_000_000, False),
    ],
)
async def test_of_several_processes_one_works_on_a_file(
    state: str, told_before: int, claimed: bool, tmp_path: Path
) -> None:
    """It speaks every few seconds; after thirty of silence another takes over."""
    now = NOW * 1_000_000
    known = Import("default", "a" * 32, "f" * 32, 0, "spreadsheet", state, now - told_before)
    async with bridge(tmp_path, consuming=False) as here:
        await here.desk.database.write(lambda tx: insert_rows(tx, imports, [asdict(known)]))

        async def claim() -> Import | None:
            return await here.desk.database.write(
                lambda tx: claim_import(tx, known, now=now, silent_since=now - ALIVE_MICROS)
            )

        assert [await claim() is not None, await claim()] == [claimed, None]
        found = await here.desk.find("default", known.import_id)
        assert found is not None
        assert (found.state, found.told_at) == (("reading", now) if claimed else (state, now - told_before))


async def test_an_import_that_is_being_begun_is_not_told_as_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    async with bridge(tmp_path) as here:

        def looked_at(connection: Connection, known: Import, *, now: int, silent_since: int) -> Import | None:
            claimed = claim_import(connection, known, now=now, silent_since=silent_since)
            assert claimed is not None
            seen.append(here.desk.is_worked_on(claimed))
            return claimed

        monkeypatch.setattr(desk, "claim_import", looked_at)
        await here.take_in(FILE)
    assert seen == [True]


async def test_a_dry_run_does_not_wait_behind_an_import_that_waits_for_consume(tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False, wait=0) as here:
        import_id = (await here.post(FILE)).json()["id"]
        await until(here, import_id, appending.AHEAD)
        other = (await here.post("Deal ID,Status\nD1,open\n", workspace="north", dry_run=True)).json()["id"]
        await here.desk.importer.ended("north", other)
        known = await here.desk.find("north", other)
        assert known is not None
        assert (known.state, (await here.get(import_id))["state"]) == ("checked", "importing")


async def test_webhooks_are_answered_while_a_file_is_imported(tmp_path: Path) -> None:
    keys = settings_in(tmp_path).keys_path
    document = json.loads(keys.read_text())
    keys.write_text(json.dumps(document | {"webhooks": {"generic": SECRET}}))
    async with bridge(tmp_path, clock=lambda: NOW) as here:
        importing = asyncio.ensure_future(here.take_in(FILE))
        body = b'{"type": "deal.deleted", "deal": {"id": "D1"}}'
        answered = 0
        while not importing.done():
            answer = await here.client.post(
                "/webhooks/generic", content=body, headers=signed(body, delivery_id=f"m{answered}")
            )
            assert answer.status_code == 200
            answered += 1
        assert (await importing)["state"] == "done"
        assert answered > 3


async def test_no_file_is_left_behind(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        await here.take_in(FILE)
        await here.post(b"nothing")
        uploads = here.desk.directory
        assert [path.name for path in uploads.iterdir()] == ["lock"]
    assert not uploads.exists()


def test_what_a_dead_serve_left_is_removed_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    """Beside Kafka several may have one data directory; the one that starts must not take the others' files."""
    left = tmp_path / "left" / "work"
    left.mkdir(parents=True)
    (left / "file").write_text(FILE)
    one, other = Uploads(tmp_path), Uploads(tmp_path)
    one.open()
    (one.directory / "work").mkdir()
    other.open()
    kept = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert kept == sorted([one.directory.name, other.directory.name])
    assert (one.directory / "work").exists()
    other.close()
    assert (one.directory.exists(), other.directory.exists()) == (True, False)
    one.close()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


async def test_without_a_disk_to_write_on_serve_runs_and_no_file_is_taken(tmp_path: Path) -> None:
    settings_in(tmp_path)
    (tmp_path / "crm-bridge").mkdir()
    (tmp_path / "crm-bridge" / "imports").write_text("no directory")
    async with bridge(tmp_path, consuming=False) as here:
        answer = await here.post(FILE)
        assert (answer.status_code, "make room" in answer.json()["detail"]) == (507, True)
        assert await here.get() == {"imports": []}


async def test_too_many_bad_rows_are_refused_as_a_whole(tmp_path: Path) -> None:
    async with bridge(tmp_path, import_bad_rows=BAD - 1) as here:
        answer = await here.post(FILE)
        assert answer.status_code == 422
        assert f"{BAD} rows are bad, and at most {BAD - 1}" in answer.json()["detail"]
        assert await here.inbox() == []
        state = await here.get(answer.json()["import_id"])
        assert (state["state"], len(state["rows"])) == ("failed", BAD)
