"""Refusals: why an event cannot be taken, and the ids that are checked on the way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .cleaning import REPLACEMENT

ID_BYTES = 512


class Refused(ValueError):
    """The event cannot be taken. The reason names what to mend and holds nothing of what was sent."""


def id_of(event: Mapping[str, Any], name: str) -> str | None:
    """An id as text; null is none. Whole numbers are taken as their digits, since senders write them so. Raises Refused."""
    value = event.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) * 4 > ID_BYTES and len(value.encode()) > ID_BYTES:
            raise Refused(f"{name} may have at most {ID_BYTES} bytes")
        if REPLACEMENT in value:
            raise Refused(f"{name} contains control characters or broken text")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Refused(f"{name} must be a text")
