"""`GET /l/{slug}`: links made by another process are followed at once, retired ones are gone, and nothing else leads anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector import short_links
from wanamaker_collector.app import create_app
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.short_links import ShortLinks
from wanamaker_collector.short_links_api import with_click_ids
from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.tracking_links import LinkCreated, LinkRestored, LinkRetired
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord, TopicPartition

from .conftest import Collector

URL = "https://shop.example/?utm_source=flyer&utm_medium=print&utm_campaign=expo"
Said = LinkCreated | LinkRetired | LinkRestored


def created(slug: str, *, url: str = URL, at: int = 1, workspace: str = "default") -> LinkCreated:
    return LinkCreated(
        workspace=workspace,
        source="links",
        event_id=f"{slug}{at}",
        occurred_at=at,
        received_at=at,
        slug=slug,
        url=url,
        target="https://shop.example/",
        utm_source="flyer",
        medium="print",
        campaign="expo",
    )


def retired(slug: str, *, at: int = 2) -> LinkRetired:
    return LinkRetired(
        workspace="default", source="links", event_id=f"r{at}", occurred_at=at, received_at=at, slug=slug
    )


async def say(log: EventLog, *records: Said) -> None:
    topic = tracking_links.TOPIC
    await log.append([NewRecord(topic, tracking_links.key(record.slug), encode(record)) for record in records])


@pytest.fixture
async def attribution(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    """The log as the process has it that makes links."""
    log = EmbeddedLog(tmp_path / "log", "attribution-serve", partitions=2)
    yield log
    await log.close()


async def test_a_link_is_followed_as_soon_as_it_is_made(collector: Collector, attribution: EmbeddedLog) -> None:
    assert (await collector.anonymous.get("/l/expo")).status_code == 404
    await say(attribution, created("expo"))
    for path in ("/l/expo", "/l/EXPO", "/l/expo/"):
        answer = await collector.anonymous.get(path)
        assert (answer.status_code, answer.headers["location"], answer.content) == (302, URL, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert (await collector.anonymous.head("/l/expo")).headers["location"] == URL
    assert await collector.events() == [], "the page records the visit, not the link"


async def test_an_unknown_link_is_told_in_words(collector: Collector) -> None:
    for path in (
        "/l/nothing",
        "/l/not%20a%20slug",
        "/l/..%2f",
        "/l/%00",
        "/l//evil.example/",
        "/l/",
        "/l/expo//",
        "/l/" + "a" * 5000,
    ):
        answer = await collector.anonymous.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await collector.anonymous.get("/l/nothing")
    assert "typing error" in answer.json()["detail"]
    assert (await collector.anonymous.post("/l/nothing")).status_code == 405


async def test_a_retired_link_is_gone(collector: Collector, attribution: EmbeddedLog) -> None:
    await say(attribution, created("expo"), retired("expo"))
    answer = await collector.anonymous.get("/l/expo")
    assert (answer.status_code, "location" in answer.headers) == (410, False)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_retirement_is_learnt_without_anybody_asking(tmp_path: Path, attribution: EmbeddedLog) -> None:
    """And taken back; the collector as it runs, with its lifespan."""
    log = EmbeddedLog(tmp_path / "log", "collector-serve")
    links = ShortLinks(lambda: log)
    await say(attribution, created("expo"))
    looking = asyncio.create_task(links.keep_looking())
    await until(links, "expo", lambda held: held is not None and not held.retired)
    await say(attribution, retired("expo"))
    await until(links, "expo", lambda held: held.retired)
    restored = LinkRestored(
        workspace="default", source="links", event_id="b", occurred_at=3, received_at=3, slug="expo"
    )
    await say(attribution, restored)
    await until(links, "expo", lambda held: not held.retired)
    looking.cancel()
    await asyncio.wait([looking])
    await log.close()


async def until(links: ShortLinks, slug: str, holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds(await links.find(slug)):
            await asyncio.to_thread(lambda: None)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_links, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(short_links, "_MISS_SECONDS", 0.01)


async def test_the_app_looks_by_itself_and_stops_with_it(
    tmp_path: Path, keys: dict[str, Any], attribution: EmbeddedLog
) -> None:
    log = Watched(tmp_path / "log")
    door = create_app(CollectorSettings(data=tmp_path), log=log)
    app: Any = door._app
    async with app.router.lifespan_context(app):
        async with asyncio.timeout(20):
            while log.looks < 3:
                await asyncio.to_thread(lambda: None)
    looks = log.looks
    await asyncio.to_thread(lambda: None)
    assert [task for task in asyncio.all_tasks() if "keep_looking" in repr(task)] == []
    assert log.looks == looks
    await log.close()


class Watched(EmbeddedLog):
    """Counts the looks; `away` refuses them, `silent` leaves them without an answer."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "collector-serve")
        self.looks = 0
        self.away = self.silent = False
        self.answers = asyncio.Event()

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        self.looks += 1
        if self.silent:
            await self.answers.wait()
        if self.away:
            raise LogUnavailable("away")
        return await super().end_positions(topics)

    async def append(self, records: Sequence[NewRecord]) -> None:
        raise AssertionError("a short link writes nothing")


