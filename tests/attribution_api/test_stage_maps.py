"""Stage and lifecycle maps over HTTP: what is refused and with what word, and that a changed map changes the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.story import Story

from .serving import Api, catch_up, lay_out, opened, problem_of


async def put(api: Api, body: dict[str, Any]) -> Any:
    return await api.send("PUT", "/v1/settings", json.dumps(body))


async def test_maps_are_kept_as_stated(empty: Api) -> None:
    stated = {
        "stage_maps": {" hubspot ": {"*": {" 12 ": "won", "Gagné": "lost"}}, "*": {}},
        "lifecycle_maps": {"*": {"Heiß": "mql", "evangelist": None}},
    }
    assert (await put(empty, stated)).json() == {"accepted": 2}
    await catch_up(empty.data)
    settings = (await empty.get("/v1/settings"))["settings"]
    assert settings["stage_maps"] == {"hubspot": {"*": {"12": "won", "Gagné": "lost"}}, "*": {}}
    assert settings["lifecycle_maps"] == {"*": {"Heiß": "mql", "evangelist": None}}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"stage_maps": []}, "must be an object whose names are connections"),
        ({"stage_maps": {"*": {"A": "won"}}}, "*.A: must be an object whose names are stages"),
        ({"stage_maps": {"hubspot": "won"}}, "hubspot: must be an object whose names are pipelines"),
        (
            {"stage_maps": {"*": {"*": {"A": "win"}}}},
            "*.*.A: must be one of mql, sql, open, opportunity, won, lost",
        ),
        ({"stage_maps": {"*": {"*": {"A": None}}}}, "*.*.A: must be one of"),
        ({"stage_maps": {"*": {"*": {"A": "lead"}}}}, "*.*.A: must be one of"),
        ({"stage_maps": {"*": {"*": {" ": "won"}}}}, "*.*: a stage must have 1 to 256 characters"),
        ({"stage_maps": {"*": {"x" * 257: {}}}}, "*: a pipeline must have 1 to 256 characters"),
        ({"stage_maps": {"a\u0000": {}}}, "a connection must not hold control characters"),
        ({"stage_maps": {"*": {"*": {"A": "won", "A ": "lost"}}}}, "*.*.A: stands there twice"),
        ({"stage_maps": {"*": {"*": {f"S{n}": "won" for n in range(5_000)}}}}, "at most 5000 entries"),
        ({"lifecycle_maps": {"*": {"hot": "won"}}}, "*.hot: must be one of lead, mql, sql,"),
        ({"lifecycle_maps": {"*": {"hot": 0}}}, "customer, churned, null"),
        ({"lifecycle_maps": {"*": {"\ud800": None}}}, "*: a word must not hold"),
    ],
)
async def test_what_is_no_map_is_refused(empty: Api, body: dict[str, Any], says: str) -> None:
    (error,) = problem_of(await put(empty, body), 400)["errors"]
    assert error["name"] in body
    assert says in error["reason"]
    assert len(error["reason"]) < 200


async def test_a_changed_map_changes_the_past(tmp_path: Path) -> None:
    """A Pipedrive-like CRM's deal passes two stages; a HubSpot-like one's contact has a word of its own."""
    story = Story()
    story.contact("C1", "2026-01-02 10:00", emails=["ann@example.com"], lifecycle_stage="Hot")
    story.deal("D1", "2026-01-03 10:00", ["C1"], pipeline="7", stage="12", amount="10.00", currency="EUR")
    story.deal("D1", "2026-01-05 10:00", stage="13")
    await lay_out(tmp_path, story.entries)
    async with opened(tmp_path) as api:
        assert await shown(api) == ("open", 0, {"opportunity": 1})
        await put(api, {"stage_maps": {"generic": {"7": {"12": "sql", "13": "won"}}}})
        await catch_up(tmp_path)
        won = {"lead": 1, "mql": 1, "sql": 1, "opportunity": 1, "deal": 1, "customer": 1}
        assert await shown(api) == ("won", 1_000, won)
        assert await steps(api) == {"lead": "2026-01-03", "mql": "2026-01-03", "sql": "2026-01-03"}
        (sql,) = [each for each in (await api.get("/v1/explain"))["credits"] if each["conversion"]["kind"] == "sql"]
        assert [record["event_id"] for record in sql["records"]["conversion"]] == ["e01", "e02", "e03"]
        await put(api, {"lifecycle_maps": {"*": {"hot": "mql"}}})
        await catch_up(tmp_path)
        assert await steps(api) == {"lead": "2026-01-02", "mql": "2026-01-02", "sql": "2026-01-03"}
        await put(api, {"lifecycle_maps": None, "stage_maps": None})
        await catch_up(tmp_path)
        assert await shown(api) == ("open", 0, {"opportunity": 1})


async def shown(api: Api) -> tuple[str, int, dict[str, int]]:
    """D1's status, the revenue, and how many conversions of each kind there are."""
    deal = (await api.get("/v1/deals/generic/D1"))["deal"]
    counts: dict[str, int] = {}
    for conversion in (await api.get("/v1/conversions"))["conversions"]:
        counts[conversion["kind"]] = counts.get(conversion["kind"], 0) + 1
    return deal["status"], (await api.get("/v1/roi"))["totals"]["revenue_minor"], counts


async def steps(api: Api) -> dict[str, str]:
    conversions = (await api.get("/v1/conversions"))["conversions"]
    return {each["kind"]: each["day"] for each in conversions if each["kind"] in ("lead", "mql", "sql")}
