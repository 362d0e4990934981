"""Finds the bytes of each event of a batch without parsing it, so that one broken event does not take its neighbours
along and a failed one is kept exactly as it was sent. Strings and brackets are all it knows of JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Possessive, and an unterminated string runs to the end: linear in any input.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_CLOSES = {b"}": b"{", b"]": b"["}
_ARRAY_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Split:
    """`envelope` is the body with its events taken out (`"batch": []`); `events` are their bytes, in order."""

    envelope: bytes
    events: tuple[bytes, ...]


def split_batch(body: bytes) -> Split | None:
    """Take apart `{…, "batch": [event, …], …}`; None if its brackets do not tell where the events begin and end."""
    open_brackets: list[bytes] = []
    name = b""
    start = end = mark = -1
    pieces: list[bytes] = []
    for token in _TOKEN.finditer(body):
        text = token[0]
        level = len(open_brackets)
        if text[:1] == b'"':
            if level == 1:
                name = text
        elif text in b"[{":
            open_brackets.append(text)
            if level == 1 and text == b"[" and name == b'"batch"':
                start, end, mark, pieces = token.end(), -1, token.end(), []
        elif text == b",":
            if level == _ARRAY_LEVEL and mark >= 0:
                pieces.append(body[mark : token.start()].strip())
                mark = token.end()
        elif not open_brackets or open_brackets.pop() != _CLOSES[text]:
            return None
        elif level == _ARRAY_LEVEL and mark >= 0:
            end = token.start()
            if (last := body[mark:end].strip()) or pieces:
                pieces.append(last)
            mark = -1
    if end < 0 or open_brackets:
        return None
    return Split(body[:start] + body[end:], tuple(pieces))
