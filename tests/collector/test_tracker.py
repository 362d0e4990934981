"""The collector serves the tracker: cached, packed, to any website, also under the owner's paths."""

from __future__ import annotations

import gzip
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from wanamaker_collector.settings import CollectorSettings

from .conftest import Collector, Opened

SCRIPT = files("wanamaker_collector").joinpath("tracker", "t.js").read_bytes()


async def get(collector: Collector, path: str = "/t.js", **headers: str) -> httpx.Response:
    """With no other header than these, of which `_` stands for `-`."""
    named = {"accept-encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await collector.anonymous.get(path, headers=named)


async def test_any_website_may_load_it(collector: Collector) -> None:
    answer = await get(collector)
    assert (answer.status_code, answer.content) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br, GZIP;q=0.5", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("gzip;q=0", None),
        ("deflate, gzip; q=0.000, br", None),
        ("br", None),
        ("gzipped", None),
        ("", None),
    ],
)
async def test_it_comes_packed_to_those_who_unpack(collector: Collector, accepted: str, encoding: str | None) -> None:
    async with collector.anonymous.stream("GET", "/t.js", headers={"accept-encoding": accepted}) as answer:
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert int(answer.headers["content-length"]) == len(body)
    assert (gzip.decompress(body) if encoding else body) == SCRIPT
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_who_has_it_gets_304(collector: Collector) -> None:
    plain, packed = await get(collector), await get(collector, accept_encoding="gzip")
    tags = [answer.headers["etag"] for answer in (plain, packed)]
    assert len(set(tags)) == 2, "two texts under one URL need two tags"
    for known in (tags[0], f"W/{tags[0]}", f'"other", {tags[0]}', "*"):
        answer = await get(collector, if_none_match=known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tags[0])
    assert (await get(collector, if_none_match=tags[1])).status_code == 200
    assert (await get(collector, if_none_match='"other"')).status_code == 200


async def test_head_has_no_body(collector: Collector) -> None:
    answer = await collector.anonymous.head("/t.js", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(SCRIPT)))


async def test_owners_choose_further_paths(
    tmp_path: Path, open_collector: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANAMAKER_TRACKER_PATH", "/assets/shop.js, /x")
    collector = await open_collector(CollectorSettings(data=tmp_path))
    for path in ("/t.js", "/assets/shop.js", "/x"):
        assert (await get(collector, path)).content == SCRIPT
    assert (await get(collector, "/y")).status_code == 404
    paths = (await collector.anonymous.get("/openapi.json")).json()["paths"]
    assert "/t.js" in paths
    assert "/x" not in paths


@pytest.mark.parametrize("path", ["shop.js", "/{path}", "/", "/v1/batch", "/metrics", "/a b.js"])
def test_a_path_that_cannot_be_is_refused_at_the_start(path: str) -> None:
    with pytest.raises(ValidationError, match="a path"):
        CollectorSettings(tracker_path=(path,))
