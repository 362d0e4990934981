"""Reading a webhook's body: JSON without loss and without surprises.

Called by the dialects. Numbers keep the text they were sent as (a float would lose cents, a 5,000-digit integer would stop the
parser), and what JSON leaves open is refused: a key twice in one object, `NaN`, `Infinity`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from .unmappable import Unmappable


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number, as the sender wrote it."""

    text: str


def read_json(body: bytes) -> Any:
    """The body's value: dict, list, str, bool, None or `Number`. A leading byte order mark is allowed.

    Raises Unmappable, whose message never quotes the body.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unmappable("body", f"is not UTF-8 at byte {error.start}") from None
    try:
        return json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object_without_repetition,
        )
    except json.JSONDecodeError as error:
        raise Unmappable("body", f"is not JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise Unmappable("body", "is nested too deeply") from None


def _refuse_constant(_: str) -> NoReturn:
    raise Unmappable("body", "holds NaN or Infinity, which JSON does not have")


def _object_without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unmappable("body", "has an object with one key twice; send each once")
    return value
