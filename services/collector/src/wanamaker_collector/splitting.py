"""Finds the bytes of each event of a batch without parsing it, so that one broken event does not take its neighbours
along and a failed one is kept exactly as it was sent. Strings and brackets are all it knows of JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKENS = 100_000
"""As many brackets and commas are looked at, a tenth of a second's worth; a body of honest events has fewer."""

# Possessive, and an unterminated string runs to the end: linear in any input.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_TOKEN = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
_BRACKETS = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[{]++|[\]}]++)?", re.DOTALL)

_OBJECT, _ARRAY = 1, 2
"""Levels: inside the body's object; inside its array of events."""


@dataclass(frozen=True, slots=True)
class Split:
    """`envelope` is the body with its events taken out (`"batch": []`); `events` are their bytes, in order."""

    envelope: bytes
    events: tuple[bytes, ...]


def split_batch(body: bytes, most: int, name: str = "batch") -> Split | None:
    """Take apart `{…, "batch": [event, …], …}` of at most so many events; `name` is that of the list.

    None if there are more, or if the brackets do not tell where the events begin and end. Of two batches the last counts.
    """
    walk = _Walk(body, most, f'"{name}"'.encode())
    for _ in range(TOKENS):
        if not walk.step():
            return walk.found if walk.level == 0 and walk.sound else None
    return None


@dataclass(slots=True)
class _Walk:
    """Where the look at the body stands, and what it has found."""

    body: bytes
    most: int
    wanted: bytes
    place: int = 0
    level: int = 0
    sound: bool = True
    found: Split | None = None
    _name: bytes = b""
    _start: int = -1
    _mark: int = -1
    _events: list[bytes] = field(default_factory=list)

    def step(self) -> bool:
        """Look at the next thing that matters; False at the end, or where the brackets make no sense."""
        token = _TOKEN.search(self.body, self.place)
        if token is None:
            return False
        self.place = token.end()
        text = token[0]
        if text[:1] == b'"':
            if self.level == _OBJECT:
                self._name = text
        elif text == b",":
            if self.level == _ARRAY:
                self._cut(token.start())
        elif text in b"[{":
            self._open(text)
        else:
            self._close(text, token.start())
        return self.sound and len(self._events) <= self.most

    def _open(self, bracket: bytes) -> None:
        if self.level == 0:
            self.sound = bracket == b"{"
            self.level = _OBJECT
        elif self.level == _OBJECT and bracket == b"[" and self._name == self.wanted:
            self.level, self._start, self._mark, self._events = _ARRAY, self.place, self.place, []
        else:
            self._skip()

    def _close(self, bracket: bytes, place: int) -> None:
        if self.level == _ARRAY and bracket == b"]":
            if self.body[self._mark : place].strip() or self._events:
                self._cut(place)
            self.found = Split(self.body[: self._start] + self.body[place:], tuple(self._events))
        elif self.level != _OBJECT or bracket != b"}":
            self.sound = False
        self.level -= 1

    def _cut(self, end: int) -> None:
        self._events.append(self.body[self._mark : end].strip())
        self._mark = end + 1

    def _skip(self) -> None:
        """Go behind the bracket that closes the one just opened, whatever stands between."""
        depth = 1
        for _ in range(TOKENS):
            run = _BRACKETS.match(self.body, self.place)
            if run is None or run[1] is None:
                break
            length = len(run[1])
            if run[1][:1] in b"[{":
                depth += length
            elif length < depth:
                depth -= length
            else:
                self.place = run.start(1) + depth
                return
            self.place = run.end()
        self.sound = False
