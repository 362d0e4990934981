"""A spreadsheet through the whole of the crm-bridge: judged, imported once, mended, gone on with."""

from __future__ import annotations

import json
from pathlib import Path

from tests.crm_bridge.importing import bridge, deals

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
