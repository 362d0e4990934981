"""A round of the event loop serves for so long and refuses the rest; the next begins afresh."""

from __future__ import annotations

import asyncio

import httpx

from wanamaker_collector.admission import Admission

from .conftest import Collector
from .test_endpoints import EVENTS, assert_problem


class Clock:
    """Each look at it costs a millisecond."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


async def test_a_round_serves_for_so_long() -> None:
    admission = Admission(0.0105, Clock())
    asked = [admission.too_late() for _ in range(20)]
    assert asked == [False] * 11 + [True] * 9
    await asyncio.sleep(0)
    assert not admission.too_late()


async def test_who_is_refused_is_told_to_come_again(collector: Collector) -> None:
    collector.door._admission = Admission(0.0, Clock())
    answers = await asyncio.gather(
        *(collector.browser.post("/v1/page", json={**EVENTS["page"], "messageId": str(n)}) for n in range(10))
    )
    taken = [answer for answer in answers if answer.status_code == 200]
    refused: list[httpx.Response] = [answer for answer in answers if answer.status_code != 200]
    assert taken
    assert refused
    for answer in refused:
        assert_problem(answer, 503)
        assert answer.headers["retry-after"] == "1"
    assert len(await collector.events()) == len(taken)
