"""When statements of CRMs stand whose objects tell in whole seconds when they changed.

An object often changes twice in a second (automations do that), so each statement has a place within it: a webhook's where it
was told, so that the later one holds, and what the API says behind them all, once the second was over when it was read.
Read earlier it may be old already, and stands before them all. So nothing hides a later state, whatever comes first.
"""

from __future__ import annotations

import re
from typing import Any

from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.mapping import Unmappable

SECOND = 1_000_000
"""In microseconds, like all times here."""

WAIT = 2 * SECOND
"""How long after a webhook the API is asked: its second is over then, also if clocks differ a little."""

_MICROS = re.compile(r"\d{1,16}", re.ASCII)


def told_within(changed: int, told: int) -> int:
    """When what a webhook said at `told` stands, of an object that says it changed in the second that begins at `changed`."""
    return min(max(told, changed + 1), changed + SECOND - 2)


def read_after(changed: int, read: int) -> int:
    """When what the API said at `read` stands."""
    return changed + SECOND - 1 if read >= changed + WAIT else changed


def whole_micros(value: Any, path: str) -> int:
    """Whole microseconds since 1970, as a number."""
    if not isinstance(value, Number) or not _MICROS.fullmatch(value.text):
        raise Unmappable(path, "must be whole microseconds since 1970")
    return int(value.text)
