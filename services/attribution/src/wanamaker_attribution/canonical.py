"""The text of a list or an object in a column: the same bytes on both databases, so that rows compare as they are."""

from __future__ import annotations

import orjson


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces; named tuples as lists."""
    return orjson.dumps(value, default=tuple, option=orjson.OPT_SORT_KEYS).decode()
