"""Takes a gzip body apart, and never makes more of it than the limit: a bomb costs what an honest body of that size costs."""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 1 << 16


class TooMuch(Exception):
    """The body is longer than the limit once it is decompressed."""


class NotGzip(ValueError):
    """The bytes are no complete gzip stream."""


def inflate(body: bytes, limit: int) -> bytes:
    """The bytes that were compressed (RFC 1952, of several members all). At most `limit` plus one piece of 64 KiB is held.

    Raises TooMuch, NotGzip.
    """
    found = bytearray()
    try:
        while body:
            member = zlib.decompressobj(_GZIP)
            while not member.eof:
                piece = member.decompress(body, _PIECE)
                found += piece
                if len(found) > limit:
                    raise TooMuch
                body = member.unconsumed_tail
                if not piece and not body and not member.eof:
                    raise NotGzip("the gzip stream ends too early")
            body = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise NotGzip("the body is no gzip stream") from error
    if not found:
        raise NotGzip("the gzip stream is empty")
    return bytes(found)
