"""Takes a gzip body apart, and never makes more of it than the limit: a bomb costs what an honest body of that size costs."""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS


class TooMuch(Exception):
    """The body is longer than the limit once it is decompressed."""


class NotGzip(ValueError):
    """The bytes are no complete gzip stream of one member."""


def inflate(body: bytes, limit: int) -> bytes:
    """The bytes that were compressed (RFC 1952). Raises TooMuch, NotGzip.

    One member only, as every sender writes it: a body of a million empty ones would cost seconds.
    """
    member = zlib.decompressobj(_GZIP)
    try:
        found = member.decompress(body, limit + 1)
    except zlib.error as error:
        raise NotGzip("the body is no gzip stream") from error
    if len(found) > limit:
        raise TooMuch
    if not member.eof:
        raise NotGzip("the gzip stream ends too early")
    if member.unused_data:
        raise NotGzip("more stands behind the end of the gzip stream")
    return found
