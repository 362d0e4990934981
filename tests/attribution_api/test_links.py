"""/v1/links: what is made is durable, the same for every process, and made once; what would be lost is refused, row by row."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from wanamaker_attribution.link_plan import Judged, Plan
from wanamaker_attribution.schemas.links import LinkAnswer, LinkRow, LinksAnswer, LinksMade
from wanamaker_attribution.settings import AttributionSettings
from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord

from .linking import GO, ROW, links_served, state
from .serving import NOW, Api, catch_up, lay_out, problem_of


async def post(api: Api, body: Any, *, key: str = "r-w1", path: str = "/v1/links") -> httpx.Response:
    return await api.send("POST", path, json.dumps(body), key=key)


async def make(api: Api, *rows: dict[str, Any], key: str = "r-w1") -> list[dict[str, Any]]:
    """The verdicts."""
    answer = await post(api, list(rows), key=key)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert LinksMade.model_validate(document).model_dump(mode="json") == document, "as documented"
    verdicts: list[dict[str, Any]] = document["links"]
    counted = [verdict["verdict"] for verdict in verdicts]
    for name in ("created", "exists", "restored", "refused"):
        assert document[name] == counted.count(name)
    return verdicts


async def reasons(api: Api, **changed: Any) -> str:
    """Why a single link is refused."""
    problem = problem_of(await post(api, {**ROW, **changed}), 400)
    return "; ".join(error["reason"] for error in problem["errors"])


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


async def records(data: Path) -> list[dict[str, Any]]:
    log = EmbeddedLog(data / "log", "reader")
    found = []
    for at, end in (await log.end_positions([tracking_links.TOPIC])).items():
        async for batch in log.read(*at, 0, end):
            found += [orjson.loads(record.value) for record in batch.records]
    await log.close()
    return found


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


class Together:
    """Several processes' view of one log, as Kafka gives it: each may append. `away` refuses."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.away = False
        self.before_append: asyncio.Barrier | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, records: list[NewRecord]) -> None:
        if self.before_append is not None:
            barrier, self.before_append = self.before_append, None
            await barrier.wait()
        await self._log.append(records)
        if self.away:
            raise LogUnavailable("no answer, although it is written")


@asynccontextmanager
async def two_processes(data: Path) -> AsyncIterator[tuple[tuple[Api, Together], tuple[Api, Together]]]:
    await lay_out(data, ())
    log: Any = EmbeddedLog(data / "log", "attribution-serve", partitions=2)
    one: Any = Together(log)
    two: Any = Together(log)
    async with links_served(data, log=one) as first, links_served(data, log=two, clock=NOW - 5_000_000) as second:
        await state(first, {"own_domains": ["shop.example"]})
        yield (first, one), (second, two)
    await log.close()


async def test_a_link_of_one_process_is_known_to_the_other_at_once(tmp_path: Path) -> None:
    """Also where the other's clock is behind."""
    async with two_processes(tmp_path) as ((first, _), (second, _)):
        await make(first, ROW)
        assert (await make(second, ROW))[0]["verdict"] == "exists"
        assert "taken" in await reasons(second, slug="spring-sale", content="b")
        assert 'reads like "spring-sale"' in await reasons(second, campaign="Spring Sale")
        assert (await second.send("DELETE", "/v1/links/spring-sale", "", key="r-w1")).json()["link"]["retired_at"]
        assert (await first.get("/v1/links/spring-sale"))["link"]["retired_at"]
        assert (await make(first, ROW))[0]["verdict"] == "restored"
        assert (await second.get("/v1/links/spring-sale"))["link"]["retired_at"] is None
        await first.send("DELETE", "/v1/links/spring-sale", "", key="r-w1")
        assert (await make(second, ROW))[0]["verdict"] == "restored"
        assert (await first.get("/v1/links/spring-sale"))["link"]["retired_at"] is None


async def test_two_who_take_one_slug_at_the_same_moment_do_not_both_get_it(tmp_path: Path) -> None:
    """Both saw it free. One of them has it; the other is told, or given another where the slug was not its choice."""
    async with two_processes(tmp_path) as ((first, one), (second, two)):
        for slug in ("deal", None):
            one.before_append = two.before_append = asyncio.Barrier(2)
            row = {**ROW, "campaign": "summer", **({"slug": slug} if slug else {})}
            answers = await asyncio.gather(make(first, {**row, "content": "1"}), make(second, {**row, "content": "2"}))
            verdicts = [answer[0] for answer in answers]
            listed = {link["slug"]: link for link in (await first.get("/v1/links"))["links"]}
            if slug:
                assert sorted(verdict["verdict"] for verdict in verdicts) == ["created", "refused"]
            else:
                assert {verdict["link"]["slug"] for verdict in verdicts} == {"summer", "summer-newsletter"}
            for verdict in verdicts:
                if verdict["link"]:
                    assert listed[verdict["link"]["slug"]] == verdict["link"]


async def test_a_row_sent_twice_has_the_slug_that_the_log_gave_it(tmp_path: Path) -> None:
    """Also where another process took, between the looks, the slug that both copies were to have."""
    async with two_processes(tmp_path) as ((first, one), (second, two)):
        one.before_append = two.before_append = barrier = asyncio.Barrier(2)
        mine, theirs = {**ROW, "content": "1"}, {**ROW, "content": "2"}
        answers = await asyncio.gather(make(first, mine, mine), make(second, theirs, theirs))
        assert barrier.n_waiting == 0
        listed = {link["slug"]: link for link in (await first.get("/v1/links"))["links"]}
        assert len(listed) == 2
        for answer in answers:
            assert [listed[verdict["link"]["slug"]] for verdict in answer] == [verdict["link"] for verdict in answer]


async def test_an_answer_that_never_came_is_found_by_the_next_request(tmp_path: Path) -> None:
    async with two_processes(tmp_path) as ((first, one), _):
        one.away = True
        problem = problem_of(await post(first, [ROW]), 503)
        assert "again" in problem["detail"]
        one.away = False
        assert (await make(first, ROW))[0]["verdict"] == "exists"
        assert len(await records(tmp_path)) == 1


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
