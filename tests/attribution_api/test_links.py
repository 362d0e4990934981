"""/v1/links: what is made is durable, the same for every process, and made once; what would be lost is refused, row by row."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from wanamaker_attribution.links.plan import Judged, Plan
from wanamaker_attribution.schemas.links import LinkAnswer, LinkRow, LinksAnswer
from wanamaker_attribution.settings import AttributionSettings
from wanamaker_shared.eventlog.embedded import EmbeddedLog

from .linking import GO, ROW, links_served, make, post, reasons, records, state
from .serving import Api, catch_up, lay_out, problem_of


async def test_a_link_says_where_its_visits_land(shop: Api) -> None:
    (verdict,) = (await post(shop, ROW)).json()["links"]
    link = verdict["link"]
    assert (verdict["verdict"], verdict["channel"], link["slug"]) == ("created", "Email", "spring-sale")
    assert link["url"] == f"{ROW['url']}?utm_source=newsletter&utm_medium=email&utm_campaign=spring-sale"
    assert link["short_url"] == f"{GO}/l/spring-sale"
    answer = await shop.get("/v1/links/spring-sale")
    assert answer["link"] == link
    assert LinkAnswer.model_validate(answer).model_dump(mode="json") == answer


async def test_the_same_request_again_gives_the_same_links(shop: Api) -> None:
    rows = [ROW, {**ROW, "content": "footer"}, {**ROW, "slug": "Hello", "term": "x"}]
    first, again = await make(shop, *rows), await make(shop, *rows)
    assert [verdict["verdict"] for verdict in first] == ["created"] * 3
    assert [verdict["verdict"] for verdict in again] == ["exists"] * 3
    assert [verdict["link"] for verdict in again] == [verdict["link"] for verdict in first]
    assert [verdict["link"]["slug"] for verdict in first] == ["spring-sale", "spring-sale-newsletter", "hello"]
    assert len(await records(shop.data)) == 3


async def test_each_row_has_a_verdict_of_its_own(shop: Api) -> None:
    verdicts = await make(
        shop,
        {**ROW, "medium": "flyer"},
        ROW,
        {**ROW, "campaign": "Spring Sale"},
        {**ROW, "campaign": "spring sale", "allow_similar": True},
        {"url": ROW["url"], "colour": "red"},
        7,  # type: ignore[arg-type]
    )
    assert [verdict["verdict"] for verdict in verdicts] == [
        "refused",
        "created",
        "refused",
        "created",
        "refused",
        "refused",
    ]
    assert [verdict["index"] for verdict in verdicts] == list(range(6))
    assert (verdicts[0]["channel"], verdicts[0]["link"]) == ("Unassigned", None)
    assert "Unassigned" in verdicts[0]["reason"]
    assert '"spring-sale" of another row' in verdicts[2]["reason"]
    assert "source is missing" in verdicts[4]["reason"]
    assert "colour is not a known field" in verdicts[4]["reason"]
    assert verdicts[5]["reason"] == "must be an object"
    assert len(await records(shop.data)) == 2, "what was refused left nothing"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"medium": "flyer"}, "would land in Unassigned"),
        ({"source": "(direct)", "medium": "(none)"}, "would read as Direct"),
        ({"url": "https://evil.example/"}, "evil.example, which is not a domain of this workspace"),
        ({"url": "https://shop.example.evil.example/"}, "not a domain of this workspace"),
        ({"url": "https://shop.example/?utm_source=a"}, "utm_source already"),
        ({"url": "ftp://shop.example/"}, "https://"),
        ({"url": "https://shop.example/" + "a" * 3000}, "2000"),
        ({"url": 7}, "url Input should be a valid string"),
        ({"campaign": "a\x00b"}, "campaign must not hold control characters"),
        ({"campaign": "a\nb"}, "campaign must not hold control characters"),
        ({"term": "\ud800"}, "term must not hold control characters"),
        ({"campaign": "ü" * 128}, "campaign must have at most 255 bytes"),
        ({"content": "for ann@example.com"}, "content must not hold an e-mail address"),
        ({"source": None}, "source is missing"),
        ({"campaign": "  "}, "campaign is missing"),
        ({"campaign": "(not set)"}, "campaign must not be blank"),
        ({"slug": "two words"}, "slug must be 1 to 64"),
        ({"slug": "../x"}, "slug must be 1 to 64"),
        ({"offline": "perhaps"}, "offline"),
    ],
)
async def test_what_is_refused_says_why_and_leaves_nothing(shop: Api, changed: dict[str, Any], says: str) -> None:
    told = await reasons(shop, **changed)
    assert says in told
    assert "ann@" not in told
    assert await records(shop.data) == []


async def test_all_that_is_wrong_is_said_at_once(shop: Api) -> None:
    await make(shop, ROW)
    problem = problem_of(
        await post(shop, {**ROW, "medium": "flyer", "campaign": "Spring_Sale", "slug": "spring-sale"}), 400
    )
    told = [error["reason"] for error in problem["errors"]]
    assert [sorted(error) for error in problem["errors"]] == [["index", "reason"]] * 3
    assert "Unassigned" in told[0]
    assert '"spring-sale", made 2026-03-31; use that, or send allow_similar: true' in told[1]
    assert told[2] == "slug is taken by another link; choose another one, or leave it out"
    assert problem["channel"] == "Unassigned"


async def test_sources_and_mediums_clash_too_and_are_compared_as_visits_read_them(shop: Api) -> None:
    await make(shop, ROW)
    assert (await make(shop, {**ROW, "source": "NEWSLETTER", "content": "b"}))[0]["verdict"] == "created"
    told = await reasons(shop, source="News Letter", medium="e-mail")
    assert 'source reads like "newsletter"' in told
    assert 'medium reads like "email"' in told
    assert (await make(shop, {**ROW, "campaign": "Spring Sale"}, key="r-w2"))[0]["verdict"] == "created", (
        "not of others"
    )


async def test_names_of_visits_and_costs_count_as_names_in_use(shop: Api) -> None:
    spend = [{"date": "2026-03-02", "source": "google", "medium": "cpc", "campaign": "Summer_2026", "amount": "1"}]
    assert (await shop.send("POST", "/v1/spend", json.dumps(spend))).status_code == 200
    await catch_up(shop.data)
    told = await reasons(shop, source="google", medium="cpc", campaign="summer 2026")
    assert told == (
        'campaign reads like "Summer_2026", in reports since 2026-03-02; use that, or send allow_similar: true to have both'
    )
    assert (await make(shop, {**ROW, "campaign": "Summer_2026"}))[0]["verdict"] == "created"


async def test_the_workspaces_own_rules_say_the_channel(shop: Api) -> None:
    flyer = {**ROW, "source": "expo", "medium": "flyer", "offline": True}
    assert '{"channel":"Offline","medium":"flyer"}' in await reasons(shop, **flyer)
    await state(shop, {"channel_rules": [{"channel": "Offline", "medium": "flyer"}]})
    (verdict,) = await make(shop, flyer)
    assert (verdict["verdict"], verdict["channel"], verdict["link"]["offline"]) == ("created", "Offline", True)
    await state(shop, {"channel_rules": [{"channel": "Events", "source": "expo"}]})
    assert (await shop.get(f"/v1/links/{verdict['link']['slug']}"))["link"]["channel"] == "Events"


async def test_a_retired_link_keeps_its_slug_and_can_come_back(shop: Api) -> None:
    await make(shop, ROW)
    for _ in range(2):
        answer = await shop.send("DELETE", "/v1/links/Spring-Sale", "", key="r-w1")
        assert answer.json()["link"]["retired_at"] is not None
    assert [record["type"] for record in await records(shop.data)] == ["link.created", "link.retired"]
    assert "taken" in await reasons(shop, url="https://shop.example/other", slug="spring-sale")
    assert (await make(shop, {**ROW, "url": "https://shop.example/other"}))[0]["link"][
        "slug"
    ] == "spring-sale-newsletter"
    (verdict,) = await make(shop, ROW)
    assert (verdict["verdict"], verdict["link"]["retired_at"]) == ("restored", None)
    assert (await make(shop, ROW, ROW))[1]["verdict"] == "exists"
    problem_of(await shop.send("DELETE", "/v1/links/nothing", "", key="r-w1"), 404)


async def test_a_workspace_sees_and_changes_its_own_links_only(shop: Api) -> None:
    await make(shop, ROW)
    problem_of(await shop.ask("/v1/links/spring-sale", workspace="w2"), 404)
    problem_of(await shop.ask("/v1/links/spring-sale/qr", workspace="w2"), 404)
    problem_of(await shop.send("DELETE", "/v1/links/spring-sale", "", key="r-w2"), 404)
    assert (await shop.get("/v1/links", workspace="w2"))["links"] == []
    (verdict,) = await make(shop, ROW, key="r-w2")
    assert verdict["link"]["slug"] == "spring-sale-newsletter", "a short link names no workspace"
    (verdict,) = await make(shop, {**ROW, "slug": "spring-sale"}, key="r-w2")
    assert "taken" in verdict["reason"]
    assert (await shop.get("/v1/links/spring-sale"))["link"]["retired_at"] is None


async def test_only_readers_of_reports_make_links(shop: Api) -> None:
    problem_of(await post(shop, ROW, key="w-w1"), 403)
    problem_of(await post(shop, ROW, key="s-w1"), 403)
    problem_of(await post(shop, ROW, key="?"), 401)
    assert (await post(shop, ROW, key="a-w1")).status_code == 200


async def test_links_are_listed_in_pages_as_json_and_csv(shop: Api) -> None:
    await make(shop, *({**ROW, "campaign": f"c{number}"} for number in range(5)))
    await shop.send("DELETE", "/v1/links/c3", "", key="r-w1")
    pages = await shop.pages("/v1/links", "links", 2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [link["slug"] for page in pages for link in page] == ["c0", "c1", "c2", "c3", "c4"]
    answer = await shop.get("/v1/links")
    assert LinksAnswer.model_validate(answer).model_dump(mode="json") == answer
    answer = await shop.ask("/v1/links", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [bool(row["retired_at"]) for row in rows] == [False, False, False, True, False]
    assert (rows[0]["short_url"], rows[0]["channel"], rows[0]["offline"]) == (f"{GO}/l/c0", "Email", "false")
    problem_of(await shop.ask("/v1/links", format="parquet"), 400)


async def test_many_at_once_as_csv(shop: Api) -> None:
    """As a spreadsheet in Germany saves it."""
    sent = "\ufeffurl;source;medium;campaign;slug;offline\r\n"
    sent += "https://shop.example/a;radio;audio;Frühling;;yes\r\n\r\nhttps://shop.example/b;expo;flyer;expo;e;1\r\n"
    answer = await shop.send("POST", "/v1/links?format=csv", sent, key="r-w1", kind="text/csv; charset=utf-8")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["line"], first["verdict"], first["short_url"]) == ("2", "created", f"{GO}/l/fruhling")
    assert (first["channel"], first["offline"]) == ("Audio", "true")
    assert first["url"].endswith("?utm_source=radio&utm_medium=audio&utm_campaign=Fr%C3%BChling")
    assert (second["line"], second["verdict"], second["channel"], second["url"]) == ("4", "refused", "Unassigned", "")
    assert "channel_rules" in second["reason"]


@pytest.mark.parametrize("body", ["", "7", '"x"', "{", '{"url": 1, "url": 2}', "null"])
async def test_a_body_that_is_no_link_is_refused(shop: Api, body: str) -> None:
    problem_of(await shop.send("POST", "/v1/links", body, key="r-w1"), 400)


async def test_a_row_with_thousands_of_fields_is_refused_in_few_words(shop: Api) -> None:
    """Each unknown field told by itself would make an answer many times as long as the request."""
    for row in ({f"f{number}": 1 for number in range(50_000)}, {**ROW, "a": 1, "b": 2}):
        (verdict,) = await make(shop, row)
        assert verdict["verdict"] == "refused"
        assert len(verdict["reason"]) < 200
    assert verdict["reason"].startswith("a, b are not known fields (known: url, source")


async def test_others_are_answered_while_a_long_plan_is_judged(shop: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 rows take about a second: readiness must not look lost for so long."""
    turns = 0
    judged_at: list[int] = []
    judge = Plan.judge

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def judge_then(plan: Plan, row: LinkRow) -> Judged:
        judged_at.append(turns)
        return judge(plan, row)

    monkeypatch.setattr(Plan, "judge", judge_then)
    asking = asyncio.create_task(others())
    verdicts = await make(shop, *({**ROW, "content": str(number)} for number in range(1_000)))
    asking.cancel()
    assert len(verdicts) == len(judged_at) == 1_000
    assert max(Counter(judged_at).values()) <= 50, "rows in one go"


