"""Cursors: where a page ended, as opaque text. A cursor is only ever a place in the caller's own workspace."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import Query

from .answers import bad_request

MOST = 1000

Limit = Annotated[int, Query(ge=1, le=MOST, description="Most rows of this page.")]
Cursor = Annotated[str | None, Query(max_length=4000, description="`next` of the page before.")]


def encode_cursor(place: Sequence[str | int]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")


def decode_cursor(cursor: str | None, *shape: type) -> tuple[Any, ...] | None:
    """The place, whose parts have these types. Raises a 400 if it is not one of ours."""
    if cursor is None:
        return None
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise bad_request("cursor: not one that this service gave out; leave it out to begin again") from error
    if not isinstance(place, list) or [type(part) for part in place] != list(shape) or not _fits(place):
        raise bad_request("cursor: belongs to another list; leave it out to begin again")
    return tuple(place)


def _fits(place: Sequence[object]) -> bool:
    """Whether a database can compare with it."""
    return all(
        abs(part) < 1 << 63 if isinstance(part, int) else "\x00" not in str(part)  # PostgreSQL refuses NUL
        for part in place
    )
