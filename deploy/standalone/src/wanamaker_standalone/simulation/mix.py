"""The demo's mix of events in any number, for benchmarks: demo after demo, each with its own people, in the same days.

Of the web events at least 3 % are forms and of all events at least 1 % are about deals; one in ten of the cookies on which
somebody is known is shared by several people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count

from .simulate import simulate
from .values import SpendRows, Spreadsheet, WebBatch, Webhook


def mix(events: int, seed: int, end: date, *, batch: int = 100) -> Iterator[WebBatch | Webhook]:
    """Exactly `events` web events and webhooks in the order they happened, a demo company at a time (lazily)."""
    left = events
    for copy in count():
        for step in simulate(seed + copy, 90, end, batch=batch).steps:
            if left <= 0:
                return
            match step:
                case WebBatch():
                    yield WebBatch(step.at, step.events[:left])
                    left -= len(step.events)
                case Webhook():
                    yield step
                    left -= 1
                case SpendRows() | Spreadsheet():
                    pass
