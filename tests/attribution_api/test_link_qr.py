"""The QR code of a link, read by another library (zxing) from the picture itself."""

from __future__ import annotations

import json
import re
import zlib

import pytest
import zxingcpp

from .linking import GO, ROW
from .serving import Api, problem_of

Picture = list[list[int]]
"""Rows of brightness, 0 … 255."""


@pytest.fixture
async def printed(shop: Api) -> Api:
    """A shop with a link."""
    await shop.send("POST", "/v1/links", json.dumps({**ROW, "slug": "summer-sale-2026"}), key="r-w1")
    return shop


async def test_a_phone_reads_the_svg(printed: Api) -> None:
    answer = await printed.ask("/v1/links/summer-sale-2026/qr")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == 'inline; filename="summer-sale-2026.svg"'
    modules = modules_of(answer.text)
    assert read(enlarged(modules, 3)) == (f"{GO}/l/summer-sale-2026", "M")
    assert quiet_zone(modules) == 4


@pytest.mark.parametrize("scale", [2, 10])
async def test_a_phone_reads_the_png(printed: Api, scale: int) -> None:
    answer = await printed.ask("/v1/links/summer-sale-2026/qr", headers={"Accept": "image/png"}, scale=scale)
    assert answer.headers["content-type"] == "image/png"
    picture = pixels_of(answer.content)
    assert read(picture) == (f"{GO}/l/summer-sale-2026", "M")
    assert quiet_zone(picture) == 4 * scale


async def test_the_format_is_chosen_by_parameter_or_accept(printed: Api) -> None:
    path = "/v1/links/summer-sale-2026/qr"
    for parameter, accept, kind in (
        ("png", "image/svg+xml", "image/png"),
        ("svg", "image/png", "image/svg+xml"),
        (None, "image/avif,image/png,image/svg+xml,*/*", "image/svg+xml"),
        (None, "text/html", "image/svg+xml"),
    ):
        parameters = {} if parameter is None else {"format": parameter}
        answer = await printed.ask(path, headers={"Accept": accept}, **parameters)
        assert answer.headers["content-type"] == kind
    problem_of(await printed.ask(path, format="gif"), 400)
    problem_of(await printed.ask(path, scale=51), 422)


async def test_what_should_not_be_printed_has_no_code(printed: Api) -> None:
    problem_of(await printed.ask("/v1/links/unknown/qr"), 404)
    await printed.send("DELETE", "/v1/links/summer-sale-2026", "", key="r-w1")
    problem_of(await printed.ask("/v1/links/summer-sale-2026/qr"), 410)


def read(picture: Picture) -> tuple[str, str]:
    """Text and error level of the one code in a picture."""
    flat = memoryview(bytes(pixel for row in picture for pixel in row))
    (code,) = zxingcpp.read_barcodes(flat.cast("B", (len(picture), len(picture[0]))))
    return code.text, code.ec_level


def quiet_zone(picture: Picture) -> int:
    """How many rows at the top are white."""
    return next(index for index, row in enumerate(picture) if 0 in row)


def enlarged(picture: Picture, by: int) -> Picture:
    return [[pixel for pixel in row for _ in range(by)] for row in picture for _ in range(by)]


def modules_of(svg: str) -> Picture:
    """The modules, from the strokes of the path: `M` and `m` move, `h` draws to the right along a row's middle."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert found is not None
    assert path is not None
    picture = [[255] * int(found[1]) for _ in range(int(found[2]))]
    x, y = 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path[1]):
        if command == "h":
            for column in range(int(x), int(x) + int(first)):
                picture[int(y)][column] = 0
            x += float(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return picture


def pixels_of(png: bytes) -> Picture:
    """The pixels of a black and white PNG (one bit each), as segno writes it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height = (int.from_bytes(chunks[b"IHDR"][start : start + 4]) for start in (0, 4))
    assert chunks[b"IHDR"][8:10] == b"\x01\x00", "one bit, grey"
    data = zlib.decompress(chunks[b"IDAT"])
    stride = (width + 7) // 8
    rows: list[bytes] = []
    for start in range(0, len(data), stride + 1):
        row = data[start + 1 : start + 1 + stride]
        if data[start] == 2:  # the filter "up": differences from the row above
            row = bytes((its + above) % 256 for its, above in zip(row, rows[-1], strict=True))
        else:
            assert data[start] == 0, "segno uses two of the filters"
        rows.append(row)
    assert len(rows) == height
    return [[255 if row[x // 8] >> (7 - x % 8) & 1 else 0 for x in range(width)] for row in rows]
