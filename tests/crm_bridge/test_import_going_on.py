"""An import that was interrupted goes on, one that ended does not begin again, and nobody has to wait for one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.crm_bridge.importing import NOW, Bridge, bridge, consuming_of, deals, said, settings_in
from tests.crm_bridge.signing import SECRET, signed
from wanamaker_crm_bridge.importing import appending, judging
from wanamaker_crm_bridge.repository.imports import save_import
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord

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
    async with bridge(at, consuming=False) as here:
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
    async with bridge(tmp_path, consuming=False) as here:
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
    async with bridge(at, consuming=False) as here:
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
        assert list(uploads.iterdir()) == []
        (uploads / "left").mkdir()
    async with bridge(tmp_path):
        assert not uploads.exists()


async def test_too_many_bad_rows_are_refused_as_a_whole(tmp_path: Path) -> None:
    async with bridge(tmp_path, import_bad_rows=BAD - 1) as here:
        answer = await here.post(FILE)
        assert answer.status_code == 422
        assert f"{BAD} rows are bad, and at most {BAD - 1}" in answer.json()["detail"]
        assert await here.inbox() == []
        state = await here.get(answer.json()["import_id"])
        assert (state["state"], len(state["rows"])) == ("failed", BAD)
