"""Documents that the log takes: of as many objects as fit, and of a list that has an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .answers import MOST_BYTES, ApiRefused, TooLarge


def bounded(document: bytes) -> bytes:
    """Raises TooLarge for a document that no record of the log could hold."""
    if len(document) > MOST_BYTES:
        raise TooLarge(f"what was asked for makes more than {MOST_BYTES} bytes")
    return document


async def fitting(read: Callable[[int], Awaitable[bytes]], size: int) -> bytes:
    """`read` a page of `size` objects, of half as many whenever it is too large. Raises TooLarge if a single one is."""
    while True:
        try:
            return bounded(await read(size))
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