async def test_limits_of_a_request(shop: Api) -> None:
    problem_of(await post(shop, [{}] * 10_001), 413)
    problem_of(await shop.send("POST", "/v1/links", "url\n" + "x\n" * 10_001, key="r-w1", kind="text/csv"), 413)
    problem_of(await shop.send("POST", "/v1/links", "x", key="r-w1", kind="text/plain"), 415)
    assert (await post(shop, [])).json()["links"] == []


async def test_without_a_public_address_there_is_no_short_url(tmp_path: Path) -> None:
    await lay_out(tmp_path, ())
    async with links_served(tmp_path, collector_url=None) as api:
        await state(api, {"own_domains": ["shop.example"]})
        (verdict,) = await make(api, ROW)
        assert verdict["link"]["short_url"] is None
        told = await reasons(api, offline=True, campaign="x")
        assert "WANAMAKER_COLLECTOR_URL" in told
        assert "WANAMAKER_COLLECTOR_URL" in problem_of(await api.ask("/v1/links/spring-sale/qr"), 409)["detail"]


async def test_a_link_is_there_after_a_restart(shop: Api, tmp_path: Path) -> None:
    (verdict,) = await make(shop, ROW)
    async with links_served(tmp_path, log=EmbeddedLog(tmp_path / "log", "another-serve")) as other:
        assert (await other.get("/v1/links/spring-sale"))["link"] == verdict["link"]


