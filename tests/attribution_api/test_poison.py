"""Whatever stands in an upload, the answer is a refusal (4xx) or a verdict, never a 5xx; the good rows around it are taken, and
what was taken can be read by everybody."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from tests.collector.test_poison import VALUES
from wanamaker_shared.contracts import ad_spend, failed_events, rates, settings, tracking_links
from wanamaker_shared.eventlog.embedded import EmbeddedLog

from .linking import ROW, links_served
from .serving import PARTITIONS, Api, bearer, catch_up, lay_out, problem_of

UPLOADS = {
    "/v1/links": "POST",
    "/v1/spend": "POST",
    "/v1/rates": "POST",
    "/v1/settings": "PUT",
}
TOPICS: dict[str, TypeAdapter[Any]] = {
    tracking_links.TOPIC: tracking_links.adapter,
    ad_spend.TOPIC: ad_spend.adapter,
    rates.TOPIC: rates.adapter,
    settings.TOPIC: settings.adapter,
}

LINK = b'{"url":"https://shop.example/","source":"a","medium":"email","campaign":"poison",'
LINKS = (
    b'{"url":@,"source":"a","medium":"email","campaign":"poison"}',
    b'{"url":"https://shop.example/","source":@,"medium":"email","campaign":"poison"}',
    b'{"url":"https://shop.example/","source":"a","medium":@,"campaign":"poison"}',
    b'{"url":"https://shop.example/","source":"a","medium":"email","campaign":@}',
    *(LINK + b'"%s":@}' % name for name in (b"term", b"content", b"slug", b"offline", b"allow_similar", b"colour")),
    LINK + b"@:1}",
    b"@",
)
COST = b'"date":"2026-01-02","amount":"1"'
OTHERS = (
    *(("/v1/spend", b"[{%s,%s:@}]" % (COST, name)) for name in (b'"source"', b'"campaign"', b'"id"', b'"channel"')),
    *(("/v1/spend", b"[{%s,%s:@}]" % (COST, name)) for name in (b'"post"', b'"currency"', b'"provider"', b'"x"')),
    *(("/v1/spend", b"[{%s,%s:@}]" % (COST, name)) for name in (b'"account"', b'"campaign_id"', b'"from"', b'"to"')),
    ("/v1/spend", b'[{"from":@,"to":"2026-01-02","amount":"1"}]'),
    ("/v1/spend", b'[{"from":"2026-01-02","to":@,"amount":"1"}]'),
    ("/v1/spend", b'[{"date":@,"amount":"1"}]'),
    ("/v1/spend", b'[{"date":"2026-01-02","amount":@}]'),
    ("/v1/spend", b"[{%s,@:1}]" % COST),
    ("/v1/spend", b"[@]"),
    ("/v1/spend", b"@"),
    ("/v1/rates", b'[{"day":@,"base":"EUR","currency":"USD","rate":"1"}]'),
    ("/v1/rates", b'[{"day":"2026-01-02","base":@,"currency":"USD","rate":"1"}]'),
    ("/v1/rates", b'[{"day":"2026-01-02","base":"EUR","currency":"USD","rate":@}]'),
    ("/v1/rates", b"@"),
    *(("/v1/settings", b'{"%s":@}' % name.encode()) for name in settings.WorkspaceSettings.model_fields),
    ("/v1/settings", b'{"spam_referrers":[@]}'),
    ("/v1/settings", b'{"free_mail_domains":[@]}'),
    ("/v1/settings", b'{"channel_rules":[@]}'),
    ("/v1/settings", b'{"channel_rules":[{"channel":@,"source":"a"}]}'),
    ("/v1/settings", b'{"channel_rules":[{"channel":"X","medium":@}]}'),
    ("/v1/settings", b'{"channel_rules":[{"channel":"X","medium":"x",@:1}]}'),
    ("/v1/settings", b'{"stage_maps":{@:{"*":{"A":"won"}}}}'),
    ("/v1/settings", b'{"stage_maps":{"*":{@:{"A":"won"}}}}'),
    ("/v1/settings", b'{"stage_maps":{"*":{"*":{@:"won"}}}}'),
    ("/v1/settings", b'{"stage_maps":{"*":{"*":{"A":@}}}}'),
    ("/v1/settings", b'{"stage_maps":{"*":{"*":@}}}'),
    ("/v1/settings", b'{"stage_maps":{"*":@}}'),
    ("/v1/settings", b'{"lifecycle_maps":{"*":{@:"mql"}}}'),
    ("/v1/settings", b'{"lifecycle_maps":{"*":{"hot":@}}}'),
    ("/v1/settings", b'{"lifecycle_maps":{"*":@}}'),
    ("/v1/settings", b'{"spend_rules":[@]}'),
    ("/v1/settings", b'{"spend_rules":[{"campaign":@,"channel":"X"}]}'),
    ("/v1/settings", b'{"spend_rules":[{"campaign":"(.*)","to_campaign":@,"to_source":@,"post":@}]}'),
    ("/v1/settings", b'{"spend_rules":[{"campaign":"x","channel":"X",@:1}]}'),
    ("/v1/settings", b"{@:1}"),
    ("/v1/settings", b"@"),
)


@pytest.mark.parametrize("name", VALUES)
async def test_poison_anywhere(shop: Api, name: str) -> None:
    value = VALUES[name]
    good = 0
    for number, place in enumerate(LINKS):
        poison = place.replace(b"@", value)
        alone = await shop.send("POST", "/v1/links", poison)
        assert alone.status_code in (200, 400), (place, alone.text)
        neighbours = [json.dumps({**ROW, "content": f"{number}-{n}"}).encode() for n in range(2)]
        answer = await shop.send("POST", "/v1/links", b"[" + b",".join([neighbours[0], poison, neighbours[1]]) + b"]")
        assert answer.status_code in (200, 400), (place, answer.text)
        if answer.status_code == 200:
            verdicts = [verdict["verdict"] for verdict in answer.json()["links"]]
            assert (verdicts[0], verdicts[-1]) == ("created", "created"), place
            good += 2
    for path, place in OTHERS:
        answer = await shop.send(UPLOADS[path], path, place.replace(b"@", value))
        assert answer.status_code in (200, 400), (path, place, answer.text)
        if answer.status_code == 400:
            problem_of(answer, 400)
    await assert_what_was_taken_is_wholesome(shop, good)


async def assert_what_was_taken_is_wholesome(shop: Api, good: int) -> None:
    await catch_up(shop.data)
    log = EmbeddedLog(shop.data / "log", "reader", partitions=PARTITIONS)
    assert sum((await log.end_positions([failed_events.TOPIC])).values()) == 0, "what is taken is not set aside later"
    for topic, adapter in TOPICS.items():
        for place, end in (await log.end_positions([topic])).items():
            async for batch in log.read(*place, 0, end):
                for record in batch.records:
                    adapter.validate_json(record.value)
                    text = orjson.dumps(orjson.loads(record.value)).decode().replace("\\\\", "")
                    assert not any(f"\\u00{code:02x}" in text for code in range(32)), text
                    assert "\x7f" not in text
    await log.close()
    for path in ("/v1/settings", "/v1/roi"):
        await shop.get(path)
    listed = [link for page in await shop.pages("/v1/links", "links", 1_000) for link in page]
    assert sum(link["content"] is not None and link["campaign"] == ROW["campaign"] for link in listed) >= good


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\x00",
        b"\xef\xbb\xbf",
        "[]".encode("utf-16"),
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'[{"url":' * 10_000,
        b'["' + b'"' * 100_000,
        b"1" * 100_000,
        b"1e" + b"9" * 100_000,
        b"--boundary\r\nContent-Disposition: form-data\r\n\r\n1\r\n--boundary--",
        b"url=1&source=2",
        gzip.compress(b"[" + b" " * 10_000_000 + b"]", mtime=0),
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_bodies_that_are_no_upload(shop: Api, path: str, body: bytes) -> None:
    problem_of(await shop.send(UPLOADS[path], path, body), 400)
    headers = bearer("a-w1") | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await shop.client.request(UPLOADS[path], path, content=body, headers=headers)
    assert problem_of(answer, 400), "nothing is inflated"


@pytest.mark.parametrize("path", UPLOADS)
async def test_a_body_is_read_as_far_as_the_limit_and_no_further(tmp_path: Path, path: str) -> None:
    """With its length said, said wrongly, or not at all (chunked)."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"["
        while True:
            sent += 1 << 14
            yield b'"' + b"x" * (1 << 14) + b'",'

    await lay_out(tmp_path, ())
    async with links_served(tmp_path, upload_bytes=1 << 16) as api:
        problem_of(await api.send(UPLOADS[path], path, b"[" + b"1," * (1 << 16) + b"1]"), 413)
        for headers in ({}, {"Content-Length": "10"}, {"Content-Length": "-1"}):
            answer = await api.client.request(UPLOADS[path], path, content=endless(), headers=bearer("a-w1") | headers)
            problem_of(answer, 413)
    assert sent < 3 * (5 << 14)


@pytest.mark.parametrize(
    "csv",
    [
        b"url,source\n" + b"x" * 200_000,
        b"url\x00,source\nx,y\n",
        b'url,source\n"x',
        b"url,source\n" + b"," * 200_000,
        b"," * 200_000 + b"\nx\n",
        b"\n" * 200_000,
        b"url;url\nx;y\n",
    ],
    ids=lambda csv: repr(csv[:16]),
)
@pytest.mark.parametrize("path", ["/v1/links", "/v1/spend", "/v1/rates"])
async def test_files_that_are_no_table(shop: Api, path: str, csv: bytes) -> None:
    answer = await shop.send("POST", path, csv, kind="text/csv")
    assert answer.status_code in (200, 400), answer.text
    assert len(answer.content) < 1_000
    if answer.status_code == 200:
        document = answer.json()
        assert document.get("accepted", 0) == document.get("created", 0) == 0
