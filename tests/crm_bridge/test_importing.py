"""A spreadsheet through the whole of the crm-bridge: judged, imported once, mended, gone on with."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from tests.crm_bridge.importing import bridge, deals, said
from tests.crm_bridge.workbooks import GOOD, HEAD, workbook
from wanamaker_crm_bridge.importing import running
from wanamaker_crm_bridge.repository.imports import load_import, load_latest, load_rows

GERMAN = """Deal-ID;Bezeichnung;Status;Betrag;Abschlussdatum;E-Mail
D1;Großauftrag;gewonnen;1.234,50 €;31.01.2026;ann@shop.example
D2;Nachfrage;offen;viel;31.02.2026;
D3;Messe;in Klärung;99;;bob@shop.example
"""


async def test_a_dry_run_judges_every_row_and_imports_none(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        state = await here.take_in(GERMAN, dry_run=True)
        assert (state["state"], state["counts"]) == (
            "checked",
            {"rows": 3, "good": 2, "warned": 0, "bad": 1, "deals": 2},
        )
        assert state["rows"] == [
            {
                "line": 3,
                "verdict": "bad",
                "reasons": [
                    'closed_at ("Abschlussdatum") is a day that the calendar does not have',
                    'amount ("Betrag") is no amount',
                ],
            }
        ]
        assert state["sample"][0] == {
            "line": 2,
            "id": "D1",
            "name": "Großauftrag",
            "status": "won",
            "amount": "1234.50",
            "currency": "EUR",
            "closed_at": "2026-01-31",
            "email": ["ann@shop.example"],
        }
        assert await here.inbox() == []


async def test_an_import_becomes_deals_and_its_bad_row_a_failed_event_with_its_line(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        state = await here.take_in(GERMAN)
        assert (state["state"], state["progress"]) == (
            "done",
            {"rows_read": 3, "rows_judged": 3, "rows_mapped": 3},
        )
    found = deals(await here.events())
    assert {name: deal["status"] for name, deal in found.items()} == {"D1": "won", "D3": None}
    assert found["D3"]["stage"] == "in Klärung"
    assert (found["D1"]["amount"], found["D1"]["currency"]) == ("1234.50", "EUR")
    (failed,) = await here.failed()
    assert failed.reason.startswith('line 3: closed_at ("Abschlussdatum") is a day')


async def test_the_same_file_again_is_the_import_that_is_there(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        first = await here.take_in(GERMAN)
        assert (await here.take_in(GERMAN))["id"] == first["id"]
        assert len(await here.inbox()) == 2


async def test_a_bad_row_is_mended_and_replayed(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        await here.take_in(GERMAN)
        (one,) = (await here.client.get("/v1/failed", headers=here.admin())).json()["failed"]
        address = f"/v1/failed/{one['failed_id']}"
        event = json.loads((await here.client.get(address, headers=here.admin())).json()["raw"])
        assert (event["line"], event["row"]["amount"]) == (3, "viel")
        event["row"] |= {"amount": "7,50", "closed_at": "28.02.2026"}
        again = await here.client.post(f"{address}/replay", content=json.dumps(event), headers=here.admin())
        assert again.status_code == 200, again.text
        # what the replay becomes is behind it in the inbox: another file's end waits for it
        await here.take_in("Deal-ID;Status\nD9;open\n")
    found = deals(await here.events())["D2"]
    assert (found["amount"], found["closed_at"], found["status"]) == ("7.50", "2026-02-28", "open")


async def test_a_row_with_too_many_cells_is_kept_whole_and_mended(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        await here.take_in("Deal ID,Amount,Status\nD1,1,234,won\n")
        (one,) = (await here.client.get("/v1/failed", headers=here.admin())).json()["failed"]
        address = f"/v1/failed/{one['failed_id']}"
        event = json.loads((await here.client.get(address, headers=here.admin())).json()["raw"])
        assert event["cells"] == ["D1", "1", "234", "won"]
        assert event["fault"].startswith("has 4 cells under 3 headings")
        event["row"] |= {"amount": "1,234", "status": "won"}
        again = await here.client.post(f"{address}/replay", content=json.dumps(event), headers=here.admin())
        assert (again.status_code, "has 4 cells" in again.json()["detail"]) == (422, True)
        event |= {"fault": None}
        event["row"]["amount"] = 1234
        again = await here.client.post(f"{address}/replay", content=json.dumps(event), headers=here.admin())
        assert again.status_code == 200, again.text
        await here.take_in("Deal ID,Status\nD9,open\n")
    assert deals(await here.events())["D1"]["amount"] == "1234"


async def test_a_row_that_is_mended_twice_is_one_row_and_the_last_counts(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        await here.take_in("Deal ID,Amount,Email\nD1,many,a@b.example\n")
        (one,) = (await here.client.get("/v1/failed", headers=here.admin())).json()["failed"]
        address = f"/v1/failed/{one['failed_id']}"
        event = json.loads((await here.client.get(address, headers=here.admin())).json()["raw"])
        for amount in ("900", "100", "100"):
            event["row"]["amount"] = amount
            await here.client.post(f"{address}/replay", content=json.dumps(event), headers=here.admin())
        await here.take_in("Deal ID,Status\nD9,open\n")
        found = said(await here.events())
    about = [json.loads(value) for value in found if '"deal_id":"D1"' in value]
    assert [(deal["properties"]["amount"], deal["revision"]) for deal in about] == [("100", 2)]


async def test_an_xlsx_takes_the_same_way(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        state = await here.take_in(workbook(HEAD, GOOD))
        assert (state["state"], state["reading"]["kind"]) == ("done", "xlsx")
    assert deals(await here.events())["D1"]["amount"] == "10.5"


async def test_rows_that_are_not_good_are_listed_by_pages_and_as_csv(tmp_path: Path) -> None:
    rows = "".join(f"D{n},{'x' if n % 2 else n},{'a@b.example' if n % 3 else 'nobody'}\n" for n in range(12))
    async with bridge(tmp_path) as here:
        import_id = (await here.take_in("Deal ID,Amount,Email\n" + rows, dry_run=True))["id"]
        first = await here.get(f"{import_id}/rows", limit=5)
        rest = await here.get(f"{import_id}/rows", after=first["next"])
        lines = [row["line"] for row in first["rows"] + rest["rows"]]
        assert (lines, rest["next"]) == ([2, 3, 5, 7, 8, 9, 11, 13], None)
        bad = await here.get(f"{import_id}/rows", verdict="bad")
        assert [row["line"] for row in bad["rows"]] == [3, 5, 7, 9, 11, 13]
        table = await here.client.get(
            f"/v1/imports/{import_id}/rows", params={"format": "csv", "verdict": "warned"}, headers=here.admin()
        )
        assert list(csv.reader(table.text.splitlines())) == [
            ["line", "verdict", "reasons"],
            ["2", "warned", 'email ("Email") is no address that can link somebody'],
            ["8", "warned", 'email ("Email") is no address that can link somebody'],
        ]


async def test_of_verdicts_so_many_are_kept_and_for_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "KEPT_ROWS", 3)
    now = [1_767_607_200.0]
    body = "Deal ID,Amount,Email\n" + "D1,many,\n" * 5 + "D2,1,nobody\n" * 5

    async with bridge(tmp_path, clock=lambda: now[0]) as here:

        async def kept(import_id: str) -> list[int]:
            return [row["line"] for row in (await here.get(f"{import_id}/rows"))["rows"]]

        first = await here.take_in(body, dry_run=True)
        assert (first["counts"]["bad"], first["counts"]["warned"], await kept(first["id"])) == (
            5,
            5,
            [2, 3, 4, 7, 8, 9],
        )
        assert len((await here.take_in(body, dry_run=True))["rows"]) == 6
        now[0] += 29 * 86_400
        await here.take_in("Deal ID,Amount\nD1,5\n")
        assert len(await kept(first["id"])) == 6
        now[0] += 2 * 86_400
        await here.take_in("Deal ID,Amount\nD1,6\n")
        assert (await kept(first["id"]), (await here.get(first["id"]))["counts"]["bad"]) == ([], 5)


async def test_what_we_write_out_is_no_formula(tmp_path: Path) -> None:
    from wanamaker_crm_bridge.imports_api import as_csv
    from wanamaker_crm_bridge.schemas import ImportRow

    for begins in "=+-@\t\r":
        text = as_csv([ImportRow(line=1, verdict="bad", reasons=[f"{begins}cmd", "x"])])
        assert f"'{begins}cmd; x" in text


@pytest.mark.parametrize(
    ("parameters", "body", "why"),
    [
        ({"connection": "a/b"}, b"", "connection: 1 to 100 letters"),
        ({"decimal": "dot"}, b"", "decimal: one of comma, point"),
        ({"zone": "Mars/Olympus"}, b"", "zone: a time zone"),
        ({"zone": "../../etc/passwd"}, b"", "zone: a time zone"),
        ({"currency": "XXX"}, b"", "currency: an ISO 4217 code"),
        ({"columns": '{"\\ud800": 5}'}, b"", "columns: a JSON object"),
        ({"encoding": "ebcdic"}, b"", "encoding: one of"),
        ({}, b"", "the file is empty"),
        ({}, b"\x00", "byte 0 is a NUL"),
        ({}, b"PK\x03\x04", "damaged"),
    ],
)
async def test_what_cannot_be_used_is_422_with_a_word(
    parameters: dict[str, str], body: bytes, why: str, tmp_path: Path
) -> None:
    async with bridge(tmp_path, consuming=False) as here:
        answer = await here.post(body, **parameters)
        assert answer.status_code == 422, answer.text
        assert why in answer.json()["detail"]
        assert await here.inbox() == []


async def test_a_connection_that_speaks_of_anothers_deals_has_none_to_import(tmp_path: Path) -> None:
    (tmp_path / "connections.toml").write_text('[billing]\nspeaks_of = "hubspot"\n')
    async with bridge(tmp_path, consuming=False) as here:
        answer = await here.post("Deal ID,Amount\nD1,5\n", connection="billing")
        assert answer.status_code == 422
        assert (
            "billing speaks of hubspot's deals and has none of its own; say connection=hubspot"
            in answer.json()["detail"]
        )


async def test_a_file_of_lone_surrogates_in_its_options_is_no_crash(tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False) as here:
        answer = await here.post(b"x", columns='{"\\ud800": "id"}')
        assert answer.status_code == 422


async def test_a_file_that_is_too_large_or_too_slow_is_told(tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False, import_bytes=1000, import_seconds=0.05) as here:
        assert (await here.post(b"x" * 1001)).status_code == 413

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 100

        async def unread() -> AsyncIterator[bytes]:
            raise AssertionError("what was announced as too large was read")
            yield b""

        announced = here.admin() | {"content-length": "1001"}
        assert (await here.client.post("/v1/imports/deals", content=unread(), headers=announced)).status_code == 413
        answer = await here.client.post("/v1/imports/deals", content=endless(), headers=here.admin())
        assert (answer.status_code, "WANAMAKER_IMPORT_BYTES" in answer.json()["detail"]) == (413, True)


@pytest.mark.parametrize("key", ["analyst_key", "write_key", "secret_key", None])
async def test_only_the_admin_key_imports(key: str | None, tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False) as here:
        keys = here.settings.keyring.workspaces["default"]
        headers = {} if key is None else {"authorization": f"Bearer {getattr(keys, key)}"}
        for method, path in (("POST", "/deals"), ("GET", ""), ("GET", f"/{'a' * 32}"), ("GET", f"/{'a' * 32}/rows")):
            answer = await here.client.request(method, f"/v1/imports{path}", headers=headers)
            assert answer.status_code == (401 if key is None else 403)
        assert [path.name for path in here.desk.directory.iterdir()] == ["lock"]


async def test_a_workspace_sees_its_own_imports_only(tmp_path: Path) -> None:
    async with bridge(tmp_path) as here:
        state = await here.take_in("Deal ID,Status\nD1,open\n")
        for path in ("", "/rows"):
            answer = await here.client.get(f"/v1/imports/{state['id']}{path}", headers=here.admin("north"))
            assert answer.status_code == 404
        own = await here.client.get("/v1/imports", headers=here.admin("north"))
        assert own.json() == {"imports": []}
        other: httpx.Response = await here.post("Deal ID,Status\nD1,open\n", workspace="north")
        assert other.json()["id"] != state["id"]


async def test_nothing_of_an_import_is_found_from_another_workspace_even_by_its_ids(tmp_path: Path) -> None:
    """Its ids hold the workspace already; whoever makes them otherwise must not open a door."""
    async with bridge(tmp_path) as here:
        state = await here.take_in("Deal ID,Amount\nD1,many\n")
        known = await here.desk.find("default", state["id"])
        assert known is not None

        def look(connection: Connection, workspace: str) -> tuple[Any, ...]:
            rows = load_rows(connection, workspace, known.import_id, verdict=None, after=0, limit=9)
            return (
                load_import(connection, workspace, known.import_id),
                load_latest(connection, workspace, known.of_file),
                rows,
            )

        found = await here.desk.database.read(lambda connection: look(connection, "default"))
        assert (found[0], found[1], len(found[2])) == (known, known, 1)
        assert await here.desk.database.read(lambda connection: look(connection, "north")) == (None, None, [])


@pytest.mark.parametrize("name", ["%00", "x", "a" * 33, "A" * 32])
async def test_an_import_that_is_none_is_404(name: str, tmp_path: Path) -> None:
    async with bridge(tmp_path, consuming=False) as here:
        answer = await here.client.get(f"/v1/imports/{name}", headers=here.admin())
        assert answer.status_code == 404


@pytest.mark.postgres
async def test_postgresql_keeps_the_same(tmp_path: Path, postgres_url: str) -> None:
    states = []
    for name, database in (("sqlite", None), ("postgres", postgres_url)):
        (tmp_path / name).mkdir()
        async with bridge(tmp_path / name, database=database) as here:
            state = await here.take_in(GERMAN)
            rows = await here.get(f"{state['id']}/rows")
            states.append((state, rows, await here.take_in(GERMAN, again=True), said(await here.events())))
    assert states[0] == states[1]
