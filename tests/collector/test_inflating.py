"""gzip: what was compressed comes out, and a bomb stops at the limit with little memory."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.inflating import NotGzip, TooMuch, inflate

MEGABYTE = 1 << 20
GZIP = gzip.compress(
    b"abc", mtime=0
)  # the time would be part of the tests' names, which must be the same in every process


@given(st.binary(max_size=2000), st.integers(0, 9))
def test_what_was_compressed_comes_out(whole: bytes, level: int) -> None:
    assert inflate(gzip.compress(whole, level), len(whole)) == whole
    if whole:
        with pytest.raises(TooMuch):
            inflate(gzip.compress(whole, level), len(whole) - 1)


def test_a_bomb_of_one_megabyte_that_holds_a_gigabyte() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(1024)) + packer.flush()
    assert len(bomb) < 1.1 * MEGABYTE
    tracemalloc.start()
    try:
        with pytest.raises(TooMuch):
            inflate(bomb, MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * MEGABYTE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\x1f\x8b",
        GZIP[:-1],
        GZIP[:-9],
        GZIP + b"x",
        gzip.compress(b"", mtime=0) * 1000,
        GZIP[:-8] + b"\x00" * 8,
        zlib.compress(b"abc"),
    ],
)
def test_what_is_no_gzip(body: bytes) -> None:
    with pytest.raises(NotGzip):
        inflate(body, 100)