@pytest.fixture
async def watched(tmp_path: Path, keys: dict[str, Any]) -> AsyncIterator[tuple[Watched, httpx.AsyncClient]]:
    log = Watched(tmp_path / "log")
    door = create_app(CollectorSettings(data=tmp_path), log=log)
    door.log = log
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://collector") as client:
        yield log, client
    await log.close()


@pytest.mark.parametrize("state", ["away", "silent"])
async def test_known_links_go_on_while_the_log_is_away(
    watched: tuple[Watched, httpx.AsyncClient], attribution: EmbeddedLog, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    log, client = watched
    monkeypatch.setattr(short_links, "_PATIENCE_SECONDS", 0.05)
    await say(attribution, created("expo"))
    assert (await client.get("/l/expo")).status_code == 302
    await say(attribution, created("later"))
    setattr(log, state, True)
    assert (await client.get("/l/expo")).headers["location"] == URL
    answer = await client.get("/l/later")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), "nobody can say that there is none"
    setattr(log, state, False)
    log.answers.set()
    monkeypatch.setattr(short_links, "_PATIENCE_SECONDS", 20)
    assert (await client.get("/l/never")).status_code == 404
    assert (await client.get("/l/later")).status_code == 302


async def test_guessing_costs_few_looks(
    watched: tuple[Watched, httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    log, client = watched
    monkeypatch.setattr(short_links, "_MISS_SECONDS", 0.05)
    monkeypatch.setattr(short_links, "_PATIENCE_SECONDS", 20)  # three hundred at once are no matter of patience
    clock = asyncio.get_running_loop().time
    began = clock()
    answers = await asyncio.gather(*(client.get(f"/l/guess-{number}") for number in range(300)))
    answers += [await client.get(f"/l/next-{number}") for number in range(20)]
    assert {answer.status_code for answer in answers} == {404}
    looks = log.looks
    assert looks <= 2 + (clock() - began) / 0.05
    await client.get("/l/not_a_slug")
    assert log.looks == looks, "what cannot be a slug causes none"


async def test_the_first_who_took_a_slug_has_it(collector: Collector, attribution: EmbeddedLog) -> None:
    await say(attribution, created("expo", at=5), created("expo", url="https://evil.example/", at=4, workspace="other"))
    assert (await collector.anonymous.get("/l/expo")).headers["location"] == URL


async def test_a_record_of_a_later_version_is_passed_over(collector: Collector, attribution: EmbeddedLog) -> None:
    strange = b'{"type":"link.coloured","slug":"expo","workspace":"default"}'
    await attribution.append([NewRecord(tracking_links.TOPIC, "default", strange)])
    await say(attribution, created("expo"))
    assert (await collector.anonymous.get("/l/expo")).status_code == 302


@pytest.mark.parametrize(
    ("query", "added"),
    [
        ("", ""),
        ("x=1&utm_source=evil&url=https://evil.example", ""),
        ("fbclid=abc", "&fbclid=abc"),
        ("GCLID=a%20b%26c&fbclid=x", "&gclid=a%20b%26c&fbclid=x"),
        ("gclid=%0d%0aSet-Cookie:%20x", None),
        ("fbclid=ann@example.com", "&fbclid=%28e-mail%29"),
    ],
)
async def test_click_ids_go_along_and_nothing_else(
    collector: Collector, attribution: EmbeddedLog, query: str, added: str | None
) -> None:
    await say(attribution, created("expo", url=f"{URL}#top"))
    location = (await collector.anonymous.get(f"/l/expo?{query}")).headers["location"]
    if added is not None:
        assert location == f"{URL}{added}#top"
    assert location.startswith(f"{URL}")
    assert location.endswith("#top")
    assert location.isascii()
    assert location.isprintable()


@given(st.text("gclidfb=&#?/:@\\%0aA\r\n ", max_size=40))
def test_no_query_changes_where_a_link_leads(query: str) -> None:
    url = with_click_ids(f"{URL}#top", f"gclid={query}")
    assert urlsplit(url)[:3] == urlsplit(URL)[:3]
    assert url.startswith(URL)
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
