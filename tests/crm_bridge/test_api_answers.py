"""What a vendor's API may answer: too much, no JSON, somewhere else, later. Nothing fills the memory or gives the access away."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import httpx
import orjson
import pytest

from tests.crm_bridge.signing import NOW, workspace
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.readers import answers
from wanamaker_crm_bridge.readers.answers import MOST_BYTES, ApiRefused, TooLarge
from wanamaker_crm_bridge.readers.api import TRIES, Api, Apis, Exhausted, Fixed

SECRET = "a token of the API"
Answers = Callable[[httpx.Request], httpx.Response]


class Vendor:
    """Gives its answers one by one, the last for ever; keeps when each was asked for, and whom."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[float, httpx.Request]] = []
        self.now = 0.0
        self.wakes: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((self.now, request))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def times(self) -> list[float]:
        return [round(at, 1) for at, _ in self.asked]

    async def pass_time(self, seconds: float) -> None:
        """Whoever else can go on does so first; then it is as late as whoever sleeps shortest waits for."""
        wake = self.now + seconds
        self.wakes.append(wake)
        while self.now < wake:
            for _ in range(20):
                await asyncio.sleep(0)
            if wake == min(self.wakes):
                self.now = max(self.now, wake)
        self.wakes.remove(wake)


def api(vendor: Vendor, answer: Answers | None = None) -> Api:
    keys = replace(workspace("w", {}), crm_access={"crm": {"token": SECRET}})
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer or vendor))
    apis = Apis(client, {"w": keys}, Connections(), vendor.pass_time, lambda: vendor.now)
    made = lambda access: Fixed({"x-api-token": access["token"]})  # noqa: E731
    return apis.of("w", "crm", base="https://api.crm.test", credentials=made, per_second=10)


OK = httpx.Response(200, json={"done": True})


def later(status: int = 429, **headers: str) -> httpx.Response:
    raw = {name.replace("_", "-").encode(): value.encode("latin-1") for name, value in headers.items()}
    return httpx.Response(status, headers=raw)


def date(seconds: float) -> str:
    return formatdate(NOW + seconds, usegmt=True)


