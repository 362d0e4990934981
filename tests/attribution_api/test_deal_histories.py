"""GET /v1/deals/{connection}/{deal}/history."""

from __future__ import annotations

from pathlib import Path

from tests.oracle.story import Story

from .serving import Api, serving


def told() -> Story:
    story = Story()
    story.deal("D1", "2026-01-01 10:00", ["C1"], stage="offer", amount="100.00")
    story.deal("D1", "2026-01-02 10:00", stage="Closed Won", currency="JPY", amount="9000")
    story.deal("D2", "2026-01-02 11:00", ["C2"])
    story.deal_merged("D2", "D1", "2026-01-03 10:00")
    story.adjustment("R1", "D2", "-5", "2026-01-05", "2026-01-05 10:00")
    story.deal_deleted("D1", "2026-01-06 10:00")
    story.deal("a/b", "2026-01-01 10:00", name="x")
    return story


async def test_a_deal_as_a_ledger(tmp_path: Path) -> None:
    async with serving(tmp_path, told().entries) as api:
        answer = await api.get("/v1/deals/generic/D1/history")
        assert (answer["connection"], answer["deal"], answer["next"]) == ("generic", "D1", None)
        assert answer["as_of"]
        first, won, merged, adjusted, deleted = answer["history"]
        assert first == {
            "at": "2026-01-01T10:00:00Z",
            "received_at": "2026-01-01T10:00:00Z",
            "type": "deal.revised",
            "source": "generic",
            "event_id": "e01",
            "deal": "D1",
            "into": None,
            "in_force": True,
            "changes": [
                {"property": "amount", "from": None, "to": "100.00"},
                {"property": "stage", "from": None, "to": "offer"},
                {"property": "contacts", "from": [], "to": ["C1"]},
            ],
            "after": {
                "exists": True,
                "status": "open",
                "pipeline": None,
                "stage": "offer",
                "won_at": None,
                "amount": "100.00",
                "currency": "EUR",
                "amount_minor": 10_000,
            },
        }
        assert {"property": "currency", "from": None, "to": "JPY"} in won["changes"]
        assert (won["after"]["status"], won["after"]["won_at"]) == ("won", "2026-01-02T10:00:00Z")
        assert (won["after"]["currency"], won["after"]["amount_minor"]) == ("JPY", 9_000)
        assert (merged["deal"], merged["into"]) == ("D2", "D1")
        assert merged["changes"] == [{"property": "contacts", "from": ["C1"], "to": ["C1", "C2"]}]
        given_back = {"amount": "-5", "currency": None, "at": "2026-01-05"}
        assert adjusted["changes"] == [{"property": "adjustment R1", "from": None, "to": given_back}]
        assert deleted["changes"] == [{"property": "deleted", "from": False, "to": True}]
        assert deleted["after"]["exists"] is False


async def test_one_that_was_merged_away_has_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path, told().entries) as api:
        history = (await api.get("/v1/deals/generic/D2/history"))["history"]
        assert [entry["type"] for entry in history] == ["deal.revised", "deal.merged", "revenue.adjusted"]
        assert history[1]["changes"] == [{"property": "merged_into", "from": None, "to": "D1"}]
        await api.refused(404, "/v1/deals/generic/D2")


async def test_its_pages_are_the_whole(tmp_path: Path) -> None:
    async with serving(tmp_path, told().entries) as api:
        whole = (await api.get("/v1/deals/generic/D1/history"))["history"]
        for limit in (1, 2, 5):
            pages = await api.pages("/v1/deals/generic/D1/history", "history", limit)
            assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
            assert [entry for page in pages for entry in page] == whole


async def test_an_id_may_hold_slashes(tmp_path: Path) -> None:
    async with serving(tmp_path, told().entries) as api:
        assert (await api.get("/v1/deals/generic/a/b/history"))["deal"] == "a/b"
        assert (await api.get("/v1/deals/generic/a/b"))["deal"]["id"] == "a/b"


async def test_an_encoded_slash_is_part_of_an_id(tmp_path: Path) -> None:
    """As what the framework decodes first, `a%2Fhistory` would be the history of `a`, and `a%2Fb` a deal of connection `a`."""
    story = told()
    for deal in ("a", "a/history", "a%2Fb"):
        story.deal(deal, "2026-01-01 10:00", amount=f"{len(deal)}")
    async with serving(tmp_path, story.entries) as api:
        for written, deal in (("a", "a"), ("a%2Fhistory", "a/history"), ("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb")):
            for path in (f"/v1/deals/generic/{written}", f"/v1/deals/{written}"):
                assert (await api.get(path))["deal"]["id"] == deal
            assert (await api.get(f"/v1/deals/generic/{written}/history"))["deal"] == deal
        assert (await api.get("/v1/deals/generic/a/history/history"))["deal"] == "a/history"


async def test_what_nobody_spoke_of_is_not_found(api: Api) -> None:
    for path in ("/v1/deals/generic/D9/history", "/v1/deals/other/D1/history"):
        assert "No record" in (await api.refused(404, path))["detail"]
    await api.refused(400, "/v1/deals/generic/D1/history", cursor="?")
    other = await api.get("/v1/deals/generic/D1/history", workspace="w2")
    assert [entry["after"]["amount"] for entry in other["history"]] == ["7.77"]