@pytest.mark.parametrize("address", ["go.shop.example", "ftp://x", "https://x/?a=b", "https://ann@x", "https://x\n"])
def test_a_public_address_that_is_none_stops_the_start(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"https://go\.shop\.example"):
        AttributionSettings(data=tmp_path, collector_url=address)


def test_a_public_address_loses_its_last_slash(tmp_path: Path) -> None:
    assert AttributionSettings(data=tmp_path, collector_url=f"{GO}/x/").collector_url == f"{GO}/x"
    assert AttributionSettings(data=tmp_path, collector_url="").collector_url is None


async def test_the_examples_of_the_documentation_are_made(shop: Api) -> None:
    """Those of docs/links.md, with the rules it gives: each lands where the page says."""
    page = (Path(__file__).parents[2] / "docs" / "links.md").read_text()
    rules = re.search(r'\{"channel_rules": .*?\}\]\}', page, re.DOTALL)
    assert rules is not None
    await state(shop, json.loads(rules[0]))
    examples = [json.loads(found) for found in re.findall(r'\{"url": "[^{}…]*\}', page)]
    verdicts = await make(shop, *examples)
    assert [verdict["verdict"] for verdict in verdicts] == ["created"] * 3
    assert [verdict["channel"] for verdict in verdicts] == ["Email", "Print", "Audio"]
    assert verdicts[0]["link"]["short_url"] in page
    assert verdicts[0]["link"]["url"] in page
    assert verdicts[2]["link"]["slug"] == "spring"