class TestWaiting:
    """`Retry-After` before anything else."""

    @pytest.mark.parametrize(
        ("answer", "at"),
        [
            (later(retry_after="7"), 7.0),
            (later(503, retry_after="7"), 7.0),
            (later(retry_after="0"), 0.1),
            (later(retry_after="60"), 60.0),
            (later(retry_after=date(9), date=date(0)), 9.0),
            (later(retry_after=date(-9), date=date(0)), 0.1),
            (later(retry_after=date(9)), 1.0),
            (later(retry_after="-5"), 1.0),
            (later(retry_after="1.5"), 1.0),
            (later(retry_after="²"), 1.0),
            (later(retry_after="soon"), 1.0),
            (later(retry_after="Mon, 99 Foo 99999 99:99:99 GMT", date=date(0)), 1.0),
            (later(x_ratelimit_reset="4"), 4.0),
            (later(x_ratelimit_reset=str(NOW)), 1.0),
            (later(500, x_ratelimit_reset="4"), 1.0),
            (later(500), 1.0),
        ],
        ids=lambda value: (
            str(value) if isinstance(value, float) else "-".join([str(value.status_code), *value.headers])
        ),
    )
    async def test_as_long_as_the_vendor_says(self, answer: httpx.Response, at: float) -> None:
        vendor = Vendor(answer, OK)
        assert await api(vendor).get("/a") == {"done": True}
        assert vendor.times == [0.0, at]

    @pytest.mark.parametrize("asked", ["61", "3600", "86400"])
    async def test_who_wants_to_be_left_alone_for_long_is(self, asked: str) -> None:
        vendor = Vendor(later(retry_after=asked), OK)
        opened = api(vendor)
        with pytest.raises(Exhausted):
            await opened.get("/a")
        vendor.now = max(299.0, float(asked) - 1)
        with pytest.raises(Exhausted, match="was not asked"):
            await opened.get("/a")
        vendor.now += 2
        assert await opened.get("/a") == {"done": True}
        assert len(vendor.asked) == 2

    async def test_no_wait_is_longer_than_a_day(self) -> None:
        vendor = Vendor(later(retry_after="9" * 30), OK)
        opened = api(vendor)
        with pytest.raises(Exhausted):
            await opened.get("/a")
        vendor.now = 86_401
        assert await opened.get("/a") == {"done": True}

    async def test_a_maintenance_that_lasts_is_no_attempt_again_and_again(self) -> None:
        vendor = Vendor(later(503, retry_after="7200"), OK)
        opened = api(vendor)
        with pytest.raises(ApiRefused, match="was answered 503"):
            await opened.get("/a")
        with pytest.raises(Exhausted, match="was not asked"):
            await opened.get("/a")
        assert len(vendor.asked) == 1

    async def test_nobody_else_asks_while_one_is_told_to_wait(self) -> None:
        vendor = Vendor(later(retry_after="7"), OK)
        opened = api(vendor)
        await asyncio.gather(*(opened.get(f"/{number}") for number in range(5)))
        assert len(vendor.asked) == 6
        assert vendor.times[0] == 0.0
        assert min(vendor.times[1:]) >= 7.0

    async def test_a_limit_that_is_used_up_stops_those_who_stand_in_line(self) -> None:
        vendor = Vendor(later())
        opened = api(vendor)
        found = await asyncio.gather(*(opened.get(f"/{number}") for number in range(10)), return_exceptions=True)
        assert all(isinstance(each, Exhausted) for each in found)
        assert len(vendor.asked) == TRIES

    async def test_a_limit_that_passed_between_is_not_used_up(self) -> None:
        vendor = Vendor(*[later(), OK] * TRIES, OK)
        opened = api(vendor)
        for number in range(TRIES + 1):
            assert await opened.get(f"/{number}") == {"done": True}

    async def test_a_fault_of_one_question_holds_up_no_other(self) -> None:
        vendor = Vendor(later(500), OK)
        opened = api(vendor)
        await asyncio.gather(opened.get("/a"), opened.get("/b"))
        assert vendor.times[1] < 1.0

    async def test_never_more_requests_a_second_than_the_vendors_limit(self) -> None:
        vendor = Vendor(OK)
        opened = api(vendor)
        await asyncio.gather(*(opened.get(f"/{number}") for number in range(5)))
        assert vendor.times == [0.0, 0.1, 0.2, 0.3, 0.4]

    async def test_after_four_attempts_it_is_said_who_did_not_answer(self) -> None:
        vendor = Vendor(httpx.ReadTimeout("slow"))
        with pytest.raises(httpx.ReadTimeout):
            await api(vendor).get("/a")
        assert len(vendor.asked) == TRIES


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_the_access_goes_to_no_other_host(self, status: int) -> None:
        vendor = Vendor(httpx.Response(status, headers={"location": "https://evil.test/collect"}))
        opened = api(vendor)
        opened._client.follow_redirects = True  # however the client was made
        with pytest.raises(ApiRefused, match=f"GET /a was answered {status}: a redirect, which is not followed"):
            await opened.get("/a?secret=1")
        assert [request.url.host for _, request in vendor.asked] == ["api.crm.test"]


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            b"<html>somebody@example.com</html>",
            b'{"half": ',
            b"\xff\xfe\xfd",
            b'{"amount": NaN}',
            b'{"amount": -Infinity}',
            b"[" * 100_000,
        ],
        ids=["a page", "half", "no text", "NaN", "infinite", "deep"],
    )
    async def test_a_200_that_is_no_json_is_said_and_not_quoted(self, content: bytes) -> None:
        with pytest.raises(ApiRefused) as refused:
            await api(Vendor(httpx.Response(200, content=content))).get("/a")
        assert str(refused.value) == "GET /a was answered 200 with what is no JSON"

    @pytest.mark.parametrize("status", [200, 204, 304])
    async def test_nothing_is_nothing(self, status: int) -> None:
        assert await api(Vendor(httpx.Response(status))).get("/a") is None

    async def test_numbers_come_through_as_they_were_written(self) -> None:
        written = b'{"value":99999999999999.99,"rate":1.10,"large":1e999,"id":123456789012345678901234567890,"n":7}'
        found = await api(Vendor(httpx.Response(200, content=written))).get("/a")
        assert found["n"] == 7
        assert orjson.dumps(found) == written

    async def test_half_an_emoji_stops_no_page(self) -> None:
        """CRMs cut texts off, and JSON can say half a character, which nothing can write again."""
        written = rb'{"name":"Ann \ud83d","two":["\ud83d\ude00",{"\udc00":1.50}]}'
        found = await api(Vendor(httpx.Response(200, content=written))).get("/a")
        assert orjson.dumps(found).decode() == '{"name":"Ann \ufffd","two":["\U0001f600",{"\ufffd":1.50}]}'


class TestSize:
    @pytest.mark.parametrize("status", [200, 500])
    async def test_an_endless_answer_is_not_read_to_its_end(self, status: int) -> None:
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            while True:
                read += 1 << 20
                yield bytes(1 << 20)

        with pytest.raises(TooLarge, match=f"GET /a was answered more than {MOST_BYTES} bytes"):
            await api(Vendor(httpx.Response(status, content=endless()))).get("/a")
        assert read <= MOST_BYTES + (2 << 20)

    async def test_a_small_answer_that_unpacks_to_a_large_one(self) -> None:
        packed = zlib.compressobj(9, zlib.DEFLATED, 31)
        parts = [packed.compress(bytes(1 << 20)) for _ in range(64)] + [packed.flush()]

        async def bomb() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        answer = httpx.Response(200, headers={"content-encoding": "gzip"}, content=bomb())
        with pytest.raises(TooLarge):
            await api(Vendor(answer)).get("/a")

    async def test_a_packed_answer_is_read(self) -> None:
        answer = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(b'{"a": 1}'))
        assert await api(Vendor(answer)).get("/a") == {"a": 1}

    async def test_an_answer_that_drips_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(answers, "MOST_SECONDS", 0.01)

        async def drips() -> AsyncIterator[bytes]:
            yield b" "
            await asyncio.Event().wait()

        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=drips())

        vendor: Any = Vendor()
        with pytest.raises(httpx.ReadTimeout):
            await api(vendor, answer).get("/a")
