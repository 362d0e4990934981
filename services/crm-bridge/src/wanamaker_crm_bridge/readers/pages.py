"""Documents that the log takes: of as many objects as fit, and of a list that has an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .answers import MOST_BYTES, ApiRefused, TooLarge


async def fitting(read: Callable[[int], Awaitable[bytes]], size: int) -> bytes:
    """`read` a page of `size` objects, of half as many whenever that is too large for the log."""
    while True:
        try:
            document = await read(size)
            if len(document) <= MOST_BYTES or size == 1:
                return document
        except TooLarge:
            if size == 1:
                raise
        size //= 2


def following(asked: Mapping[str, str], rows: Sequence[Any], after: object) -> dict[str, str]:
    """`next` of an answer: where the page behind these rows begins, nothing after the last one.

    Raises ApiRefused for a list that goes in a circle or on without rows: its run would never be done, and nobody would be told.
    """
    if not after:
        return {}
    if str(after) == asked["after"] or not rows:
        raise ApiRefused(f"the CRM's list of {asked['list']} has no end: its pages repeat themselves or are empty")
    return {"next": str(after)}
