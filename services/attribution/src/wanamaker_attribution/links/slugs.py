"""Slugs that nobody thought of: readable, and the same for the same link, so that a repeated request finds what it made. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from wanamaker_shared.contracts.record import canonical

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""Without those that are mistaken for one another in print or in speech: 0 o, 1 i l, u v."""
_LONGEST_WORD = 24
_SHORTEST_TAIL = 4
_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")


def slugs(workspace: str, url: str, *names: str) -> Iterator[str]:
    """What a link may be called, best first: its names one after the other, then with a tail made of its URL."""
    words: list[str] = []
    for name in names:
        if (word := _word(name)) and word not in words:
            words.append(word)
            yield "-".join(words)
    stem = words[:2]
    tail = _tail(workspace, url)
    for length in range(_SHORTEST_TAIL, len(tail) + 1):
        yield "-".join([*stem, tail[:length]])


def _word(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_A_SLUG.sub("-", plain).strip("-")[:_LONGEST_WORD].rstrip("-")


def _tail(workspace: str, url: str) -> str:
    digest = hashlib.sha256(canonical([workspace, url])).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)
