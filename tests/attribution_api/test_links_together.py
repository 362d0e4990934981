"""Several processes that make links on one log, at the same moment and with clocks that differ: the log says who has a slug."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord

from .linking import ROW, links_served, make, post, reasons, records, state
from .serving import NOW, Api, lay_out, problem_of


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
