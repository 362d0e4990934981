"""Exports with other columns than those before them, renamed campaigns, and exports that are all there is (`whole=true`)."""

from __future__ import annotations

import asyncio

from .serving import Api, catch_up, problem_of
from .test_exports import send
from .test_spend import records

BY_ID = "Day,Campaign,Campaign ID,Currency code,Cost\n"
BY_NAME = "Day,Campaign,Currency code,Cost\n"
BY_ACCOUNT = "Day,Campaign,Account,Currency code,Cost\n"
TWICE = "would count twice"


async def take(api: Api, text: str, **parameters: str) -> int:
    """How many costs of earlier exports became 0."""
    answer = await send(api, text, **parameters)
    assert answer.status_code == 200, answer.text
    await catch_up(api.data)
    withdrawn: int = answer.json()["withdrawn"]
    return withdrawn


async def refused_lines(api: Api, text: str, **parameters: str) -> list[int]:
    before = len(await records(api))
    errors = problem_of(await send(api, text, **parameters), 400)["errors"]
    assert all(TWICE in error["reason"] for error in errors)
    assert len(await records(api)) == before
    return [error["line"] for error in errors]


async def spent(api: Api) -> dict[str, int]:
    answer = await api.get("/v1/roi", group_by="campaign")
    return {row["campaign"]: row["spend_minor"] for row in answer["rows"]}


async def test_a_column_that_is_new_or_gone_counts_nothing_twice(empty: Api) -> None:
    await take(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n2026-09-01,B,EUR,2.00\n")
    assert await refused_lines(empty, BY_ID + "2026-09-02,A,1,EUR,1.00\n2026-09-01,A,1,EUR,1.00\n") == [3]
    assert await refused_lines(empty, BY_ACCOUNT + "2026-09-01,B,Shop,EUR,1.00\n") == [2]
    assert await take(empty, BY_ID + "2026-09-01,A,1,EUR,1.00\n2026-09-01,B,2,EUR,3.00\n", whole="true") == 2
    assert await spent(empty) == {"A": 100, "B": 300}
    assert await refused_lines(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n2026-09-02,A,EUR,1.00\n") == [2]


async def test_a_dry_run_tells_it_too(empty: Api) -> None:
    await take(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n")
    told = (await send(empty, BY_ID + "2026-09-01,A,1,EUR,1.00\n", dry_run="true")).json()
    assert ([error["line"] for error in told["errors"]], told["written"], told["withdrawn"]) == ([2], [], 0)
    told = (await send(empty, BY_ID + "2026-09-01,A,1,EUR,1.00\n", dry_run="true", whole="true")).json()
    assert (told["errors"], told["costs"], told["withdrawn"]) == ([], 1, 1)
    assert len(await records(empty)) == 1


async def test_namesakes_are_two_campaigns_by_their_ids_and_by_their_accounts(empty: Api) -> None:
    await take(empty, BY_ID + "2026-09-01,A,1,EUR,1.00\n")
    await take(empty, BY_ID + "2026-09-01,A,2,EUR,2.00\n")
    await take(empty, BY_ACCOUNT + "2026-09-02,B,Shop,EUR,4.00\n")
    await take(empty, BY_ACCOUNT + "2026-09-02,B,Store,EUR,8.00\n")
    assert await spent(empty) == {"A": 300, "B": 1200}


async def test_what_came_to_nothing_does_not_count_twice(empty: Api) -> None:
    await take(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n")
    await take(empty, BY_NAME + "2026-09-01,A,EUR,0\n")
    await take(empty, BY_ID + "2026-09-01,A,1,EUR,3.00\n")
    assert await spent(empty) == {"A": 300}


async def test_a_whole_export_takes_back_renamed_and_vanished_campaigns_of_its_days(empty: Api) -> None:
    await take(empty, BY_NAME + "".join(f"2026-09-0{day},{name},EUR,1.00\n" for day in (1, 2, 3, 4) for name in "AB"))
    renamed = BY_NAME + "2026-09-02,A new,EUR,1.00\n2026-09-03,B,EUR,5.00\n"
    assert await take(empty, renamed, whole="true") == 3
    assert await spent(empty) == {"A": 200, "A new": 100, "B": 700}
    assert await take(empty, renamed, whole="true") == 0
    assert await take(empty, BY_NAME + "2026-09-02,A,EUR,1.00\n2026-09-03,A,EUR,1.00\n", whole="true") == 2
    assert await spent(empty) == {"A": 400, "B": 200}


async def test_a_whole_export_leaves_other_accounts_platforms_and_workspaces_alone(empty: Api) -> None:
    await take(empty, BY_ACCOUNT + "2026-09-01,A,Shop,EUR,1.00\n2026-09-01,B,Store,EUR,2.00\n")
    await take(empty, "Report Name: x\nDate,Campaign name,Spend,Currency\n2026-09-01,C,4.00,EUR\n")
    await send(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n", key="r-w2")
    await catch_up(empty.data)
    assert await take(empty, BY_ACCOUNT + "2026-09-01,D,Shop,EUR,8.00\n", whole="true") == 1
    assert await spent(empty) == {"B": 200, "C": 400, "D": 800}
    assert (await empty.get("/v1/roi", workspace="w2"))["totals"]["spend_minor"] == 100


async def test_exports_sent_together_count_as_one_after_the_other(empty: Api) -> None:
    some = BY_NAME + "2026-09-01,A,EUR,1.00\n2026-09-01,B,EUR,1.00\n"
    every = BY_NAME + "2026-09-01,B,EUR,2.00\n"
    first, second = await asyncio.gather(send(empty, some), send(empty, every, whole="true"))
    assert first.status_code == 200
    if second.status_code == 503:
        await catch_up(empty.data)
        assert await take(empty, every, whole="true") == 1
        assert await spent(empty) == {"B": 200}
    else:
        await catch_up(empty.data)
        assert await spent(empty) == {"A": 100, "B": 100}


async def test_a_whole_export_waits_until_all_before_it_is_counted(empty: Api) -> None:
    await send(empty, BY_NAME + "2026-09-01,A,EUR,1.00\n")
    answer = await send(empty, BY_NAME + "2026-09-01,B,EUR,1.00\n", whole="true")
    assert "Send the file again" in problem_of(answer, 503)["detail"]
    assert answer.headers["retry-after"] == "1"
    assert len(await records(empty)) == 1
    await catch_up(empty.data)
    assert await take(empty, BY_NAME + "2026-09-01,B,EUR,1.00\n", whole="true") == 1
    assert await spent(empty) == {"B": 100}
